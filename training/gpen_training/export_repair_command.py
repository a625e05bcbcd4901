"""export-repair: writes the averaged network of a train-repair checkpoint as a float16 state dict that
`gpen model convert --task photo` reads."""

import pathlib

from . import checkpoint, repair_network
from .errors import TrainingError
from .export_command import halved


def add_arguments(parser):
    parser.add_argument("checkpoint", help="checkpoint.pt of train-repair, or a state dict")
    parser.add_argument("output", help="photo-repair.pth")


def run(arguments):
    weights = checkpoint.weights(checkpoint.load(arguments.checkpoint))
    if not repair_network.is_repair(weights):
        raise TrainingError(f"expected a network that repairs (train-repair), found another in {arguments.checkpoint}")
    network = repair_network.build(weights)
    checkpoint.save(halved({name: tensor.contiguous() for name, tensor in weights.items()}),
                    pathlib.Path(arguments.output))
    print(f"{arguments.output}: {network.parameter_count} parameters")
