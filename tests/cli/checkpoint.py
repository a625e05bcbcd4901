"""Writes GPEN checkpoints of random weights as torch.save does, without PyTorch."""
import io
import struct
import zipfile

import numpy as np

KERNEL = np.outer([1, 3, 3, 1], [1, 3, 3, 1]).astype(np.float32) / 64


def gpen(size, narrow=1 / 32, multiplier=1, style=32, seed=1):
    """A state dict of the reference implementation's names and shapes."""
    random = np.random.default_rng(seed)
    channels = {r: int(512 * narrow) if r <= 32 else int(16384 / r * multiplier * narrow)
                for r in (2 ** i for i in range(2, size.bit_length()))}
    tensors = {}

    def add(name, *shape, offset=0.0, gain=1.0):
        tensors[name] = (gain * random.standard_normal(shape) + offset).astype(np.float32)

    def modulated(name, inputs, outputs, taps):
        add(name + ".conv.weight", 1, outputs, inputs, taps, taps)
        add(name + ".conv.modulation.weight", inputs, style)
        add(name + ".conv.modulation.bias", inputs, offset=1.0, gain=0.1)

    def styled(name, inputs, outputs):
        modulated(name, inputs, outputs, 3)
        add(name + ".noise.weight", 1)
        add(name + ".activate.bias", 2 * outputs, gain=0.1)

    def to_rgb(name, inputs):
        modulated(name, inputs, 3, 1)
        add(name + ".bias", 1, 3, 1, 1, gain=0.1)

    add("ecd0.0.0.weight", channels[size], 3, 1, 1)
    add("ecd0.0.1.bias", channels[size], gain=0.1)
    resolution, block = size, 1
    while resolution > 4:
        tensors[f"ecd{block}.0.0.kernel"] = KERNEL
        add(f"ecd{block}.0.1.weight", channels[resolution // 2], channels[resolution], 3, 3)
        add(f"ecd{block}.0.2.bias", channels[resolution // 2], gain=0.1)
        resolution, block = resolution // 2, block + 1
    add("final_linear.0.weight", style, channels[4] * 16)
    add("final_linear.0.bias", style, gain=0.1)
    for i in range(1, 9):
        add(f"generator.style.{i}.weight", style, style, gain=100)
        add(f"generator.style.{i}.bias", style)
    add("generator.input.input", 1, channels[4], 4, 4)
    styled("generator.conv1", channels[4], channels[4])
    to_rgb("generator.to_rgb1", 2 * channels[4])
    level = 0
    while resolution < size:
        up, conv, rgb = (f"generator.convs.{2 * level}", f"generator.convs.{2 * level + 1}",
                         f"generator.to_rgbs.{level}")
        styled(up, 2 * channels[resolution], channels[2 * resolution])
        tensors[up + ".conv.blur.kernel"] = 4 * KERNEL
        styled(conv, 2 * channels[2 * resolution], channels[2 * resolution])
        to_rgb(rgb, 2 * channels[2 * resolution])
        tensors[rgb + ".upsample.kernel"] = 4 * KERNEL
        resolution, level = 2 * resolution, level + 1
    return tensors


def integer(value):
    return b"\x8a\x08" + struct.pack("<q", value)


def text(value):
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def pickled(tensors):
    out = [b"\x80\x02ccollections\nOrderedDict\n)R("]
    for key, (name, values) in enumerate(tensors.items()):
        strides = [s // values.itemsize for s in np.ascontiguousarray(values).strides]
        out += [text(name), b"ctorch._utils\n_rebuild_tensor_v2\n((", text("storage"),
                b"ctorch\nFloatStorage\n", text(str(key)), text("cpu"), integer(values.size),
                b"tQ", integer(0), b"(", *map(integer, values.shape), b"t(",
                *map(integer, strides), b"t\x89ccollections\nOrderedDict\n)RtR"]
    return b"".join(out) + b"u."


def archive(pickle, tensors):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as zipped:
        zipped.writestr("archive/data.pkl", pickle)
        for key, values in enumerate(tensors.values()):
            zipped.writestr(f"archive/data/{key}", np.ascontiguousarray(values, "<f4").tobytes())
        zipped.writestr("archive/version", "3\n")
    return file.getvalue()


def save(path, tensors):
    path.write_bytes(archive(pickled(tensors), tensors))
    return path
