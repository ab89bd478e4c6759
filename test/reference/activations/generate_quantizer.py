#!/usr/bin/env python3
"""Makes the fixtures of wav2vec 2.0's quantizer: tiny random pre-training checkpoints, and what transformers' quantizer
gives when it is not training; and the tensors of every fine-tuned class, by name and shape.

usage: generate_quantizer.py

Run from the repository's root, after generate.py. See README.md for what each folder is, and for versions and tolerances.
"""
import json, os, shutil
import numpy as np, safetensors.torch, torch, transformers as T
from safetensors.numpy import load_file, save_file

torch.set_num_threads(1)
here = os.path.dirname(os.path.abspath(__file__))
audio = load_file(os.path.join(here, "audio.safetensors"))["audio"]
turns = [audio[::-1] if i % 2 else audio for i in range(5)]
lengths = {
    "short": audio[:6400],
    "long": np.concatenate([turn * np.float32(gain) for turn, gain in zip(turns, (1, 0.5, 0.75, 1.25, 0.25))]),
}
small = dict(hidden_size=12, num_hidden_layers=1, num_attention_heads=3, intermediate_size=16, conv_dim=(6, 8, 10),
             conv_kernel=(10, 4, 5), conv_stride=(16, 5, 4), num_conv_pos_embedding_groups=2, num_conv_pos_embeddings=6,
             vocab_size=8, initializer_range=0.3)
variants = {
    "quantizer-320": (31, dict(num_codevectors_per_group=320, num_codevector_groups=2, codevector_dim=8, proj_codevector_dim=6), "F32"),
    "quantizer-5": (32, dict(num_codevectors_per_group=5, num_codevector_groups=2, codevector_dim=12, proj_codevector_dim=4,
                             feat_extract_norm="layer", do_stable_layer_norm=True, conv_bias=True), "F32"),
    "quantizer-40": (33, dict(num_codevectors_per_group=40, num_codevector_groups=4, codevector_dim=8, proj_codevector_dim=10), "F16"),
}
types = {"F32": torch.float32, "F16": torch.float16}
for name, (seed, config, kind) in variants.items():
    folder = os.path.join(here, name)
    shutil.rmtree(folder, ignore_errors=True)
    torch.manual_seed(seed)
    model = T.Wav2Vec2ForPreTraining(T.Wav2Vec2Config(**small, **config)).eval()
    with torch.no_grad():
        for tensor, w in model.named_parameters():
            if w.ndim == 1 or "pos_conv" in tensor:
                w.add_(0.2 * torch.randn_like(w))
            elif tensor == "quantizer.weight_proj.weight":
                w.copy_(torch.randn_like(w))
            w.copy_(w.to(types[kind]))  # the reference runs in float32 on the very weights that are stored
    model.save_pretrained(folder)
    if kind == "F16":
        file = os.path.join(folder, "model.safetensors")
        safetensors.torch.save_file({k: w.half() for k, w in safetensors.torch.load_file(file).items()}, file)
    T.Wav2Vec2FeatureExtractor(do_normalize=True).save_pretrained(folder)
    reference = {}
    groups, codes = config["num_codevector_groups"], config["num_codevectors_per_group"]
    for length, x in lengths.items():
        x = np.ascontiguousarray((x - x.mean()) / np.sqrt(x.var() + 1e-7))
        logits, quantized = [], []
        hooks = [model.quantizer.weight_proj.register_forward_hook(lambda _, __, out: logits.append(out)),
                 model.quantizer.register_forward_hook(lambda _, __, out: quantized.append(out))]
        with torch.inference_mode():
            output = model(torch.from_numpy(x)[None])
        for hook in hooks:
            hook.remove()
        scores = logits[0].reshape(-1, groups, codes)
        best = scores.topk(2, dim=-1)
        reference |= {
            f"{length}/quantizer.indices": best.indices[..., 0].float().contiguous().numpy(),
            # How far the second is below the first, in SDs of the logits.
            f"{length}/margin": ((best.values[..., 0] - best.values[..., 1]) / scores.std()).contiguous().numpy(),
            f"{length}/quantizer.codevectors": quantized[0][0][0].contiguous().numpy(),
            f"{length}/quantizer.projected": output.projected_quantized_states[0].contiguous().numpy(),
            f"{length}/perplexity": output.codevector_perplexity.reshape(1).numpy(),
        }
    save_file(reference, os.path.join(folder, "reference.safetensors"))

# What each class saves, by name and shape; the config is the class's as well.
classes = {
    T.Wav2Vec2Config: ["Wav2Vec2Model", "Wav2Vec2ForPreTraining", "Wav2Vec2ForCTC", "Wav2Vec2ForSequenceClassification",
                       "Wav2Vec2ForAudioFrameClassification", "Wav2Vec2ForXVector"],
    T.HubertConfig: ["HubertModel", "HubertForCTC", "HubertForSequenceClassification"],
    T.WavLMConfig: ["WavLMModel", "WavLMForCTC", "WavLMForSequenceClassification", "WavLMForAudioFrameClassification", "WavLMForXVector"],
    T.Data2VecAudioConfig: ["Data2VecAudioModel", "Data2VecAudioForCTC", "Data2VecAudioForSequenceClassification",
                            "Data2VecAudioForAudioFrameClassification", "Data2VecAudioForXVector"],
    T.WhisperConfig: ["WhisperModel", "WhisperForConditionalGeneration", "WhisperForAudioClassification"],
}
heads = dict(use_weighted_layer_sum=True, tdnn_dim=(4, 4), tdnn_kernel=(2, 1), tdnn_dilation=(1, 1), xvector_output_dim=4,
             classifier_proj_size=4, codevector_dim=4, proj_codevector_dim=4, num_codevectors_per_group=3)
whisper = dict(d_model=8, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2, decoder_attention_heads=2,
               encoder_ffn_dim=8, decoder_ffn_dim=8, vocab_size=60, max_target_positions=4, classifier_proj_size=4,
               use_weighted_layer_sum=True, pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1)
table = []
temporary = "/tmp/heschl-classes"
for config, names in classes.items():
    for name in names:
        shutil.rmtree(temporary, ignore_errors=True)
        values = whisper if config is T.WhisperConfig else {**small, **heads}
        if config is T.Data2VecAudioConfig:
            values = {k: v for k, v in values.items() if k != "num_conv_pos_embeddings"}
        getattr(T, name)(config(**values)).save_pretrained(temporary)
        with open(os.path.join(temporary, "config.json")) as file:
            saved = json.load(file)
        keep = {k: v for k, v in saved.items() if k in {"model_type", "architectures", *values}}
        keep |= {k: saved[k] for k in ("num_conv_pos_embeddings", "num_mel_bins", "max_source_positions") if k in saved}
        tensors = load_file(os.path.join(temporary, "model.safetensors"))
        table.append(dict(name=name, config=keep, tensors={k: list(w.shape) for k, w in tensors.items()}))
shutil.rmtree(temporary, ignore_errors=True)
with open(os.path.join(here, "classes.json"), "w") as file:
    json.dump(table, file, separators=(",", ":"))
    file.write("\n")
print(json.dumps(dict(torch=torch.__version__, transformers=T.__version__, numpy=np.__version__)))
