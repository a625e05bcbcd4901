"""python3 -m gpen_training COMMAND"""

import argparse
import importlib
import sys

from . import environment
from .errors import TrainingError

COMMANDS = {
    "prepare": "cut faces out of photos",
    "train": "train a network, or continue",
    "short-run": "train for so many minutes on a machine that is lent for a while",
    "evaluate": "compare models on held-out faces: a table and a contact sheet",
    "blind-pairs": "sheets of two networks' pictures, to choose from without knowing whose they are",
    "blind-count": "count what was chosen there",
    "likeness": "what a restored face's likeness to the photo says about the truth",
    "export": "write a checkpoint's averaged network as .pth and .onnx",
    "mix": "a network between two, or beyond the second",
    "train-photos": "train a network that cleans, sharpens or enlarges photos, or continue",
    "evaluate-photos": "judge such networks on a folder of pictures: a table and a sheet",
    "export-photos": "write such a network as .pth, one for each scale",
    "train-parsing": "train the network that tells face, hair and the rest apart, or continue",
    "export-parsing": "write such a network as .pth",
    "train-repair": "train the network that finds and fills damage, or continue",
    "evaluate-repair": "judge such a network on held-out photos with drawn damage: a table and a sheet",
    "export-repair": "write such a network as .pth",
    "degrade": "show what the degradation does, as a contact sheet",
}


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="gpen_training", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    words = sys.argv[1:] if arguments is None else arguments
    name = next((word for word in words if word in COMMANDS), None)
    for command, text in COMMANDS.items():
        subparser = commands.add_parser(command, help=text, description=text)
        if command == name:  # the others' modules are not worth loading
            module = importlib.import_module(f".{command.replace('-', '_')}_command", __package__)
            module.add_arguments(subparser)
    arguments = parser.parse_args(words)
    try:
        return module.run(arguments) or 0
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 1
    except (OSError, RuntimeError, ValueError, TrainingError) as error:
        print(f"gpen_training {name}: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    environment.ensure()
    sys.exit(main())
