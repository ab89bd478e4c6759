#!/usr/bin/env python3
"""Makes this folder's fixtures: tiny random wav2vec 2.0 checkpoints, and transformers' activations of them.

usage: generate.py [--peer ../shared/peers/activations.py]

Run from the repository's root. See README.md for what each folder is, and for versions and tolerances.
"""
import argparse, json, os, shutil, subprocess, sys, tempfile

parser = argparse.ArgumentParser()
parser.add_argument("--peer", default="../shared/peers/activations.py")
peer = parser.parse_args().peer

import numpy as np, safetensors.torch, soundfile, torch, transformers
from safetensors.numpy import load_file, save_file

here = os.path.dirname(os.path.abspath(__file__))
work = tempfile.mkdtemp()

# 0.6 s at 16 kHz: gliding harmonics under a slow envelope, noise, and an offset, so that normalisation shows.
seconds = np.arange(9600) / 16000
phase = 2 * np.pi * np.cumsum(110 + 60 * np.sin(2 * np.pi * 1.7 * seconds)) / 16000
voiced = sum(np.sin(k * phase) / k for k in range(1, 12)) * (0.55 + 0.45 * np.sin(2 * np.pi * 4 * seconds))
audio = (0.08 * voiced + 0.01 * np.random.default_rng(0).standard_normal(9600) + 0.02).astype(np.float32)
wav = os.path.join(work, "audio.wav")
soundfile.write(wav, audio, 16000, subtype="FLOAT")
save_file({"audio": audio}, os.path.join(here, "audio.safetensors"))


def reference(model, out):
    """Every layer; of the three fastest ones every 8th, 4th and 2nd frame, to keep the files small."""
    path = os.path.join(work, "all.safetensors")
    subprocess.run([sys.executable, peer, "run", model, wav, path, "--threads", "1"], check=True)
    layers = load_file(path)
    config = transformers.AutoConfig.from_pretrained(model)
    if config.do_stable_layer_norm:  # the norm after the last block, which hidden_states does not have
        normalize = transformers.Wav2Vec2FeatureExtractor.from_pretrained(model).do_normalize
        x = (audio - audio.mean()) / np.sqrt(audio.var() + 1e-7) if normalize else audio
        with torch.inference_mode():
            last = transformers.AutoModel.from_pretrained(model).eval()(torch.from_numpy(x)[None]).last_hidden_state
        layers[f"transf{config.num_hidden_layers - 1}.norm"] = last[0].numpy()
    for name, step in (("conv0", 8), ("conv1", 4), ("conv2", 2)):
        layers[name] = np.ascontiguousarray(layers[name][::step])
    save_file(layers, out)


# From the peer script as it is.
for kind, seed in (("wav2vec2", 1), ("wav2vec2-stable", 1)):
    folder = os.path.join(here, f"{kind}-{seed}")
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([sys.executable, peer, "make", kind, str(seed), folder], check=True)
    reference(folder, os.path.join(folder, "reference.safetensors"))

# Smaller ones: the other two combinations of norms, odd kernels, biases, other strides, names and types.
small = dict(hidden_size=12, num_hidden_layers=2, num_attention_heads=3, intermediate_size=20, conv_dim=(6, 8, 7),
             conv_kernel=(10, 4, 5), conv_stride=(5, 4, 3), num_conv_pos_embeddings=5,
             num_conv_pos_embedding_groups=2, vocab_size=8)
W = transformers.Wav2Vec2Config
variants = {
    # A CTC head's prefix; weight norm under torch's older names; an unusual layer_norm_eps, which convolutions ignore.
    "group-stable": (2, W(**small, do_stable_layer_norm=True, conv_bias=True, layer_norm_eps=1e-2), "old-names", torch.float32, True),
    # Bare names; weight norm joined into one weight.
    "layer-post": (3, W(**small, feat_extract_norm="layer", layer_norm_eps=1e-2), "joined", torch.float32, False),
    "float16": (4, W(**small, conv_bias=True), "new-names", torch.float16, True),
    "bfloat16": (5, W(**small, feat_extract_norm="layer", do_stable_layer_norm=True), "new-names", torch.bfloat16, False),
}
for name, (seed, config, style, dtype, normalize) in variants.items():
    folder = os.path.join(here, name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    torch.manual_seed(seed)
    ctc = name == "group-stable"
    model = (transformers.Wav2Vec2ForCTC if ctc else transformers.Wav2Vec2Model)(config)
    with torch.no_grad():
        for tensor_name, w in model.named_parameters():
            if w.ndim == 1 or "pos_conv" in tensor_name:
                w.add_(0.1 * torch.randn_like(w))
            w.copy_(w.to(dtype))  # the reference runs in float32 on the very weights that are stored
    extractor = transformers.Wav2Vec2FeatureExtractor(do_normalize=normalize)
    full = os.path.join(work, name)
    model.save_pretrained(full)
    extractor.save_pretrained(full)
    reference(full, os.path.join(folder, "reference.safetensors"))

    position = "encoder.pos_conv_embed.conv"
    stored = {}
    for tensor_name, w in model.state_dict().items():
        if "parametrizations" in tensor_name and style == "old-names":
            tensor_name = tensor_name.replace("parametrizations.weight.original0", "weight_g")
            tensor_name = tensor_name.replace("parametrizations.weight.original1", "weight_v")
        elif "parametrizations" in tensor_name and style == "joined":
            if tensor_name.endswith("original0"):
                continue
            tensor_name, w = f"{position}.weight", model.get_submodule(position).weight
        stored[tensor_name] = w.detach().to(dtype).contiguous()
    safetensors.torch.save_file(stored, os.path.join(folder, "model.safetensors"))
    shutil.copy(os.path.join(full, "config.json"), folder)
    shutil.copy(os.path.join(full, "preprocessor_config.json"), folder)

shutil.rmtree(work)
print(json.dumps(dict(torch=torch.__version__, transformers=transformers.__version__, numpy=np.__version__)))
