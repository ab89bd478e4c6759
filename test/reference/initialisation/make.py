"""What transformers draws for untrained models, tensor by tensor, against which the untrained regime is checked.

Run in this folder: python make.py
Each base configuration is built once with random weights; of every tensor the number of values, mean, standard
deviation, kurtosis and largest absolute value are written, those of one kind (layers of a stack) taken together.
Versions used: transformers 5.23.0, torch 2.13.0, numpy 2.4.6. Seed: torch.manual_seed(1).
"""
import json
import re

import numpy as np
import torch
import transformers

models = {
    "wav2vec2-base": transformers.Wav2Vec2Config(),
    "hubert-base": transformers.HubertConfig(),
    "wavlm-base": transformers.WavLMConfig(),
    "data2vec-audio-base": transformers.Data2VecAudioConfig(),
    "gpt2": transformers.GPT2Config(vocab_size=1000),
}
classes = {
    "wav2vec2-base": transformers.Wav2Vec2Model,
    "hubert-base": transformers.HubertModel,
    "wavlm-base": transformers.WavLMModel,
    "data2vec-audio-base": transformers.Data2VecAudioModel,
    "gpt2": transformers.GPT2Model,
}


def kind(name):
    """Blocks beyond the first and attention's four projections are one kind each."""
    name = re.sub(r"^h\.\d+\.", "h.*.", name)
    name = re.sub(r"encoder\.layers\.\d+\.", "encoder.layers.*.", name)
    name = re.sub(r"(conv_layers\.)[1-9]", r"\g<1>*", name) if "conv.weight" not in name else name
    name = re.sub(r"(pos_conv_embed\.layers\.)\d", r"\1*", name)
    return re.sub(r"attention\.[qkv]_proj|attention\.out_proj", "attention.*_proj", name)


result = {}
for architecture, config in models.items():
    torch.manual_seed(1)
    values = {}
    model = classes[architecture](config)
    # The positional convolution as it is used: with its weight norm, which a model starts with.
    state = {name: tensor for name, tensor in model.state_dict().items() if "parametrizations" not in name}
    if architecture != "gpt2" and hasattr(model.encoder.pos_conv_embed, "conv"):
        state["encoder.pos_conv_embed.conv.weight"] = model.encoder.pos_conv_embed.conv.weight.detach()
    for name, tensor in state.items():
        if name != "masked_spec_embed":
            values.setdefault(kind(name), []).append(tensor.double().numpy().ravel())
    moments = {}
    for name, parts in values.items():
        x = np.concatenate(parts)
        centred = x - x.mean()
        deviation = np.sqrt(np.mean(centred**2))
        kurtosis = float(np.mean(centred**4) / deviation**4) if deviation > 0 else 0.0
        moments[name] = dict(
            n=len(x), mean=float(x.mean()), sd=float(deviation), kurtosis=kurtosis, largest=float(np.abs(x).max())
        )
    result[architecture] = moments
with open("transformers.json", "w") as file:
    json.dump(result, file, indent=1)
    file.write("\n")
print(transformers.__version__, torch.__version__, np.__version__)
