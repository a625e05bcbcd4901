"""Checkpoints on disk: written beside their place, synced, then renamed, so that a stop at any
moment leaves the old or the new one whole."""

import os
import pathlib

import torch

from .errors import TrainingError


class CheckpointError(TrainingError):
    """A checkpoint that cannot be used; the message says why and what to do."""


def write_atomically(path, write):
    """`write(unfinished_path)`, then rename."""
    path = pathlib.Path(path)
    unfinished = path.with_name(path.name + ".unfinished")
    write(unfinished)
    with open(unfinished, "rb") as file:
        os.fsync(file.fileno())
    os.replace(unfinished, path)


def save(state, path):
    write_atomically(path, lambda unfinished: torch.save(state, unfinished))


def weights(state):
    """The network's weights in what load() gave, as float32: the running average of a training, the
    average that a released checkpoint of GPEN may hold, the weights of the moment that a short run
    leaves, or the state dict itself. Some hold float16."""
    held = next((state[name] for name in ("average", "g_ema", "network") if name in state), state)
    if not isinstance(held, dict) or not held or not all(
            isinstance(tensor, torch.Tensor) for tensor in held.values()):
        raise CheckpointError("expected the weights of a network (a checkpoint of a training or a "
                              "state dict), found a file with something else")
    return {name: tensor.float() if tensor.is_floating_point() else tensor
            for name, tensor in held.items()}


def load(path):
    """A dict of tensors and plain values; never executes what the file holds."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise CheckpointError(f"expected a checkpoint or state dict at {path}, found no such "
                              "file") from None
    except Exception as error:
        raise CheckpointError(f"cannot read {path} as a PyTorch file of plain tensors: "
                              f"{error}") from error
    if not isinstance(state, dict):
        raise CheckpointError(f"expected a dict in {path}, found {type(state).__name__}")
    return state
