"""Another face-restoration network to learn from. What it makes of a batch is computed once and kept
on disk, so batches repeat after a fixed number of different ones."""

import hashlib
import pathlib

import numpy as np
import torch

from . import checkpoint, restorers
from .batches import to_pictures, to_tensor


class Teacher:
    """`settings`: what the batches depend on (seed and size of a batch, template of the faces)."""

    def __init__(self, path, folder, size, settings, batches):
        self.path, self.batches = pathlib.Path(path), batches
        if batches < 1:
            raise ValueError(f"--teacher-batches: expected 1 or more, found {batches}")
        restorer = restorers.load(path)  # a bad one is told before the training begins
        self.restorer = restorers.Fitted(restorer, settings.template)
        key = hashlib.sha256(f"{settings.seed} {settings.batch} {size}".encode())
        weights = self.path
        if self.path.suffix == ".json":  # what it says changes the pictures too
            weights = restorers.read_manifest(path)[1]
            key.update(self.path.read_bytes())
        key.update(pathlib.Path(weights).read_bytes())
        if restorer.template not in (None, settings.template):
            key.update(f"{restorer.template} to {settings.template}".encode())
        self.folder = pathlib.Path(folder) / key.hexdigest()[:16]
        self.folder.mkdir(parents=True, exist_ok=True)

    def pictures(self, number, photos):
        """The teacher's pictures for the photos of batch `number`, in [-1, 1]."""
        path = self.folder / f"{number % self.batches}.npy"
        if not path.exists():
            restored = [self.restorer(photo[None].contiguous().numpy()) for photo in photos.cpu()]
            pictures = to_pictures(torch.from_numpy(np.concatenate(restored)))

            def write(unfinished):
                with open(unfinished, "wb") as file:
                    np.save(file, pictures)
            checkpoint.write_atomically(path, write)
        return to_tensor(np.load(path))
