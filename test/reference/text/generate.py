#!/usr/bin/env python3
"""Makes the fixtures of models that read words: tiny random GPT-2 checkpoints with tokenizers trained on a few lines,
transformers' activations of them for each word of three stories, and its tokens of hard texts.

usage: generate.py

Run from anywhere. See README.md for what each folder is, and for versions and tolerances.
"""
import json, os, shutil

import numpy as np, safetensors.torch, torch, transformers
from safetensors.numpy import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

torch.set_num_threads(1)
here = os.path.dirname(os.path.abspath(__file__))

TRAINING = """Once when I was six years old I saw a magnificent picture in a book, called True Stories from Nature.
It wasn't a hat; it's a boa constrictor that's digesting an elephant. They'll say: "I've seen 1, 22 and 333 of them!"
The grown-ups' response, this time, was to advise me to lay aside my drawings and devote myself to geography.
Ça n'a pas d'importance. Das Mädchen läuft über die Straße. 我们 看 见 大象。 Ελληνικά και русский текст."""

HARD = [
    "", " ", "a", " a", "Hello world", "  two  spaces   three", "tabs\tand\nlines\n\n end ", "it's they'll I've we'd I'M I'S 's",
    "don't’t ’s", "1 22 333 4444 x1y2z3 ½ ² Ⅷ ٣", "naïve café Straße ÀÉÎ", "e\u0301 combining n\u0303", "我们看见大象。日本語テキスト",
    "русский текст Ελληνικά", "emoji 👩‍👩‍👧 🧠!? 🇫🇷", "a\u00a0b\u2003c\u3000d\u2028e", "\u0085x\u0085", "\x1cx\x1f y\x00z", "zero\u200bwidth \ufeffbom\u180e",
    "...wait---what?!? (yes) [no] {maybe} <|endoftext|> after<|endoftext|>", "<|endoftext", "https://example.org/a_b?c=d&e=%20",
    "MiXeD CaSe ALLCAPS", "'", "''s", " 's 't", "word 's", "trailing   ", "\u202eright to left\u202c مرحبا שלום", "ﬁ ligature Ⅻ ℌ", "क्षत्रिय हिन्दी ไทย",
    "\U0001f9e0" * 3, "aaaaaaaaaaaaaaaaaaaaaaaa", "the the the thethethe", "½x", "a\r\nb", "_under_score_ snake_case", "€5.00 £3 ¥7 $1,000.50",
]

STORY = (TRAINING.replace("\n", " ") + " " + """Vous êtes sûr ? 'Twas the 42nd o'clock's end — naïve co-operation's 3.14 ...
so it goes and it goes and the elephant is in the boa and the boa in the book""").split()
LENGTHS = {"short": 5, "medium": 20, "long": 170}
words = {name: [STORY[i % len(STORY)] for i in range(n)] for name, n in LENGTHS.items()}


