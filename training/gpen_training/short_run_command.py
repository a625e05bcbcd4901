"""short-run: one training of so many minutes, for a machine that is lent for a while. Packs faces into so
many MiB (with --pack-only it ends there), trains on them, and stops by itself. What it writes into --output
is small enough to be carried away; all that is needed to go on exactly stays in --work."""

import pathlib
import shutil
import time

from . import checkpoint, packing, parsing, train_command
from .export_command import halved
from .flags import at_least

# Of the settings: what proved good in runs of minutes.
DEFAULTS = {"batch": 64, "rate": 2e-3, "rate_end": 0.05, "fall_from": 0.6, "half_life": 6000,
            "absolute": 0.3, "gradient": 0.0, "chroma": 0.5, "identity": 1.6, "perceptual": 0.5}


def add_arguments(parser):
    group = parser.add_argument_group("short run")
    group.add_argument("--output", default="runs/short", help="folder of network.pth (the average), "
                       "checkpoint.pt (the weights of the moment, for --start), the curve and the contact "
                       "sheet [runs/short]")
    group.add_argument("--work", default="runs/short-work", help="folder of the whole training; another "
                       "short run goes on from there [runs/short-work]")
    group.add_argument("--limit-mib", type=at_least(0, float), default=16, help="that each file in "
                       "--output must fit into [16]")
    group.add_argument("--pack", metavar="DIR", help="first pack a choice of the faces into this new folder, "
                       "with the label maps of --parsing, and train on it")
    group.add_argument("--mib", type=at_least(0, float), default=40, help="room for --pack [40]")
    group.add_argument("--pack-only", action="store_true", help="end when the faces are packed")
    train_command.add_training_arguments(parser)
    parser.set_defaults(evaluate_every=50000, checkpoint_every=1.5, minutes=8.0)


class SmallFiles:
    """What is carried away: the average for use, the weights of the moment to start from, the curve."""

    NAMES = ("network.pth", "checkpoint.pt", "curve.csv", "held-out.png")

    def __init__(self, output, work, limit_mib):
        self.output, self.work, self.limit = pathlib.Path(output), pathlib.Path(work), limit_mib

    def write(self, trainer):
        self.output.mkdir(parents=True, exist_ok=True)
        state = trainer.state()
        start = {name: state[name] for name in ("images", "settings", "residual", "ratios")}
        start["network"] = halved(state["network"])
        checkpoint.save(halved(state["average"]), self.output / "network.pth")
        checkpoint.save(start, self.output / "checkpoint.pt")
        for name in ("curve.csv", "held-out.png"):
            if (self.work / name).exists():
                shutil.copy(self.work / name, self.output / name)
        for path in map(self.output.joinpath, self.NAMES):
            if path.exists() and path.stat().st_size > self.limit * packing.MIB:
                raise ValueError(f"expected {path} to fit into {self.limit:g} MiB (--limit-mib), found "
                                 f"{path.stat().st_size / packing.MIB:.1f}: train a narrower network")


def run(arguments):
    begun = time.monotonic()
    if arguments.pack_only and not arguments.pack:
        raise ValueError("--pack-only: expected --pack DIR too")
    if arguments.pack:
        count = packing.pack(arguments.faces, arguments.pack, arguments.mib, arguments.size,
                             arguments.parsing)
        print(f"{arguments.pack}: {count} faces", flush=True)
        arguments.faces, arguments.parsing = arguments.pack, None
    if arguments.pack_only:
        return
    label_maps = pathlib.Path(arguments.faces) / parsing.FOLDER
    if arguments.parsing is None and label_maps.is_dir():
        arguments.parsing = label_maps
    if not (pathlib.Path(arguments.work) / "checkpoint.pt").exists():  # else its own settings hold
        for name, value in DEFAULTS.items():
            if not hasattr(arguments, name):
                setattr(arguments, name, value)
    small = SmallFiles(arguments.output, arguments.work, arguments.limit_mib)
    arguments.output = arguments.work
    train_command.run(arguments, begun, small.write)
    for path in sorted(small.output.iterdir()):
        print(f"{path}: {path.stat().st_size / packing.MIB:.1f} MiB")
