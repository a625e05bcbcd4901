"""export-photos: writes the averaged network of a train-photos checkpoint for each of its scales, as float16 state
dicts that `gpen model convert --task photo` reads."""

import pathlib

from . import checkpoint, photo_network
from .errors import TrainingError
from .export_command import halved

NAMES = {1: "photo-clean", 2: "photo-x2", 4: "photo-x4"}
SHARPENING = "photo-sharpen"  # Of the networks for one scale, that of --kind sharpen.


def add_arguments(parser):
    parser.add_argument("checkpoint", help="checkpoint.pt of train-photos, or a state dict")
    parser.add_argument("output", help="folder of photo-clean.pth, photo-sharpen.pth, photo-x2.pth, "
                        "photo-x4.pth: those that the network has")
    parser.add_argument("--scale", type=int, choices=list(NAMES), help="only this one")


def for_scale(weights, scale):
    """The weights of the trunk and of the head for `scale`."""
    return {name: tensor.contiguous() for name, tensor in weights.items()
            if not name.startswith("heads.") or name.startswith(f"heads.{scale}.")}


def run(arguments):
    state = checkpoint.load(arguments.checkpoint)
    weights = checkpoint.weights(state)
    if "trunk.0.weight" not in weights:
        raise TrainingError(f"expected a network for photos (train-photos), found another in {arguments.checkpoint}")
    network = photo_network.build(weights)
    scales = [arguments.scale] if arguments.scale else network.scales
    if arguments.scale and arguments.scale not in network.scales:
        raise TrainingError(f"expected a network with a head for x{arguments.scale}, found one for "
                            + ", ".join(f"x{scale}" for scale in network.scales))
    folder = pathlib.Path(arguments.output)
    folder.mkdir(parents=True, exist_ok=True)
    for scale in scales:
        part = for_scale(weights, scale)
        path = folder / ((SHARPENING if state.get("kind") == "sharpen" else NAMES[scale]) + ".pth")
        checkpoint.save(halved(part), path)
        print(f"{path}: {sum(tensor.numel() for tensor in part.values())} parameters, x{scale}")
