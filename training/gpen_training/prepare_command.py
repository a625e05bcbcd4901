"""prepare: cuts faces out of photos with the program itself, `gpen faces extract`, so that a network
is trained on exactly what it meets in use."""

import pathlib
import shutil
import subprocess

from . import faces
from .faces import FacesError


def add_arguments(parser):
    parser.add_argument("photos", nargs="+", help="photos, or folders of photos")
    parser.add_argument("--output", required=True, help="folder for the faces; new or empty")
    parser.add_argument("--size", type=int, default=256, help="of the faces [256]")
    parser.add_argument("--template", choices=["ffhq", "gpen"], default="ffhq",
                        help="where the eyes and the mouth lie [ffhq]")
    parser.add_argument("--gpen", default="gpen", metavar="FILE",
                        help="the program, if it is not on the path")


def run(arguments):
    program = shutil.which(arguments.gpen)
    if program is None:
        raise FacesError(f"expected the program {arguments.gpen}, found none: build the project "
                         "and give its path with --gpen (build/.../gpen)")
    missing = [path for path in arguments.photos if not pathlib.Path(path).exists()]
    if missing:
        raise FacesError(f"expected photos or folders, found none at {', '.join(missing[:3])}")
    output = pathlib.Path(arguments.output)
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise FacesError(f"expected a new or empty folder, found something in {output}: remove it "
                         "or choose another, so that no old faces are mixed in")
    # It prints the table of what it left out and why, and its progress, itself.
    result = subprocess.run([program, "faces", "extract", *arguments.photos, "--recursive", "-o",
                             str(output), "--size", str(arguments.size), "--template",
                             arguments.template])
    if result.returncode != 0:
        raise FacesError(f"{program} faces extract ended with exit code {result.returncode}; its "
                         "message stands above (a program without that command is too old)")
    print(f"{len(faces.list_pictures(output))} faces in {output}")
