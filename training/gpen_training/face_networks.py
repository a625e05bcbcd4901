"""Where the networks that serve as measures and losses lie, and the flags that name others."""

import pathlib

FOLDER = pathlib.Path(__file__).parents[2] / "models" / "face"  # scripts/setup.sh installs them here
IDENTITY, LANDMARKS = FOLDER / "identity-512.onnx", FOLDER / "landmarks-68.onnx"
NONE = "none"


def add_flag(parser, flag, default, purpose):
    parser.add_argument(flag, metavar="FILE", default=None,
                        help=f"{purpose}; {NONE}: do without [models/face/{default.name} of the "
                        "checkout, where scripts/setup.sh has put it]")


def chosen(value, default):
    """The file to use, or None."""
    if value is None:
        return default if default.exists() else None
    return None if value == NONE else value
