"""prepare: cuts faces out of photos with the program itself, `gpen faces extract`, so that a network
is trained on exactly what it meets in use."""

import json
import pathlib
import shutil
import subprocess
import sys

from . import faces
from .faces import FacesError
from .flags import at_least
from .templates import TEMPLATES

# Exit codes of the program (src/base/error_table.h).
OK, SOME_FAILED, NOTHING_TO_DO, INTERRUPTED = 0, 1, 3, 130
TABLE = "left-out.tsv"  # the program writes it last: it stands for a whole run
UNFINISHED = "unfinished.json"  # lies in the folder until all photos were gone through


def add_arguments(parser):
    parser.add_argument("photos", nargs="+", help="photos, or folders of photos")
    parser.add_argument("--output", required=True, help="folder for the faces; new, empty, or that of an "
                        "interrupted prepare of the same photos, which then goes on")
    parser.add_argument("--size", type=at_least(64), default=256, help="of the faces [256]")
    parser.add_argument("--template", choices=list(TEMPLATES), default="ffhq",
                        help="where the eyes and the mouth lie [ffhq]")
    parser.add_argument("--gpen", default="gpen", metavar="FILE",
                        help="the program, if it is not on the path")


def claim(output, wanted):
    """Takes the folder, or the one of an interrupted run for the same: the program names a face by
    what its photo holds, so going through all photos again writes the same faces once more."""
    mark = output / UNFINISHED
    if mark.exists() and any(output.glob("*.png")):
        if mark.read_text() != wanted:
            raise FacesError(f"expected the photos, size and template of the interrupted prepare "
                             f"whose faces lie in {output}, found others: give the same (they stand "
                             f"in {mark}), remove the folder or choose another")
        print(f"{output}: going on after an interruption; the photos are gone through from the "
              "first, and their faces stay the same", flush=True)
    elif output.exists() and not (mark.exists() or is_empty(output)):
        raise FacesError(f"expected a new or empty folder, found something in {output}: remove it "
                         "or choose another, so that no old faces are mixed in")
    output.mkdir(parents=True, exist_ok=True)
    (output / TABLE).unlink(missing_ok=True)
    mark.write_text(wanted)


def is_empty(path):
    return path.is_dir() and not any(path.iterdir())


def run(arguments):
    program = shutil.which(arguments.gpen)
    if program is None:
        raise FacesError(f"expected the program {arguments.gpen}, found none: build the project "
                         "and give its path with --gpen (build/.../gpen)")
    missing = [path for path in arguments.photos if not pathlib.Path(path).exists()]
    if missing:
        raise FacesError(f"expected photos or folders, found none at {', '.join(missing[:3])}")
    output = pathlib.Path(arguments.output)
    claim(output, json.dumps({"photos": [str(pathlib.Path(path).resolve())
                                         for path in arguments.photos],
                              "size": arguments.size, "template": arguments.template}) + "\n")
    # It prints the table of what it left out and why, its complaints and its progress itself.
    try:
        code = subprocess.run([program, "faces", "extract", *arguments.photos, "--recursive", "-o",
                               str(output), "--size", str(arguments.size), "--template",
                               arguments.template]).returncode
    except KeyboardInterrupt:
        code = INTERRUPTED
    if code == INTERRUPTED:
        print(f"interrupted; the same command goes on in {output}", file=sys.stderr)
        return code
    if code not in (OK, SOME_FAILED, NOTHING_TO_DO) or not (output / TABLE).exists():
        raise FacesError(f"{program} faces extract ended with exit code {code} before it had gone "
                         "through the photos; its message stands above (a program without that "
                         "command is too old)")
    if not any(output.glob("*.png")):
        raise FacesError("expected a face or more that is good enough to train on, found none in "
                         f"the photos: {output / TABLE} says why faces were left out")
    (output / UNFINISHED).unlink()
    if code == SOME_FAILED:
        print("warning: photos that could not be read were left out (the program's message about "
              "each stands above); the faces of all others are written", file=sys.stderr)
    print(f"{len(faces.list_pictures(output))} faces in {output}")