def tokenizer_of(size):
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trained.decoder = decoders.ByteLevel()
    trained.train_from_iterator([TRAINING], trainers.BpeTrainer(
        vocab_size=size, special_tokens=["<|endoftext|>"], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    return json.loads(trained.to_str())["model"]


def windows(counts, context, longest):
    """[start, first, end) in words: written down anew from docs/architecture.md's words, not from Heschl's code."""
    first = 0
    while first < len(counts):
        if context is None:
            start = first
            while start > 0 and sum(counts[start - 1:first]) <= longest // 2:
                start -= 1
            end = first
            while end < len(counts) and sum(counts[start:end + 1]) <= longest:
                end += 1
        else:
            start, end = max(0, first - context), first + 1
            while sum(counts[start:end]) > longest:
                start += 1
        yield start, first, end
        first = end


def run(model, ids):
    """Every layer by name, [tokens, units]: by hooks, and compared with the model's own list."""
    layers = {}

    def keep(name):
        def hook(_, __, output):
            layers[name] = (output[0] if isinstance(output, tuple) else output)[0]
        return hook

    hooks = [block.register_forward_hook(keep(f"transf{i}")) for i, block in enumerate(model.h)]
    with torch.inference_mode():
        output = model(torch.tensor([ids]), output_hidden_states=True)
    for hook in hooks:
        hook.remove()
    hidden = output.hidden_states
    assert len(hidden) == len(model.h) + 1
    for i in range(len(model.h) - 1):
        assert torch.equal(hidden[i + 1][0], layers[f"transf{i}"]), i
    layers["embedding"] = hidden[0][0]
    layers[f"transf{len(model.h) - 1}.norm"] = output.last_hidden_state[0]
    run.last_is_normed = torch.equal(hidden[-1], output.last_hidden_state)
    return {name: layer.double().numpy() for name, layer in layers.items()}


def word_activations(model, tokenizer, story, context=None, last=False):
    text = " ".join(story)
    encoded = tokenizer(text, return_offsets_mapping=True, add_special_tokens=False)
    ids, offsets = encoded["input_ids"], encoded["offset_mapping"]
    spaces = np.cumsum([len(word) + 1 for word in story]) - 1
    # A token belongs to the word in which its last character is; a space belongs to the word after it.
    owner = [int(np.searchsorted(spaces, end - 1, side="right")) for _, end in offsets]
    counts = [owner.count(i) for i in range(len(story))]
    assert owner == sorted(owner) and min(counts) > 0
    starts = np.concatenate([[0], np.cumsum(counts)])
    found, plan = {}, list(windows(counts, context, model.config.n_positions))
    for start, first, end in plan:
        layers = run(model, ids[starts[start]:starts[end]])
        for name, layer in layers.items():
            for word in range(first, end):
                own = layer[starts[word] - starts[start]:starts[word + 1] - starts[start]]
                found.setdefault(name, []).append(own[-1] if last else own.mean(axis=0))
    return {name: np.array(rows, np.float32) for name, rows in found.items()}, ids, counts, plan


def randomise(model, seed, deviation):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, value in model.named_parameters():
            noise = torch.randn(value.shape, generator=generator)
            if name.endswith("bias"):
                value.copy_(0.2 * noise)
            elif ".ln_" in name or name.startswith("ln_") or "ln_f" in name:
                value.copy_(1 + 0.3 * noise)
            else:
                value.copy_(deviation * noise)


def save_tokenizer(folder, kind, model, prefix_space):
    options = {"tokenizer_class": "GPT2Tokenizer", "add_prefix_space": prefix_space}
    if kind == "parts":
        with open(os.path.join(folder, "vocab.json"), "w") as file:
            json.dump(model["vocab"], file)
        with open(os.path.join(folder, "merges.txt"), "w") as file:
            file.write("#version: 0.2\n" + "".join(" ".join(pair) + "\n" for pair in model["merges"]))
        if prefix_space:
            with open(os.path.join(folder, "tokenizer_config.json"), "w") as file:
                json.dump(options, file)
        return transformers.GPT2Tokenizer(
            vocab=model["vocab"], merges=[tuple(pair) for pair in model["merges"]], add_prefix_space=prefix_space)
    fast = transformers.GPT2Tokenizer(vocab=model["vocab"], merges=[tuple(pair) for pair in model["merges"]], add_prefix_space=prefix_space)
    fast.save_pretrained(folder)
    return transformers.GPT2Tokenizer.from_pretrained(folder)


variants = {
    # name: (seed, class, dtype, sharded, tokenizer, prefix space, config)
    "gpt2-1": (1, transformers.GPT2Model, None, None, "parts", False, dict(n_positions=64, n_embd=24, n_layer=3, n_head=3)),
    "gpt2-lm": (2, transformers.GPT2LMHeadModel, None, "20KB", "whole", False, dict(
        n_positions=48, n_embd=20, n_layer=2, n_head=5, n_inner=36, layer_norm_epsilon=0.01, scale_attn_by_inverse_layer_idx=True,
        reorder_and_upcast_attn=True)),
    "gpt2-bfloat16": (3, transformers.GPT2Model, torch.bfloat16, None, "parts", True, dict(
        n_positions=40, n_embd=18, n_layer=2, n_head=2, activation_function="gelu", scale_attn_weights=False)),
    "gpt2-float16": (4, transformers.GPT2LMHeadModel, torch.float16, None, "whole", True, dict(
        n_positions=57, n_embd=16, n_layer=2, n_head=4, activation_function="relu")),
}
json.dump({"texts": HARD, "words": words}, open(os.path.join(here, "texts.json"), "w"), ensure_ascii=True)
for name, (seed, kind, dtype, shard, files, prefix_space, options) in variants.items():
    folder = os.path.join(here, name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    vocabulary = tokenizer_of(330 + 20 * seed)
    tokenizer = save_tokenizer(folder, files, vocabulary, prefix_space)
    config = transformers.GPT2Config(vocab_size=len(vocabulary["vocab"]), **options, bos_token_id=0, eos_token_id=0)
    model = kind(config).eval()
    randomise(model, seed, 0.25)
    if dtype:
        model = model.to(dtype)
    model.save_pretrained(folder, **({"max_shard_size": shard} if shard else {}))
    for extra in ("generation_config.json",):
        if os.path.exists(os.path.join(folder, extra)):
            os.remove(os.path.join(folder, extra))
    if name == "gpt2-1":
        # As files of 2019 have them: causal masks among the weights.
        path = os.path.join(folder, "model.safetensors")
        tensors = safetensors.torch.load_file(path)
        for i in range(config.n_layer):
            tensors[f"h.{i}.attn.bias"] = torch.tril(torch.ones(1, 1, config.n_positions, config.n_positions))
            tensors[f"h.{i}.attn.masked_bias"] = torch.tensor(-1e4)
        safetensors.torch.save_file(tensors, path, metadata={"format": "pt"})
    # On the stored weights, in float32.
    model = transformers.GPT2Model.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    reference, facts = {}, {"tokens": [tokenizer(text, add_special_tokens=False)["input_ids"] for text in HARD], "stories": {}}
    for length, story in words.items():
        for how, arguments in {"full": {}, "context3": {"context": 3, "last": True}}.items():
            found, ids, counts, plan = word_activations(model, tokenizer, story, **arguments)
            step = 1 if length != "long" else 3
            reference.update({f"{length}/{how}/{layer}": np.ascontiguousarray(rows[::step]) for layer, rows in found.items()})
            facts["stories"].setdefault(length, {"ids": ids, "counts": counts})[how] = plan
    save_file(reference, os.path.join(folder, "reference.safetensors"))
    json.dump(facts, open(os.path.join(folder, "reference.json"), "w"))
    print(name, len(vocabulary["vocab"]), {k: sum(v["counts"]) for k, v in facts["stories"].items()}, "last hidden state is normed:", run.last_is_normed)
