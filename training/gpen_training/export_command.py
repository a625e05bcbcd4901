"""export: writes the averaged network of a checkpoint as a state dict under GPEN's names (.pth, what
`gpen model convert` reads) and as a plain ONNX graph, and checks that both give the same picture."""

import contextlib
import inspect
import json
import os
import pathlib
import sys
import types
import warnings

import torch

from . import architecture, checkpoint
from .checkpoint import CheckpointError

TOLERANCE = 1e-4


def add_arguments(parser):
    parser.add_argument("checkpoint", help="checkpoint.pt of a training, or a state dict")
    parser.add_argument("output", help="path of the .pth; the .onnx and the .json lie beside it")
    parser.add_argument("--no-onnx", action="store_true", help="write no ONNX graph")
    parser.add_argument("--half", action="store_true", help="write the .pth as float16, half as "
                        "large; the .onnx holds the same rounded weights as float32")


class Plain(torch.nn.Module):
    """The network with a picture as its only argument, as the tracer wants it."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, photo):
        return self.network(photo)


@contextlib.contextmanager
def without_onnx_module():
    """At its end PyTorch's exporter asks the Python module onnx whether the graph calls functions of
    onnxscript, which none of ours does. Debian's module cannot be loaded beside ONNX Runtime in
    peace, and is not everywhere installed: something that answers no stands in for it."""
    empty = types.SimpleNamespace(graph=types.SimpleNamespace(node=[]))
    real = sys.modules.get("onnx")
    sys.modules["onnx"] = types.SimpleNamespace(load_model_from_string=lambda model: empty)
    try:
        yield
    finally:
        del sys.modules["onnx"]
        if real is not None:
            sys.modules["onnx"] = real


def write_graph(module, sample, path):
    """The module as an ONNX file for inputs of the sample's shape."""
    def write(unfinished):
        with warnings.catch_warnings(), without_onnx_module():
            warnings.simplefilter("ignore")  # the tracer's remarks on shapes, which are fixed here
            known = inspect.signature(torch.onnx.export).parameters
            tracer = {"dynamo": False} if "dynamo" in known else {}  # PyTorch 1.13 has no other
            torch.onnx.export(module, (sample,), str(unfinished), input_names=["input"],
                              output_names=["output"], opset_version=17, **tracer)
    checkpoint.write_atomically(path, write)


def write_onnx(network, path):
    write_graph(Plain(network), torch.zeros(1, 3, network.size, network.size), path)


def halved(weights):
    """The weights as float16, where it can hold them."""
    rounded = {name: tensor.half() for name, tensor in weights.items()}
    outside = [name for name, tensor in rounded.items() if not tensor.isfinite().all()]
    if outside:
        raise CheckpointError(f"expected weights within the range of float16, found {outside[0]} "
                              "outside: export without --half")
    return rounded


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
    weights = checkpoint.weights(state)
    if arguments.half:
        weights = checkpoint.weights(halved(weights))
    network = architecture.build(weights, state.get("residual")).eval()
    output.parent.mkdir(parents=True, exist_ok=True)
    shipped = {name: tensor.detach().contiguous()
               for name, tensor in network.state_dict().items()}
    checkpoint.save(halved(shipped) if arguments.half else shipped, output)
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
