"""export-parsing: writes the averaged network of a train-parsing checkpoint as a float16 state dict, which
`gpen model convert --task parsing` reads."""

from . import checkpoint, parsing_network
from .errors import TrainingError
from .export_command import halved


def add_arguments(parser):
    parser.add_argument("checkpoint", help="checkpoint.pt of train-parsing, or a state dict")
    parser.add_argument("output", help="the .pth to write")


def run(arguments):
    weights = checkpoint.weights(checkpoint.load(arguments.checkpoint))
    if not parsing_network.is_parsing(weights):
        raise TrainingError(f"expected a network for parsing (train-parsing), found another in {arguments.checkpoint}")
    parts = parsing_network.build(weights).state_dict()
    checkpoint.save(halved({name: tensor.contiguous() for name, tensor in parts.items()}), arguments.output)
    print(f"{arguments.output}: {sum(tensor.numel() for tensor in parts.values())} parameters")
