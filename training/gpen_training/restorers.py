"""Anything that can be judged, behind one call: float32 RGB in [-1, 1], 1 x 3 x size x size, to the
same. Run as a program it restores an array of pictures in a process of its own, so that time and
memory are the model's alone:

    python3 -m gpen_training.restorers MODEL INPUT.npy OUTPUT.npy THREADS
"""

import contextlib
import functools
import json
import os
import pathlib
import resource
import sys
import time

import numpy as np


@functools.cache
def runtime():
    """The onnxruntime module, or None where it is not installed."""
    # Debian's library registers each ONNX schema twice when PyTorch is loaded too, and says so a
    # thousand times.
    stderr = os.dup(2)
    with open(os.devnull, "w") as null:
        os.dup2(null.fileno(), 2)
    try:
        with contextlib.suppress(ImportError):
            import onnxruntime
            return onnxruntime
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
    return None


def read_manifest(path):
    """A manifest of models/ (see src/nn/manifest.h) and the path of its ONNX file."""
    path = pathlib.Path(path)
    try:
        manifest = json.loads(path.read_text())
        model = path.parent / manifest["file"]
        low, high = manifest["value_range"]
        order, size = manifest["color_order"], int(manifest["input_size"])
    except OSError as error:
        raise ValueError(f"cannot read the manifest {path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"expected a manifest with file, value_range, color_order and input_size "
                         f"in {path}, found {error}") from None
    if order not in ("RGB", "BGR") or not low < high or size < 8:
        raise ValueError(f"{path}: expected color_order RGB or BGR, value_range [low, high] and an "
                         f"input_size of 8 or more, found {order}, [{low}, {high}] and {size}")
    return manifest, model


class OnnxRestorer:
    def __init__(self, path, manifest, threads):
        if runtime() is None:
            raise RuntimeError(f"{path} needs ONNX Runtime: install python3-onnxruntime")
        options = runtime().SessionOptions()
        options.intra_op_num_threads = threads
        try:
            self.session = runtime().InferenceSession(str(path), options)
        except Exception as error:
            raise RuntimeError(f"cannot load {path}: {error}") from None
        self.size = manifest["input_size"]
        self.low, self.high = manifest.get("value_range", (-1, 1))
        self.reverse = manifest.get("color_order", "RGB") == "BGR"
        self.input = self.session.get_inputs()[0].name

    def __call__(self, photo):
        values = (photo + 1) / 2 * (self.high - self.low) + self.low
        values = np.ascontiguousarray(values[:, ::-1] if self.reverse else values, np.float32)
        restored = self.session.run(None, {self.input: values})[0]
        restored = restored[:, ::-1] if self.reverse else restored
        return (restored - self.low) / (self.high - self.low) * 2 - 1


class TorchRestorer:
    def __init__(self, path, threads):
        import torch
        from . import architecture, checkpoint
        torch.set_num_threads(threads)
        state = checkpoint.load(path)
        self.network = architecture.build(state.get("average", state), state.get("residual"))
        self.size = self.network.size

    def __call__(self, photo):
        import torch
        with torch.no_grad():
            return self.network(torch.from_numpy(photo).contiguous()).numpy()


def load(path, threads=1):
    """From a manifest (.json), a bare .onnx (taken for 256 pixels, RGB, [-1, 1]) or a state dict."""
    path = pathlib.Path(path)
    if path.suffix == ".json":
        manifest, model = read_manifest(path)
        return OnnxRestorer(model, manifest, threads)
    if path.suffix == ".onnx":
        return OnnxRestorer(path, {"input_size": 256}, threads)
    if path.suffix in (".pth", ".pt"):
        return TorchRestorer(path, threads)
    raise ValueError(f"expected a manifest (.json), .onnx, .pth or .pt, found {path}")


def resize(pictures, size):
    """Bicubic, to the size that a network or the comparison wants."""
    import cv2
    if pictures.shape[-1] == size:
        return pictures
    how = cv2.INTER_AREA if pictures.shape[-1] > size else cv2.INTER_CUBIC
    resized = [cv2.resize(picture.transpose(1, 2, 0), (size, size), interpolation=how)
               for picture in pictures]
    return np.ascontiguousarray(np.stack(resized).transpose(0, 3, 1, 2))


def peak_megabytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(model, source, target, threads):
    restorer = load(model, int(threads))
    photos = np.load(source, mmap_mode="r")
    restored, seconds, megabytes = [], [], 0
    for index in range(len(photos)):
        photo = resize(np.array(photos[index:index + 1]), restorer.size)
        begun = time.perf_counter()
        result = restorer(photo)
        seconds.append(time.perf_counter() - begun)
        megabytes = megabytes or peak_megabytes()  # of the model and one face, not of all results
        restored.append(resize(result.astype(np.float32), photos.shape[-1]))
    np.save(target, np.concatenate(restored))
    print(json.dumps({"seconds": float(np.median(seconds)), "megabytes": megabytes}))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Exception as error:  # shown by the command that started this process
        sys.exit(f"{type(error).__name__}: {error}")
