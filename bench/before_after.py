#!/usr/bin/env python3
"""Draws docs/before-after.jpg, the README's picture: a free portrait made a faded, grainy little print, enlarged, and
what the program makes of it.

    before_after.py [--gpen PROGRAM] [--models FOLDER] [OUTPUT]

Needs Python's numpy and Pillow, and the photos of Debian's python3-skimage.
"""

import argparse
import pathlib
import subprocess
import tempfile

import numpy as np
from PIL import Image, ImageFilter

from face_sheet import compressed, noisy
from old_photo_sheet import ROOT, SKIMAGE

SIDE = 320
OPTIONS = ["--preset", "old-photo", "--enlarge", "2", "--fading", "100", "--strength", "100"]


def little_print():
    with Image.open(SKIMAGE / "astronaut.png") as portrait:
        small = portrait.convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    pixels = np.asarray(small.filter(ImageFilter.GaussianBlur(0.6)), np.float32)
    pixels = np.array([62, 46, 30]) + pixels * np.array([0.70, 0.66, 0.58])  # faded and yellow
    return compressed(noisy(pixels, np.random.default_rng(1), 6, 0.6, gray=True), 80)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gpen", default=ROOT / "build/release/apps/gpen/gpen")
    parser.add_argument("--models", default=ROOT / "models", help="folder of the models")
    parser.add_argument("output", nargs="?", default=ROOT / "docs/before-after.jpg")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        before, after = (pathlib.Path(scratch) / name for name in ("before.png", "after.png"))
        photo = little_print()
        photo.save(before)
        subprocess.run([arguments.gpen, "restore", "-q", "--models", arguments.models, *OPTIONS, before, "-o", after],
                       check=True)
        sheet = Image.new("RGB", (4 * SIDE, 2 * SIDE))
        sheet.paste(photo.resize((2 * SIDE, 2 * SIDE), Image.Resampling.BICUBIC), (0, 0))
        with Image.open(after) as restored:
            sheet.paste(restored.convert("RGB"), (2 * SIDE, 0))
    sheet.save(arguments.output, quality=88, optimize=True)


if __name__ == "__main__":
    main()
