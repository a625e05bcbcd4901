"""mix: a network between two of the same shape, or beyond the second (a share above 1). What a second
stage changed is so weakened or strengthened, without training."""

import math

from . import checkpoint
from .checkpoint import CheckpointError


def add_arguments(parser):
    parser.add_argument("first", help="checkpoint or state dict: the network at share 0")
    parser.add_argument("second", help="the same: the network at share 1, trained on from the first")
    parser.add_argument("share", type=float, help="1.35: the second and 35 %% of the way again")
    parser.add_argument("output", help="file for train --start, export or evaluate")


def mix(first, second, share):
    """State dicts of the same names and shapes; buffers stay the second's."""
    different = sorted(name for name in first.keys() | second.keys()
                       if name not in first or name not in second
                       or first[name].shape != second[name].shape)
    if different:
        raise CheckpointError(f"expected networks of the same shape, found {len(different)} entries "
                              f"that differ: {', '.join(different[:3])} ...")
    return {name: first[name].lerp(values, share) if values.is_floating_point() else values
            for name, values in second.items()}


def run(arguments):
    if not math.isfinite(arguments.share):
        raise ValueError(f"expected a number as the share (1.35, say), found {arguments.share}")
    states = [checkpoint.load(path) for path in (arguments.first, arguments.second)]
    first, second = map(checkpoint.weights, states)
    residuals = {state["residual"] for state in states if state.get("residual") is not None}
    if len(residuals) > 1:
        raise CheckpointError("expected networks of the same kind, found that one adds its input to "
                              "its picture (residual) and the other does not")
    mixed = {"average": mix(first, second, arguments.share),
             "images": int(states[1].get("images", 0)), "residual": next(iter(residuals), None)}
    if "template" in states[1].get("settings", {}):
        mixed["settings"] = {"template": states[1]["settings"]["template"]}
    checkpoint.save(mixed, arguments.output)
    print(f"{arguments.output}: {arguments.share:g} of the way from {arguments.first} to "
          f"{arguments.second}")
