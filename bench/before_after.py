#!/usr/bin/env python3
"""Draws docs/before-after.jpg, the README's picture: a free portrait made a faded, grainy little print, enlarged, and
what the program makes of it.

    before_after.py [--gpen PROGRAM] [--models FOLDER] [--keep FOLDER] [OUTPUT]

See sheet.py for what it needs.
"""

import numpy as np
from PIL import Image, ImageFilter

import sheet
from sheet import SKIMAGE, compressed, noisy

SIDE = 320
OPTIONS = ["--preset", "old-photo", "--enlarge", "2", "--fading", "100", "--strength", "100"]


def little_print():
    with Image.open(SKIMAGE / "astronaut.png") as portrait:
        small = portrait.convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    pixels = np.asarray(small.filter(ImageFilter.GaussianBlur(0.6)), np.float32)
    pixels = np.array([62, 46, 30]) + pixels * np.array([0.70, 0.66, 0.58])  # faded and yellow
    return compressed(noisy(pixels, np.random.default_rng(1), 6, 0.6, gray=True), 80)


def main():
    with sheet.program(__doc__, "docs/before-after.jpg") as program:
        photo = little_print()
        restored = program.restore("little-print", photo, OPTIONS)
        both = Image.new("RGB", (4 * SIDE, 2 * SIDE))
        both.paste(photo.resize((2 * SIDE, 2 * SIDE), Image.Resampling.BICUBIC), (0, 0))
        both.paste(restored, (2 * SIDE, 0))
        both.save(program.output, quality=88, optimize=True)


if __name__ == "__main__":
    main()
