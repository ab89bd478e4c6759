"""The peer of activations.ts: transformers, and nilearn for the regressors, on the same folder and audio.

usage: activations/peer.py FOLDER THREADS

Reads one JSON object a line from stdin and answers each with one on stdout:
  {"do": "load"}                 opens the model and runs one window: seconds until open, until the first activations
  {"do": "window"}               one window, every layer as float32 [frames, units]: seconds
  {"do": "save"}                 writes that window's layers to peer.safetensors
  {"do": "design", "layers": …}  the whole recording: see `design`
"""
import json
import os
import resource
import sys
import time

import nilearn
import numpy as np
import soundfile
import torch
import transformers
from nilearn.glm.first_level import compute_regressor
from safetensors.torch import save_file

folder, threads = sys.argv[1], int(sys.argv[2])
transformers.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
torch.set_num_threads(threads)
rate = 16000
recording, _ = soundfile.read(os.path.join(folder, "audio.wav"), dtype="float32")
normalize = json.load(open(os.path.join(folder, "preprocessor_config.json")))["do_normalize"]
window_samples = 10 * rate
layers, asked_for, model = {}, (), None


def clock(run):
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def run(samples, wanted):
    """The wanted layers of one window, in `layers`: those of the hooks, and the hidden states."""
    global asked_for
    if normalize:
        samples = (samples - samples.mean()) / np.sqrt(samples.var() + 1e-7)
    layers.clear()
    asked_for = wanted
    with torch.inference_mode():
        hidden = model(torch.from_numpy(samples)[None], output_hidden_states=True).hidden_states
    for i, state in enumerate(hidden):
        name = "embedding" if i == 0 else f"transf{i - 1}"
        if name in wanted:
            layers[name] = state[0]
    return layers


def hook(name, value):
    def take(_, __, out):
        if name in asked_for:
            layers[name] = value(out)

    return take


def load():
    global model
    start = time.perf_counter()
    model = transformers.AutoModel.from_pretrained(folder).eval()
    opened = time.perf_counter() - start
    for i, convolution in enumerate(model.feature_extractor.conv_layers):
        convolution.register_forward_hook(hook(f"conv{i}", lambda out: out[0].T.contiguous()))
    model.feature_projection.register_forward_hook(
        hook("projection", lambda out: (out[0] if isinstance(out, tuple) else out)[0]))
    first = recording[:window_samples]
    run(first, every)
    ready = time.perf_counter() - start
    # Whichever of its attentions is faster here.
    seconds = {}
    for name in ["sdpa", "eager"]:
        try:
            model.set_attn_implementation(name)
        except ValueError:
            continue
        run(first, every)
        seconds[name] = min(clock(lambda: run(first, every)) for _ in range(2))
    attention = min(seconds, key=seconds.get)
    model.set_attn_implementation(attention)
    versions = f"transformers {transformers.__version__}, torch {torch.__version__}, nilearn {nilearn.__version__}"
    return dict(open=opened, first=ready, attention=attention, toolkit=f"{versions}, Python {sys.version.split()[0]}")


def design(names, hops, receptive_fields, tr, volumes, oversampling, sample):
    """10 s windows every 5 s, frames that two share averaged; then one `compute_regressor` a unit, of a sample of units.

    Gives seconds of inference, of averaging, and of all units' regressors: of each layer's `sample` units, times the
    layer's units over the sample's. Writes the sample's regressors to peer.design.safetensors.
    """
    stride = window_samples // 2
    starts = range(0, len(recording) - window_samples + 1, stride)
    means, counts = {}, {}
    inference = 0.0
    begin = time.perf_counter()
    for start in starts:
        before = time.perf_counter()
        found = run(recording[start : start + window_samples], names)
        inference += time.perf_counter() - before
        for name, hop, field in zip(names, hops, receptive_fields):
            if name not in means:
                frames = (len(recording) - field) // hop + 1
                means[name] = torch.zeros(frames, found[name].shape[1])
                counts[name] = torch.zeros(frames, 1)
            first = start // hop
            means[name][first : first + len(found[name])] += found[name]
            counts[name][first : first + len(found[name])] += 1
    for name in names:
        means[name] /= counts[name].clamp(min=1)
    averaging = time.perf_counter() - begin - inference
    times = np.arange(volumes) * tr
    regressors, regressors_seconds = {}, 0.0
    for name, hop in zip(names, hops):
        frames, units = means[name].shape
        onsets, durations = np.arange(frames) * (hop / rate), np.full(frames, hop / rate)
        chosen = means[name][:, sample_of(units, sample)].numpy().astype(np.float64)
        start = time.perf_counter()
        scaled = (chosen - chosen.min(0)) / (chosen.max(0) - chosen.min(0))
        columns = [
            compute_regressor(np.stack([onsets, durations, unit]), "glover", times, oversampling=oversampling)[0][:, 0]
            for unit in scaled.T
        ]
        regressors_seconds += (time.perf_counter() - start) * units / chosen.shape[1]
        regressors[name] = torch.from_numpy(np.stack(columns, 1).astype(np.float32))
    save_file(regressors, os.path.join(folder, "peer.design.safetensors"))
    return dict(inference=inference, averaging=averaging, regressors=regressors_seconds)


def sample_of(units, sample):
    """Units spread evenly over a layer: 0, units / sample, …"""
    return [i * units // sample for i in range(min(sample, units))]


every = {f"conv{i}" for i in range(16)} | {"projection", "embedding"} | {f"transf{i}" for i in range(64)}
for line in sys.stdin:
    asked = json.loads(line)
    what = asked.pop("do")
    if what == "load":
        answer = load()
    elif what == "window":
        answer = dict(seconds=clock(lambda: run(recording[:window_samples], every)))
    elif what == "save":
        run(recording[:window_samples], every)
        save_file({name: layer.clone() for name, layer in layers.items()}, os.path.join(folder, "peer.safetensors"))
        answer = {}
    else:
        answer = design(**asked)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(json.dumps(dict(answer, peakBytes=peak)), flush=True)
