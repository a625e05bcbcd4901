"""Reads the graph of an ONNX file: a reader of the protobuf wire format that knows the few messages
needed. (Debian's onnx and onnxruntime modules cannot be loaded into one process in peace.)"""

import dataclasses
import pathlib
import struct

import numpy as np

from .errors import TrainingError

ELEMENTS = {1: np.float32, 2: np.uint8, 3: np.int8, 6: np.int32, 7: np.int64, 10: np.float16,
            11: np.float64}


class OnnxError(TrainingError):
    """A file or graph that cannot be used; the message says why."""


@dataclasses.dataclass
class Node:
    operator: str
    inputs: list
    outputs: list
    attributes: dict


@dataclasses.dataclass
class Graph:
    nodes: list
    constants: dict  # name -> numpy array
    inputs: list     # names, without the constants
    outputs: list


def _varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def _fields(data):
    """(field number, value) of one message: ints, or bytes for nested ones and fixed widths."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = _varint(data, at)
        else:
            if kind == 2:
                length, at = _varint(data, at)
            elif kind in (1, 5):
                length = 8 if kind == 1 else 4
            else:
                raise ValueError(f"unknown wire type {kind}")
            if at + length > len(data):
                raise ValueError("the file ends inside a field")
            value, at = data[at:at + length], at + length
        yield key >> 3, value


def _signed(value):
    return value - (1 << 64) if value >> 63 else value


def _integers(value):
    """A repeated int64 field comes one by one or packed."""
    if isinstance(value, int):
        return [_signed(value)]
    numbers, at = [], 0
    while at < len(value):
        number, at = _varint(value, at)
        numbers.append(_signed(number))
    return numbers


def _tensor(data):
    shape, kind, raw, name, numbers = [], 1, None, "", []
    for field, value in _fields(data):
        if field == 1:
            shape += _integers(value)
        elif field == 2:
            kind = value
        elif field == 4:
            numbers += struct.unpack(f"<{len(value) // 4}f", value)
        elif field in (5, 7):
            numbers += _integers(value)
        elif field == 8:
            name = bytes(value).decode()
        elif field == 9:
            raw = value
    if kind not in ELEMENTS:
        raise ValueError(f"unknown element type {kind} of tensor {name}")
    array = np.frombuffer(raw, ELEMENTS[kind]) if raw is not None \
        else np.array(numbers, ELEMENTS[kind])
    return name, array.reshape(shape).copy()


def _attribute(data):
    name, value, listed = "", None, []
    for field, content in _fields(data):
        if field == 1:
            name = bytes(content).decode()
        elif field == 2:
            value, = struct.unpack("<f", content)
        elif field == 3:
            value = _signed(content)
        elif field == 4:
            value = bytes(content).decode(errors="replace")
        elif field == 5:
            value = _tensor(content)[1]
        elif field == 7:
            listed += struct.unpack(f"<{len(content) // 4}f", content)
        elif field == 8:
            listed += _integers(content)
    return name, listed if value is None else value


def _node(data):
    node = Node("", [], [], {})
    for field, value in _fields(data):
        if field == 1:
            node.inputs.append(bytes(value).decode())
        elif field == 2:
            node.outputs.append(bytes(value).decode())
        elif field == 4:
            node.operator = bytes(value).decode()
        elif field == 5:
            name, content = _attribute(value)
            node.attributes[name] = content
    return node


def _name(data):
    return next(bytes(value).decode() for field, value in _fields(data) if field == 1)


def read_graph(path):
    path = pathlib.Path(path)
    try:
        data = memoryview(path.read_bytes())
    except OSError as error:
        raise OnnxError(f"expected an ONNX file at {path}: {error.strerror}") from None
    graph = Graph([], {}, [], [])
    try:
        message = next(value for field, value in _fields(data) if field == 7)
        for field, value in _fields(message):
            if field == 1:
                graph.nodes.append(_node(value))
            elif field == 5:
                graph.constants.update([_tensor(value)])
            elif field == 11:
                graph.inputs.append(_name(value))
            elif field == 12:
                graph.outputs.append(_name(value))
    except (ValueError, IndexError, TypeError, StopIteration, struct.error) as error:
        raise OnnxError(f"{path} is not a whole ONNX model: {error or 'it holds no graph'}"
                        ) from None
    graph.inputs = [name for name in graph.inputs if name not in graph.constants]
    return graph
