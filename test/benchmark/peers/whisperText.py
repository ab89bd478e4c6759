"""The peer of whisperText.ts: transformers on Whisper's encoder and on GPT-2, random weights.

usage: peers/whisperText.py FOLDER THREADS

Writes FOLDER/whisper and FOLDER/gpt2, then reads one JSON object a line from stdin and answers each with one on stdout:
  {"model": "whisper"}  10 s of FOLDER/audio.bin (float32): log-mel, encoder, every hidden state: seconds
  {"model": "gpt2"}     the ids of FOLDER/ids.json in one pass, every hidden state: seconds
  {"model": …, "save": true}  as well, writes the last hidden state as float32 to FOLDER/MODEL.bin
Of two attentions the faster, found once, is named.
"""
import json
import os
import sys
import time

import numpy as np
import torch
import transformers

folder, threads = sys.argv[1], int(sys.argv[2])
transformers.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
torch.set_num_threads(threads)
torch.manual_seed(1)
encoder = dict(d_model=512, encoder_layers=6, encoder_attention_heads=8, encoder_ffn_dim=2048)
made = {
    "whisper": transformers.WhisperModel(transformers.WhisperConfig(**encoder, decoder_layers=1, decoder_attention_heads=8)),
    "gpt2": transformers.GPT2Model(transformers.GPT2Config()),
}
for name, model in made.items():
    model.save_pretrained(os.path.join(folder, name))
extractor = transformers.WhisperFeatureExtractor()
extractor.save_pretrained(os.path.join(folder, "whisper"))
audio = np.fromfile(os.path.join(folder, "audio.bin"), dtype=np.float32)
ids = torch.tensor([json.load(open(os.path.join(folder, "ids.json")))])


def run(name, model):
    with torch.inference_mode():
        if name == "gpt2":
            return model(ids, output_hidden_states=True, use_cache=False).hidden_states
        features = extractor(audio, sampling_rate=16000, return_tensors="pt").input_features
        return model.encoder(features, output_hidden_states=True).hidden_states


def clock(name, model):
    start = time.perf_counter()
    run(name, model)
    return time.perf_counter() - start


def fastest(name):
    found = {}
    for attention in ("sdpa", "eager"):
        kind = type(made[name])
        model = kind.from_pretrained(os.path.join(folder, name), attn_implementation=attention).eval()
        clock(name, model)
        found[attention] = (min(clock(name, model) for _ in range(2)), model)
    return min(found, key=lambda attention: found[attention][0]), found


chosen = {}
for name in made:
    attention, found = fastest(name)
    chosen[name] = (attention, found[attention][1])
for line in sys.stdin:
    request = json.loads(line)
    name = request["model"]
    attention, model = chosen[name]
    if request.get("save"):
        run(name, model)[-1][0].numpy().astype(np.float32).tofile(os.path.join(folder, name + ".bin"))
    print(json.dumps(dict(seconds=clock(name, model), attention=attention)), flush=True)
