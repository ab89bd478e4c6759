#!/usr/bin/env python3
"""Makes the fixtures of HuBERT, data2vec-audio and WavLM: tiny random checkpoints, transformers' activations of them,
and WavLM's buckets of relative positions.

usage: generate_families.py [--peer ../shared/peers/activations.py] [NAME …]

Run from the repository's root, after generate.py. NAME makes one folder alone. See README.md for what each folder is,
and for versions and tolerances.
"""
import argparse, json, os, shutil, subprocess, sys

parser = argparse.ArgumentParser()
parser.add_argument("--peer", default="../shared/peers/activations.py")
parser.add_argument("names", nargs="*")
arguments = parser.parse_args()

import numpy as np, safetensors.torch, torch, transformers
from safetensors.numpy import load_file, save_file

torch.set_num_threads(1)
here = os.path.dirname(os.path.abspath(__file__))

# 0.4 s, and 3 s: the stored audio five times, forwards and backwards, at gains that float32 multiplies exactly.
audio = load_file(os.path.join(here, "audio.safetensors"))["audio"]
turns = [audio[::-1] if i % 2 else audio for i in range(5)]
lengths = {
    "short": audio[:6400],
    "long": np.concatenate([turn * np.float32(gain) for turn, gain in zip(turns, (1, 0.5, 0.75, 1.25, 0.25))]),
}


def activations(folder, x):
    """Every layer by name, [frames, units]; of a layer with many frames, every so manyth, so that 40 or fewer stay."""
    model = transformers.AutoModel.from_pretrained(folder).eval()
    if transformers.AutoFeatureExtractor.from_pretrained(folder).do_normalize:
        x = (x - x.mean()) / np.sqrt(x.var() + 1e-7)
    layers = {}

    def keep(name):
        def hook(_, __, output):
            first = output[0] if isinstance(output, tuple) else output
            layers[name] = first[0].T if name.startswith("conv") else first[0]
        return hook

    for i, layer in enumerate(model.feature_extractor.conv_layers):
        layer.register_forward_hook(keep(f"conv{i}"))
    model.feature_projection.register_forward_hook(keep("projection"))
    with torch.inference_mode():
        output = model(torch.from_numpy(np.ascontiguousarray(x))[None], output_hidden_states=True)
    for i, hidden in enumerate(output.hidden_states):
        layers["embedding" if i == 0 else f"transf{i - 1}"] = hidden[0]
    if getattr(model.config, "do_stable_layer_norm", False):
        layers[f"transf{model.config.num_hidden_layers - 1}.norm"] = output.last_hidden_state[0]
    return {name: layer[:: -(-len(layer) // 40)].contiguous().numpy() for name, layer in layers.items()}


def reference(model, folder):
    both = {f"{length}/{name}": layer for length, x in lengths.items() for name, layer in activations(model, x).items()}
    save_file(both, os.path.join(folder, "reference.safetensors"))


def wanted(name):
    return not arguments.names or name in arguments.names


# From the peer script as it is.
for kind in ("hubert", "data2vec-audio", "wavlm"):
    if not wanted(f"{kind}-1"):
        continue
    folder = os.path.join(here, f"{kind}-1")
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, arguments.peer, "make", kind, "1", folder], check=True)
    reference(folder, folder)

# Smaller ones: heads, the other norms, even and odd kernels, and linear weights wide enough for attention to matter.
T = transformers
small = dict(hidden_size=12, num_hidden_layers=2, num_attention_heads=3, intermediate_size=20, conv_dim=(6, 8, 7),
             conv_kernel=(10, 4, 5), conv_stride=(16, 5, 4), num_conv_pos_embedding_groups=2, vocab_size=8,
             initializer_range=0.3)
variants = {
    "hubert-large": (11, lambda: T.HubertForCTC(T.HubertConfig(
        **small, num_conv_pos_embeddings=6, feat_extract_norm="layer", do_stable_layer_norm=True, conv_bias=True))),
    "hubert-batch-norm": (12, lambda: T.HubertForSequenceClassification(T.HubertConfig(
        **small, num_conv_pos_embeddings=5, feat_proj_layer_norm=False, conv_pos_batch_norm=True))),
    "hubert-sharded": (17, lambda: T.HubertForCTC(T.HubertConfig(**small, num_conv_pos_embeddings=6))),
    "data2vec-audio-even": (13, lambda: T.Data2VecAudioForCTC(T.Data2VecAudioConfig(
        **small, conv_pos_kernel_size=4, num_conv_pos_embeddings=2, conv_bias=True, layer_norm_eps=1e-2))),
    "data2vec-audio-wide": (18, lambda: T.Data2VecAudioModel(T.Data2VecAudioConfig(
        **small, conv_pos_kernel_size=9, num_conv_pos_embeddings=5))),
    "wavlm-stable": (14, lambda: T.WavLMForCTC(T.WavLMConfig(
        **small, num_conv_pos_embeddings=6, feat_extract_norm="layer", do_stable_layer_norm=True, num_buckets=17,
        max_bucket_distance=64))),
    "wavlm-post": (15, lambda: T.WavLMModel(T.WavLMConfig(
        **small, num_conv_pos_embeddings=5, num_buckets=320, max_bucket_distance=800))),
    "wavlm-float16": (16, lambda: T.WavLMModel(T.WavLMConfig(
        **small, num_conv_pos_embeddings=5, num_buckets=20, max_bucket_distance=30))),
}
for name, (seed, make) in variants.items():
    if not wanted(name):
        continue
    folder = os.path.join(here, name)
    shutil.rmtree(folder, ignore_errors=True)
    torch.manual_seed(seed)
    model = make()
    with torch.no_grad():
        for tensor, w in [*model.named_parameters(), *model.named_buffers()]:
            if "running_var" in tensor:
                w.uniform_(0.5, 2)
            elif w.is_floating_point() and (w.ndim == 1 or "pos_conv" in tensor):
                w.add_(0.2 * torch.randn_like(w))
            elif "rel_attn_embed" in tensor or "gru_rel_pos" in tensor:
                w.add_(torch.randn_like(w))
            if name == "wavlm-float16":  # the reference runs in float32 on the very weights that are stored
                w.copy_(w.half())
    model.save_pretrained(folder, **(dict(max_shard_size="5KB") if name == "hubert-sharded" else {}))
    T.Wav2Vec2FeatureExtractor(do_normalize=True).save_pretrained(folder)
    reference(folder, folder)
    if name == "wavlm-float16":
        file = os.path.join(folder, "model.safetensors")
        halves = {tensor: w.half() for tensor, w in safetensors.torch.load_file(file).items()}
        safetensors.torch.save_file(halves, file)

if wanted("wavlm-buckets"):
    table = []
    for buckets, distance in ((320, 800), (32, 80), (17, 64), (4, 2), (16, 64), (32, 128), (64, 1024), (10, 1000)):
        attention = T.models.wavlm.modeling_wavlm.WavLMAttention(4, 1, num_buckets=buckets, max_distance=distance)
        positions = torch.arange(-distance - 20, distance + 21)
        table.append(dict(num_buckets=buckets, max_bucket_distance=distance, first=int(positions[0]),
                          buckets=attention._relative_positions_bucket(positions).tolist()))
    with open(os.path.join(here, "wavlm-buckets.json"), "w") as file:
        json.dump(table, file, separators=(",", ":"))
        file.write("\n")

print(json.dumps(dict(torch=torch.__version__, transformers=transformers.__version__, numpy=np.__version__)))
