"""Anything that can be judged, behind one call: float32 RGB in [-1, 1], 1 x 3 x size x size, to the
same. Run as a program it restores an array of pictures in a process of its own, so that time and
memory are the model's alone. It prints the number of each finished face, then its facts:

    python3 -m gpen_training.restorers MODEL INPUT.npy OUTPUT.npy THREADS TEMPLATE
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

from .templates import TEMPLATES, points, similarity


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
        template = manifest["template"]
    except OSError as error:
        raise ValueError(f"cannot read the manifest {path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"expected a manifest with file, value_range, color_order, input_size "
                         f"and template in {path}, found {error}") from None
    if order not in ("RGB", "BGR") or not low < high or size < 8:
        raise ValueError(f"{path}: expected color_order RGB or BGR, value_range [low, high] and an "
                         f"input_size of 8 or more, found {order}, [{low}, {high}] and {size}")
    if template not in TEMPLATES:
        raise ValueError(f"{path}: expected a template among {', '.join(TEMPLATES)}, found {template}")
    return manifest, model


class OnnxRestorer:
    """`template`: that its faces are cut by; None if nobody says."""

    def __init__(self, path, manifest, threads):
        if runtime() is None:
            raise RuntimeError(f"{path} needs ONNX Runtime: install python3-onnxruntime")
        options = runtime().SessionOptions()
        options.intra_op_num_threads = threads
        try:
            self.session = runtime().InferenceSession(str(path), options)
        except Exception as error:
            raise RuntimeError(f"cannot load {path}: {error}") from None
        self.path, self.template = path, manifest.get("template")
        self.input = self.session.get_inputs()[0].name
        self.size = self._size(manifest.get("input_size"))
        self.low, self.high = manifest.get("value_range", (-1, 1))
        self.reverse = manifest.get("color_order", "RGB") == "BGR"

    def _size(self, said):
        """Of the pictures it takes: what the graph fixes, or what the manifest says (None: no
        manifest) of a graph that takes any."""
        shape = self.session.get_inputs()[0].shape
        channels, *sides = [side if isinstance(side, int) else None for side in shape[1:]]
        sides = set(sides) - {None}  # the graph leaves open what is None
        if len(shape) != 4 or channels not in (3, None) or len(sides) > 1:
            raise ValueError(f"expected a network that takes 1 x 3 x size x size in {self.path}, "
                             f"found an input of {' x '.join(map(str, shape))}")
        size = sides.pop() if sides else said
        if size is None:
            raise ValueError(f"{self.path} takes pictures of any size: expected a manifest (.json) "
                             "that says which, as in models/")
        if said not in (None, size):
            raise ValueError(f"expected pictures of {said} pixels, as its manifest says, in "
                             f"{self.path}, found an input of {size}: mend the manifest")
        return size

    def __call__(self, photo):
        values = (photo + 1) / 2 * (self.high - self.low) + self.low
        values = np.ascontiguousarray(values[:, ::-1] if self.reverse else values, np.float32)
        try:
            restored = self.session.run(None, {self.input: values})[0]
        except Exception as error:
            raise RuntimeError(f"{self.path} cannot restore a picture of {self.size} pixels: {error}"
                               ) from None
        if restored.shape != photo.shape:
            raise RuntimeError(f"expected {self.path} to give pictures of the size that it takes, "
                               f"{photo.shape}, found {restored.shape}")
        restored = restored[:, ::-1] if self.reverse else restored
        return (restored - self.low) / (self.high - self.low) * 2 - 1


class TorchRestorer:
    """A training's checkpoint knows its template. For a bare state dict it is taken from its kind,
    as `gpen model convert` does: ffhq for ours (residual), gpen for the released networks."""

    def __init__(self, path, threads):
        from . import architecture, checkpoint
        from .threads import set_up
        set_up(threads)
        state = checkpoint.load(path)
        self.network = architecture.build(checkpoint.weights(state), state.get("residual"))
        self.size = self.network.size
        kind = "ffhq" if self.network.residual else "gpen"
        self.template = state["settings"].get("template", "ffhq") if "settings" in state else kind

    def __call__(self, photo):
        import torch
        with torch.no_grad():
            return self.network(torch.from_numpy(photo).contiguous()).numpy()


def load(path, threads=1):
    """From a manifest (.json), a bare .onnx (RGB, [-1, 1], cut like the faces) or a state dict."""
    path = pathlib.Path(path)
    if path.suffix == ".json":
        manifest, model = read_manifest(path)
        return OnnxRestorer(model, manifest, threads)
    if path.suffix == ".onnx":
        return OnnxRestorer(path, {}, threads)
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


class Fitted:
    """A restorer on faces of any size and of `template`. One that was trained on faces cut by
    another gets them cut anew, and what it makes of them is brought back."""

    EDGE = 0.1  # of half a crop: over so much its picture fades into the photo where its crop ends

    def __init__(self, restorer, template):
        self.restorer, self.seconds = restorer, 0.0
        self.there = None
        if restorer.template not in (None, template):
            here, elsewhere = (points(name, restorer.size) for name in (template, restorer.template))
            self.there = similarity(elsewhere, here)  # from its crop to the face's, as in use
            # The best fit the other way round would not lead back exactly.
            self.back = np.linalg.inv(np.vstack([self.there, [0, 0, 1]]))[:2]
            self.share = self._share()

    def _share(self):
        """How much of each pixel of the face the restorer's crop holds."""
        size = self.restorer.size
        places = np.stack([*np.mgrid[:size, :size][::-1], np.ones((size, size))])
        x, y = np.tensordot(self.back, places, 1)
        from_centre = np.maximum(abs(x - (size - 1) / 2), abs(y - (size - 1) / 2)) / (size / 2)
        return ((1 - from_centre) / self.EDGE).clip(0, 1).astype(np.float32)

    def __call__(self, faces):
        """float32 in [-1, 1], N x 3 x any size, to the same; `seconds`: the network's own time."""
        photo = resize(faces, self.restorer.size)
        seen = photo if self.there is None else cut(photo, self.there)
        begun = time.perf_counter()
        restored = self.restorer(seen).astype(np.float32)
        self.seconds = time.perf_counter() - begun
        if self.there is not None:
            restored = photo + self.share * (cut(restored, self.back) - photo)
        return resize(restored, faces.shape[-1])


def cut(pictures, matrix):
    """`matrix`: from the pixels of the new pictures to those of the old; both have one size."""
    import cv2
    size = pictures.shape[-1]
    made = [cv2.warpAffine(np.ascontiguousarray(picture.transpose(1, 2, 0)), matrix, (size, size),
                           flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
                           borderMode=cv2.BORDER_REPLICATE) for picture in pictures]
    return np.ascontiguousarray(np.stack(made).transpose(0, 3, 1, 2))


def peak_megabytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(model, source, target, threads, template):
    restorer = Fitted(load(model, int(threads)), template)
    photos = np.load(source, mmap_mode="r")
    restored, seconds, megabytes = [], [], 0
    for index in range(len(photos)):
        restored.append(restorer(np.array(photos[index:index + 1])))
        seconds.append(restorer.seconds)
        megabytes = megabytes or peak_megabytes()  # of the model and one face, not of all results
        print(index + 1, flush=True)
    np.save(target, np.concatenate(restored))
    print(json.dumps({"seconds": float(np.median(seconds)), "megabytes": megabytes}))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Exception as error:  # shown by the command that started this process
        sys.exit(f"{type(error).__name__}: {error}")
