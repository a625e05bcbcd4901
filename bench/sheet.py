"""What the scripts that draw pictures for the documents share: free photos, the program on them, and a sheet of parts
of pictures at 100 %. Needs Python's numpy and Pillow, and the photos of Debian's python3-skimage and
python-matplotlib-data."""

import argparse
import contextlib
import io
import pathlib
import subprocess
import tempfile

import numpy as np
from PIL import Image, ImageFilter

ROOT = pathlib.Path(__file__).resolve().parents[1]
SKIMAGE = pathlib.Path("/usr/lib/python3/dist-packages/skimage/data")
HOPPER = pathlib.Path("/usr/share/matplotlib/mpl-data/sample_data/grace_hopper.jpg")
GAP = 8


class Program:
    """gpen, with its models; photos and results lie in `folder`."""

    def __init__(self, arguments, folder):
        self.gpen, self.models, self.output = arguments.gpen, arguments.models, arguments.output
        self.photos = getattr(arguments, "photos", None)
        self.folder = folder

    def restore(self, name, photo, options):
        """`photo`, restored."""
        before, after = (self.folder / f"{name}{end}.png" for end in ("", "-restored"))
        photo.save(before)
        subprocess.run([self.gpen, "restore", "-q", "--force", "--models", self.models, *options, before, "-o", after],
                       check=True)
        with Image.open(after) as restored:
            return restored.convert("RGB")


@contextlib.contextmanager
def program(description, output, photos=None):
    """The Program that the command line asks for, with the path of the picture to draw as its `output` and, where
    `photos` says which, the folder of further photos."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--gpen", default=ROOT / "build/release/apps/gpen/gpen")
    parser.add_argument("--models", default=ROOT / "models", help="folder of the models")
    parser.add_argument("--keep", type=pathlib.Path, help="folder for the photos and results")
    if photos:
        parser.add_argument("photos", type=pathlib.Path, help=photos)
    parser.add_argument("output", nargs="?", default=ROOT / output)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.keep or pathlib.Path(scratch)
        folder.mkdir(exist_ok=True)
        yield Program(arguments, folder)


def draw(rows, side):
    """A sheet of `rows` of (picture, left and top of what is shown of it), `side` pixels each."""
    sheet = Image.new("RGB", (len(rows[0]) * (side + GAP) - GAP, len(rows) * (side + GAP) - GAP), "white")
    for row, cells in enumerate(rows):
        for column, (picture, corner) in enumerate(cells):
            left, top = (min(at, length - side) for at, length in zip(corner, picture.size))
            sheet.paste(picture.crop((left, top, left + side, top + side)),
                        (column * (side + GAP), row * (side + GAP)))
    return sheet


def compressed(photo, quality):
    data = io.BytesIO()
    photo.save(data, "JPEG", quality=quality)
    return Image.open(data).convert("RGB")


def noisy(pixels, random, deviation, blur, gray=False):
    """A photo of `pixels` (height x width x 3) under noise in clumps, of such a deviation."""
    noise = np.uint8(np.clip(random.normal(128, 40, pixels.shape[:2] if gray else pixels.shape), 0, 255))
    grains = np.asarray(Image.fromarray(noise).filter(ImageFilter.GaussianBlur(blur)), np.float32) - 128
    grains = grains.reshape(*pixels.shape[:2], -1) * deviation / grains.std()
    return Image.fromarray(np.uint8(np.clip(pixels + grains, 0, 255)))
