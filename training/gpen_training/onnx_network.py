"""Runs a plain feed-forward ONNX graph as a PyTorch module, so that gradients flow through it: the
face models that losses and measures use. Weights are fixed. Only the operators that those graphs
hold are known; another one is refused by name."""

import pathlib

import torch
import torch.nn.functional as F
from torch import nn

from . import operations
from .onnx_file import OnnxError, read_graph


def _convolution(values, attributes):
    image, weight, bias = (*values, None)[:3]
    top, left, bottom, right = attributes.get("pads", [0, 0, 0, 0])
    if (top, left) != (bottom, right):
        image, top, left = F.pad(image, (left, right, top, bottom)), 0, 0
    stride, groups = attributes.get("strides", [1, 1]), attributes.get("group", 1)
    thin = 1
    if groups > 1 and image.dtype == torch.bfloat16 and image.is_cpu:
        # oneDNN 3.7 computes a wrong input gradient for strided grouped convolutions.
        thin, stride = stride[0], [1, 1]
    out = F.conv2d(image, weight, bias, stride, (top, left), attributes.get("dilations", 1), groups)
    return out if thin == 1 else out[..., ::thin, ::thin]


def _linear(values, attributes):
    left, right, *bias = values
    left = left.T if attributes.get("transA") else left
    right = right.T if attributes.get("transB") else right
    out = attributes.get("alpha", 1.0) * (left @ right)
    return out + attributes.get("beta", 1.0) * bias[0] if bias else out


def _batch_normalisation(values, attributes):
    image, scale, bias, mean, variance = values
    return F.batch_norm(image, mean, variance, scale, bias, False, 0.0,
                        attributes.get("epsilon", 1e-5))


def _parametric_relu(values, _):
    image, slope = values
    return operations.parametric_relu(image, slope.flatten())


def _reshape(values, _):  # the batch may be larger than the one that the graph was written for
    image, shape = values[0], [int(side) for side in values[1]]
    return image.reshape(image.shape[0], *shape[1:]) if len(shape) > 1 else image.reshape(shape)


OPERATORS = {
    "Add": lambda values, _: values[0] + values[1],
    "BatchNormalization": _batch_normalisation,
    "Conv": _convolution,
    "Flatten": lambda values, attributes: values[0].flatten(attributes.get("axis", 1)),
    "Gemm": _linear,
    "PRelu": _parametric_relu,
    "Relu": lambda values, _: F.relu(values[0]),
    "Reshape": _reshape,
}


def without_denormals(tensor):
    """The face networks hold thousands of them; see threads.py for what they cost."""
    return torch.where(tensor.abs() < torch.finfo(tensor.dtype).tiny, 0.0, tensor)


class OnnxNetwork(nn.Module):
    """`features`: names of inner values to return along with the output."""

    def __init__(self, path):
        super().__init__()
        graph = read_graph(path)
        unknown = sorted({node.operator for node in graph.nodes} - OPERATORS.keys())
        if unknown:
            raise OnnxError(f"{pathlib.Path(path).name} uses operators that this small "
                            f"interpreter does not know: {', '.join(unknown)}")
        self.places = {}  # module names may not hold the dots that ONNX names do
        self.shapes = {}  # which stay on the CPU, wherever the weights go
        for index, (name, array) in enumerate(graph.constants.items()):
            tensor = torch.from_numpy(array)
            if tensor.is_floating_point():
                self.places[name] = f"constant{index}"
                self.register_buffer(self.places[name], without_denormals(tensor))
            else:
                self.shapes[name] = tensor
        self.nodes, self.input, self.output = graph.nodes, graph.inputs[0], graph.outputs[0]

    def forward(self, image, features=()):
        values = {self.input: image}
        for node in self.nodes:
            arguments = [values[name] if name in values else self._constant(name, image.dtype)
                         for name in node.inputs]
            values[node.outputs[0]] = OPERATORS[node.operator](arguments, node.attributes)
        if features:
            return values[self.output], [values[name] for name in features]
        return values[self.output]

    def _constant(self, name, dtype):
        if name in self.shapes:
            return self.shapes[name]
        return getattr(self, self.places[name]).to(dtype)
