#!/usr/bin/env python3
"""Makes the fixtures of Whisper's encoder: tiny random checkpoints, transformers' activations of them, and its log-mel
spectrograms.

usage: generate_whisper.py

Run from the repository's root; audio is the demo's own (resources/demo/stimuli/run-1.flac). See README.md for what each
folder is, and for versions and tolerances.
"""
import json, os, shutil
import numpy as np, safetensors.torch, soundfile, torch, transformers as T
from safetensors.numpy import save_file

torch.set_num_threads(1)
here = os.path.dirname(os.path.abspath(__file__))
speech, rate = soundfile.read("resources/demo/stimuli/run-1.flac", dtype="float32")
assert rate == 16000 and speech.ndim == 1
# From where the story is under way; the last is longer than half of what the model takes.
lengths = {"short": speech[32000:38400], "middle": speech[32000:80000], "long": speech[: 27 * 16000]}
kept = {"short": 10, "middle": 12, "long": 12}


def few(layer, most):
    return np.ascontiguousarray(layer[:: -(-len(layer) // most)])


def activations(folder, x, bands):
    """Every layer by name, [frames, units], without the frames beyond the audio, every so manyth."""
    model = T.AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    encoder = getattr(model, "encoder")
    layers = {}
    for i, layer in enumerate(encoder.layers):
        layer.register_forward_hook(lambda _, __, out, i=i: layers.__setitem__(f"transf{i}", out[0] if isinstance(out, tuple) else out))
    encoder.conv1.register_forward_hook(lambda _, __, out: layers.__setitem__("conv0", torch.nn.functional.gelu(out).transpose(1, 2)))
    encoder.conv2.register_forward_hook(lambda _, __, out: layers.__setitem__("conv1", torch.nn.functional.gelu(out).transpose(1, 2)))
    extractor = T.WhisperFeatureExtractor.from_pretrained(folder)
    mel = extractor(x, sampling_rate=16000, return_tensors="pt").input_features
    assert mel.shape == (1, bands, 3000)
    with torch.inference_mode():
        out = encoder(mel)
    layers["embedding"] = layers["conv1"] + encoder.embed_positions.weight[None].detach()
    layers[f"transf{len(encoder.layers) - 1}.norm"] = out.last_hidden_state
    for name, layer in layers.items():
        layer = layer.reshape(-1, layer.shape[-1])
        layers[name] = layer[: -(-len(x) // (160 if name == "conv0" else 320))].numpy()
    return layers, mel[0].numpy()


# name: seed, class, config, SD of linear weights, stored type
variants = {
    "whisper-1": (21, T.WhisperModel, dict(num_mel_bins=80, d_model=12, encoder_layers=2, encoder_attention_heads=3, encoder_ffn_dim=20), "F32"),
    "whisper-128": (22, T.WhisperForConditionalGeneration, dict(num_mel_bins=128, d_model=8, encoder_layers=3, encoder_attention_heads=2, encoder_ffn_dim=16), "F32"),
    "whisper-classifier": (23, T.WhisperForAudioClassification, dict(num_mel_bins=80, d_model=16, encoder_layers=1, encoder_attention_heads=4, encoder_ffn_dim=12, num_labels=3), "F16"),
    "whisper-sharded": (24, T.WhisperForConditionalGeneration, dict(num_mel_bins=80, d_model=8, encoder_layers=4, encoder_attention_heads=1, encoder_ffn_dim=8), "BF16"),
}
types = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
mels = {}
for name, (seed, cls, config, kind) in variants.items():
    folder = os.path.join(here, name)
    shutil.rmtree(folder, ignore_errors=True)
    torch.manual_seed(seed)
    model = cls(T.WhisperConfig(
        **config, decoder_layers=1, decoder_attention_heads=1, decoder_ffn_dim=4, vocab_size=16, max_target_positions=4,
        init_std=0.3, pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1, suppress_tokens=None,
        begin_suppress_tokens=None))
    with torch.no_grad():
        for tensor, w in model.named_parameters():
            if w.ndim == 1:
                w.add_(0.2 * torch.randn_like(w))
            elif "embed_positions" in tensor:
                w.add_(0.3 * torch.randn_like(w))
            w.copy_(w.to(types[kind]))  # the reference runs in float32 on the very weights that are stored
    model.to(types[kind]).save_pretrained(folder, **(dict(max_shard_size="6KB") if "sharded" in name else {}))
    T.WhisperFeatureExtractor(feature_size=config["num_mel_bins"]).save_pretrained(folder)
    for extra in ("generation_config.json",):
        if os.path.exists(os.path.join(folder, extra)):
            os.remove(os.path.join(folder, extra))
    reference = {}
    for length, x in lengths.items():
        layers, mel = activations(folder, x, config["num_mel_bins"])
        if name in ("whisper-1", "whisper-128"):
            bands = config["num_mel_bins"]
            mels[f"{bands}/{length}"] = few(mel.T[: -(-len(x) // 160)], 40)
            mels[f"{bands}/{length}/after"] = mel.T[-1:].copy()
        for layer, values in layers.items():
            reference[f"{length}/{layer}"] = few(values, kept[length])
    save_file(reference, os.path.join(folder, "reference.safetensors"))

# The last mel frames are mirrored at the very end of 30 s.
full = speech[16000 : 31 * 16000]
extractor = T.WhisperFeatureExtractor()
mel = extractor(full, sampling_rate=16000, return_tensors="np").input_features[0]
mels["80/full"] = np.ascontiguousarray(mel.T[[0, 1, 2, 1000, 2000, 2997, 2998, 2999]])
save_file(mels, os.path.join(here, "whisper-mel.safetensors"))
print(json.dumps(dict(torch=torch.__version__, transformers=T.__version__, numpy=np.__version__)))
