"""A small speech model with everything randomised, exported to ONNX by torch, and its modules' activations.

Run with torch 2.13, onnx and onnxscript (versions are written into index.json), from this folder:
    python make.py
The oracle is torch's own forward pass: hooks on the modules, nothing of ONNX. float32 on both sides.
"""

import json
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn

SEED = 20261123
here = Path(__file__).parent


class Attention(nn.Module):
    """Written out: the older exporter fixes the number of frames in torch's own."""

    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.three = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x):
        batch, frames, width = x.shape
        q, k, v = self.three(x).reshape(batch, frames, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        scores = torch.softmax(q @ k.transpose(2, 3) * (width // self.heads) ** -0.5, dim=-1)
        return self.out((scores @ v).transpose(1, 2).reshape(batch, frames, width))


class Block(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.attention = Attention(width, heads)
        self.norm = nn.LayerNorm(width)
        self.inner = nn.Linear(width, 2 * width)
        self.outer = nn.Linear(2 * width, width)
        self.last = nn.LayerNorm(width)

    def forward(self, x):
        x = self.norm(x + self.attention(x))
        return self.last(x + self.outer(nn.functional.gelu(self.inner(x))))


class Encoder(nn.Module):
    """Convolutions with a hop of 5 * 4 * 4 = 80 samples, then transformer blocks, then a head that nobody taps."""

    def __init__(self, width: int = 24):
        super().__init__()
        self.convs = nn.ModuleList([nn.Conv1d(1, 12, 10, 5), nn.Conv1d(12, 16, 8, 4), nn.Conv1d(16, width, 6, 4)])
        self.blocks = nn.ModuleList([Block(width, 4), Block(width, 4)])
        self.head = nn.Linear(width, 7)

    def forward(self, audio):
        x = audio.unsqueeze(1)
        for conv in self.convs:
            x = nn.functional.gelu(conv(x))
        x = x.transpose(1, 2)
        for block in self.blocks:
            x = block(x)
        return self.head(x)


class Masked(nn.Module):
    """With a mask over the audio, as transformers' models are exported."""

    def __init__(self, encoder: Encoder):
        super().__init__()
        self.encoder = encoder

    def forward(self, audio, attention_mask):
        return self.encoder(audio * attention_mask.to(audio.dtype))


def randomised(module: nn.Module) -> nn.Module:
    generator = torch.Generator().manual_seed(SEED)
    for name, parameter in sorted(module.named_parameters()):
        with torch.no_grad():
            spread = 0.5 / max(1, parameter[0].numel()) ** 0.5 if parameter.dim() > 1 else 0.2
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * spread)
            if "norm" in name or "last" in name:
                parameter.add_(1.0 if name.endswith("weight") else 0.0)
    return module.eval()


def main() -> None:
    torch.manual_seed(SEED)
    encoder = randomised(Encoder())
    rng = np.random.default_rng(SEED)
    audio = (rng.standard_normal(4000) * 0.1).astype(np.float32)
    taken: dict[str, torch.Tensor] = {}
    for i, conv in enumerate(encoder.convs):
        conv.register_forward_hook(lambda _, __, y, name=f"conv{i}": taken.__setitem__(name, y[0].T))
    for i, block in enumerate(encoder.blocks):
        block.register_forward_hook(lambda _, __, y, name=f"block{i}": taken.__setitem__(name, y[0]))
    with torch.no_grad():
        taken["head"] = encoder(torch.from_numpy(audio)[None])[0]
    arrays = {name: np.ascontiguousarray(tensor.detach().numpy(), np.float32) for name, tensor in taken.items()}

    example = torch.from_numpy(audio)[None]
    samples = torch.export.Dim("samples", min=1000)
    for file, module, args, names in [
        ("encoder", encoder, (example,), ["audio"]),
        ("masked", Masked(encoder), (example, torch.ones(1, 4000, dtype=torch.int64)), ["input_values", "attention_mask"]),
    ]:
        torch.onnx.export(
            module,
            args,
            here / f"{file}.onnx",
            dynamo=False,
            opset_version=17,
            input_names=names,
            output_names=["logits"],
            dynamic_axes={name: {0: "batch", 1: "samples"} for name in names} | {"logits": {0: "batch", 1: "frames"}},
        )
    # The exporter that torch has now, with its weights in a file beside the model.
    program = torch.onnx.export(
        encoder, (example,), dynamo=True, input_names=["audio"], output_names=["logits"], dynamic_shapes=({1: samples},)
    )
    program.save(here / "external.onnx", external_data=True)
    # Without the stack traces that the exporter leaves in it: they name files of the machine it ran on.
    model = onnx.load(here / "external.onnx", load_external_data=False)
    for holder in [model, model.graph, *model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output]:
        del holder.metadata_props[:]
        holder.doc_string = ""
    (here / "external.onnx").write_bytes(model.SerializeToString())

    from safetensors.numpy import save_file

    save_file({"audio": audio, **arrays}, here / "activations.safetensors")
    versions = {"torch": torch.__version__, "onnx": onnx.__version__, "numpy": np.__version__, "seed": SEED}
    (here / "index.json").write_text(json.dumps(versions, indent=2) + "\n")


main()
