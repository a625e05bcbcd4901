"""Another face-restoration network to learn from. What it makes of a batch is computed once and kept
on disk, so batches repeat after a fixed number of different ones."""

import hashlib
import pathlib

import numpy as np
import torch

from . import checkpoint, restorers
from .batches import to_pictures, to_tensor


class Teacher:
    """`settings`: what the batches depend on (seed and size of a batch)."""

    def __init__(self, path, folder, size, settings, batches):
        self.path, self.size, self.batches = pathlib.Path(path), size, batches
        if batches < 1:
            raise ValueError(f"--teacher-batches: expected 1 or more, found {batches}")
        self.restorer = restorers.load(path)  # a bad one is told before the training begins
        key = hashlib.sha256(f"{settings.seed} {settings.batch} {size}".encode())
        weights = restorers.read_manifest(path)[1] if self.path.suffix == ".json" else self.path
        key.update(pathlib.Path(weights).read_bytes())
        self.folder = pathlib.Path(folder) / key.hexdigest()[:16]
        self.folder.mkdir(parents=True, exist_ok=True)

    def pictures(self, number, photos):
        """The teacher's pictures for the photos of batch `number`, in [-1, 1]."""
        path = self.folder / f"{number % self.batches}.npy"
        if not path.exists():
            restored = [restorers.resize(
                self.restorer(restorers.resize(photo[None].contiguous().numpy(),
                                               self.restorer.size)).astype(np.float32), self.size)
                for photo in photos]
            pictures = to_pictures(torch.from_numpy(np.concatenate(restored)))

            def write(unfinished):
                with open(unfinished, "wb") as file:
                    np.save(file, pictures)
            checkpoint.write_atomically(path, write)
        return to_tensor(np.load(path))
