"""The peer of exactness.ts: transformers in float32 on one thread.

usage: exactness.py MAKE              MAKE: the script that makes random checkpoints, `MAKE make KIND SEED FOLDER`

Reads one JSON object a line from stdin and answers each with one on stdout:
  {"do": "versions"}
  {"do": "make", "kind": …, "seed": …, "folder": …}
  {"do": "hear", "folder": …, "audio": …, "out": …, "mel": …}
                                                      mel: float64, or float32 where it is left out; audio: safetensors, 16 kHz mono under `audio`; out: every layer, and
                                                      `margin` of a quantizer's codes
  {"do": "read", "folder": …, "words": …, "out": …}   every layer, the mean of each word's tokens, all words in one pass
"""
import contextlib
import io
import json
import platform
import runpy
import sys

import numpy as np
import torch
import transformers
from safetensors.numpy import load_file, save_file
from transformers.audio_utils import spectrogram, window_function

script = sys.argv[1]
transformers.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
torch.set_num_threads(1)


def versions():
    return dict(versions=f"transformers {transformers.__version__}, torch {torch.__version__}, numpy {np.__version__}, "
                         f"Python {platform.python_version()}")


def make(kind, seed, folder):
    sys.argv = [script, "make", kind, str(seed), folder]
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            runpy.run_path(script, run_name="__main__")
        except SystemExit as end:
            if end.code:
                raise
    return {}


def keep(layers, name, value):
    return lambda _, __, out: layers.__setitem__(name, value(out[0] if isinstance(out, tuple) else out)[0])


same = lambda out: out
transposed = lambda out: out.transpose(1, 2)
gelu = lambda out: torch.nn.functional.gelu(out).transpose(1, 2)


def hear(folder, audio, out, mel="float32"):
    x = load_file(audio)["audio"]
    config = transformers.AutoConfig.from_pretrained(folder)
    layers = whisper(folder, x, mel) if config.model_type == "whisper" else waveform(folder, config, x)
    save_file({name: np.ascontiguousarray(layer.numpy()) for name, layer in layers.items()}, out)
    return {}


def mel64(extractor, x):
    """The log-mel spectrogram by transformers' numpy functions in float64; its extractor computes in torch's float32."""
    padded = np.pad(x.astype(np.float64), (0, extractor.n_samples - len(x)))
    mel = spectrogram(padded, window_function(extractor.n_fft, "hann"), frame_length=extractor.n_fft, power=2.0,
                      hop_length=extractor.hop_length, mel_filters=extractor.mel_filters.astype(np.float64),
                      log_mel="log10", dtype=np.float64)[:, :-1]
    return torch.from_numpy((np.maximum(mel, mel.max() - 8) + 4) / 4)[None].float()


def whisper(folder, x, mel):
    """Without the frames beyond the audio."""
    encoder = transformers.AutoModel.from_pretrained(folder, dtype=torch.float32).eval().get_encoder()
    layers = {}
    encoder.conv1.register_forward_hook(keep(layers, "conv0", gelu))
    encoder.conv2.register_forward_hook(keep(layers, "conv1", gelu))
    for i, block in enumerate(encoder.layers):
        block.register_forward_hook(keep(layers, f"transf{i}", same))
    extractor = transformers.WhisperFeatureExtractor.from_pretrained(folder)
    if mel == "float64":
        features = mel64(extractor, x)
    else:
        features = extractor(x, sampling_rate=16000, return_tensors="pt").input_features
    with torch.inference_mode():
        end = encoder(features).last_hidden_state
        layers["embedding"] = layers["conv1"] + encoder.embed_positions.weight
    layers[f"transf{len(encoder.layers) - 1}.norm"] = end[0]
    return {name: layer[: -(-len(x) // (160 if name == "conv0" else 320))] for name, layer in layers.items()}


def waveform(folder, config, x):
    whole = None
    if config.architectures == ["Wav2Vec2ForPreTraining"]:
        whole = transformers.Wav2Vec2ForPreTraining.from_pretrained(folder, dtype=torch.float32).eval()
        model = whole.wav2vec2
    else:
        model = transformers.AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    layers = {}
    for i, convolution in enumerate(model.feature_extractor.conv_layers):
        convolution.register_forward_hook(keep(layers, f"conv{i}", transposed))
    model.feature_projection.register_forward_hook(keep(layers, "projection", same))
    extractor = transformers.AutoFeatureExtractor.from_pretrained(folder)
    samples = extractor(x, sampling_rate=16000, return_tensors="pt").input_values
    if whole is not None:
        whole.quantizer.weight_proj.register_forward_hook(keep(layers, "logits", lambda out: out[None]))
        whole.quantizer.register_forward_hook(keep(layers, "quantizer.codevectors", same))
    with torch.inference_mode():
        found = model(samples, output_hidden_states=True)
        if whole is not None:
            layers["quantizer.projected"] = whole(samples).projected_quantized_states[0]
            logits = layers.pop("logits").reshape(-1, config.num_codevector_groups, config.num_codevectors_per_group)
            best = logits.topk(2, dim=-1)
            layers["quantizer.indices"] = best.indices[..., 0].float()
            # How far the second is below the first, in SDs of the logits.
            layers["margin"] = (best.values[..., 0] - best.values[..., 1]) / logits.std()
    for i, hidden in enumerate(found.hidden_states):
        layers["embedding" if i == 0 else f"transf{i - 1}"] = hidden[0]
    if getattr(config, "do_stable_layer_norm", False):
        layers[f"transf{config.num_hidden_layers - 1}.norm"] = found.last_hidden_state[0]
    return layers


def read(folder, words, out):
    model = transformers.AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    encoded = transformers.AutoTokenizer.from_pretrained(folder)(" ".join(words), return_offsets_mapping=True)
    assert len(encoded["input_ids"]) <= model.config.n_positions
    # A token belongs to the word in which its last character is; a space belongs to the word after it.
    spaces = np.cumsum([len(word) + 1 for word in words]) - 1
    owner = torch.tensor([int(np.searchsorted(spaces, end - 1, side="right")) for _, end in encoded["offset_mapping"]])
    layers = {}
    for i, block in enumerate(model.h):
        block.register_forward_hook(keep(layers, f"transf{i}", same))
    with torch.inference_mode():
        found = model(torch.tensor([encoded["input_ids"]]), output_hidden_states=True)
    layers["embedding"] = found.hidden_states[0][0]
    layers[f"transf{len(model.h) - 1}.norm"] = found.last_hidden_state[0]
    means = {name: torch.stack([layer[owner == i].double().mean(0) for i in range(len(words))]) for name, layer in layers.items()}
    save_file({name: layer.float().contiguous().numpy() for name, layer in means.items()}, out)
    return dict(tokens=len(owner))


actions = dict(versions=versions, make=make, hear=hear, read=read)
for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps(actions[asked.pop("do")](**asked)), flush=True)
