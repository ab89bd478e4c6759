"""The peer of activations.ts: transformers on the same folder and audio; prints one JSON object.

usage: activations.py FOLDER THREADS REPEAT
"""
import json, os, resource, sys, time

folder, threads, repeat = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])

import numpy as np, torch, transformers
from safetensors.torch import save_file

transformers.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
torch.set_num_threads(threads)
samples = np.fromfile(os.path.join(folder, "audio.f32"), dtype=np.float32)

start = time.perf_counter()
model = transformers.AutoModel.from_pretrained(folder).eval()
load = time.perf_counter() - start
if json.load(open(os.path.join(folder, "preprocessor_config.json")))["do_normalize"]:
    samples = (samples - samples.mean()) / np.sqrt(samples.var() + 1e-7)
audio = torch.from_numpy(samples)[None]

layers = {}
for i, convolution in enumerate(model.feature_extractor.conv_layers):
    convolution.register_forward_hook(lambda _, __, out, i=i: layers.__setitem__(f"conv{i}", out[0].T.contiguous()))
model.feature_projection.register_forward_hook(lambda _, __, out: layers.__setitem__("projection", out[0][0]))

seconds = []
with torch.inference_mode():
    for _ in range(repeat + 1):
        start = time.perf_counter()
        hidden = model(audio, output_hidden_states=True).hidden_states
        seconds.append(time.perf_counter() - start)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

for i, state in enumerate(hidden):
    layers["embedding" if i == 0 else f"transf{i - 1}"] = state[0]
save_file({name: layer.clone() for name, layer in layers.items()}, os.path.join(folder, "peer.safetensors"))
print(json.dumps(dict(
    toolkit=f"transformers {transformers.__version__}, torch {torch.__version__}, Python {sys.version.split()[0]}",
    load=load, seconds=seconds[1:], peakBytes=peak)))
