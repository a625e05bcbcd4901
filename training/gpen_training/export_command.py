"""export: writes the averaged network of a checkpoint as a state dict under GPEN's names (.pth, what
`gpen model convert` reads) and as a plain ONNX graph, and checks that both give the same picture."""

import json
import os
import pathlib
import warnings

import torch

from . import architecture, checkpoint
from .checkpoint import CheckpointError

TOLERANCE = 1e-4


def add_arguments(parser):
    parser.add_argument("checkpoint", help="checkpoint.pt of a training, or a state dict")
    parser.add_argument("output", help="path of the .pth; the .onnx and the .json lie beside it")
    parser.add_argument("--no-onnx", action="store_true", help="write no ONNX graph")


class Plain(torch.nn.Module):
    """The network with a picture as its only argument, as the tracer wants it."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, photo):
        return self.network(photo)


def write_onnx(network, path):
    sample = torch.zeros(1, 3, network.size, network.size)

    def write(unfinished):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the tracer's remarks on shapes, which are fixed here
            torch.onnx.export(Plain(network), (sample,), str(unfinished), input_names=["input"],
                              output_names=["output"], opset_version=17, dynamo=False)
    checkpoint.write_atomically(path, write)


def largest_difference(network, path):
    """Between PyTorch and ONNX Runtime on a random picture; None without ONNX Runtime."""
    from .restorers import OnnxRestorer, runtime
    if runtime() is None:
        return None
    random = torch.Generator().manual_seed(1)
    photo = torch.rand(1, 3, network.size, network.size, generator=random) * 2 - 1
    with torch.no_grad():
        expected = network(photo)
    found = OnnxRestorer(path, {"input_size": network.size}, 1)(photo.numpy())
    return float(abs(expected.numpy() - found).max())


def run(arguments):
    output = pathlib.Path(arguments.output)
    if output.suffix != ".pth":
        raise ValueError(f"expected an output path that ends in .pth, found {output}")
    state = checkpoint.load(arguments.checkpoint)
    weights = state.get("average", state)
    network = architecture.build(weights, state.get("residual")).eval()
    output.parent.mkdir(parents=True, exist_ok=True)
    checkpoint.save({name: tensor.detach().float().contiguous()
                     for name, tensor in network.state_dict().items()}, output)
    facts = {"size": network.size, "narrow": network.narrow, "unshuffle": network.unshuffle,
             "residual": network.residual, "images": int(state.get("images", 0))}
    checkpoint.write_atomically(output.with_suffix(".json"), lambda unfinished:
                                unfinished.write_text(json.dumps(facts, indent=2) + "\n"))
    print(f"{output}: {len(network.state_dict())} entries, "
          f"{os.path.getsize(output) / 1e6:.1f} MB, {facts['images']} images seen")
    if arguments.no_onnx:
        return
    path = output.with_suffix(".onnx")
    write_onnx(network, path)
    difference = largest_difference(network, path)
    if difference is None:
        print(f"{path}: written; not compared, for want of python3-onnxruntime")
    elif difference > TOLERANCE:
        raise CheckpointError(f"{path} differs from PyTorch by {difference:.1e}, where at most "
                              f"{TOLERANCE:.0e} was expected: do not use it")
    else:
        print(f"{path}: differs from PyTorch by at most {difference:.1e}")
