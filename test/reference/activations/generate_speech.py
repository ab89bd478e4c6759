#!/usr/bin/env python3
"""Makes the fixtures of whole passes over speech: transformers' activations of this folder's checkpoints that take a
waveform, of 0.4, 3 and 27 s of the demo's speech. Not of layer-post, whose joined weight norm transformers does not load.

usage: generate_speech.py [NAME …]

Run from the repository's root, after generate.py and generate_families.py. See README.md for versions and tolerances.
"""
import json, os, sys
import numpy as np, soundfile, torch, transformers
from safetensors.numpy import save_file

torch.set_num_threads(1)
here = os.path.dirname(os.path.abspath(__file__))
speech, rate = soundfile.read("resources/demo/stimuli/run-1.flac", dtype="float32")
assert rate == 16000 and speech.ndim == 1
lengths = {"short": speech[32000:38400], "middle": speech[32000:80000], "long": speech[: 27 * 16000]}


def few(layer):
    """At most ten frames, evenly from the first on, and the last."""
    rows = layer[:: -(-len(layer) // 10)]
    return np.ascontiguousarray(np.concatenate([rows, layer[-1:]]))


def activations(folder, x):
    model = transformers.AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    preprocessor = os.path.join(folder, "preprocessor_config.json")
    normalize = os.path.exists(preprocessor) and json.load(open(preprocessor)).get("do_normalize", True)
    if normalize:
        x64 = x.astype(np.float64)
        x = ((x64 - x64.mean()) / np.sqrt(x64.var() + 1e-7)).astype(np.float32)
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
    return {name: layer.numpy() for name, layer in layers.items()}


names = ("wav2vec2-1", "wav2vec2-stable-1", "group-stable", "float16", "bfloat16", "hubert-1", "hubert-large",
         "hubert-batch-norm", "hubert-sharded", "data2vec-audio-1", "data2vec-audio-even", "data2vec-audio-wide",
         "wavlm-1", "wavlm-stable", "wavlm-post", "wavlm-float16", "quantizer-5", "quantizer-40", "quantizer-320")
for name in sys.argv[1:] or names:
    folder = os.path.join(here, name)
    stored = {}
    for length, x in lengths.items():
        for name, layer in activations(folder, x).items():
            stored[f"{length}/{name}"] = few(layer)
            # Of the whole layer, for scaling to unit SD.
            stored[f"{length}/{name}/sd"] = np.array([layer.std(dtype=np.float64)], np.float32)
    save_file(stored, os.path.join(folder, "speech.safetensors"))
