#!/usr/bin/env python3
"""Draws docs/faces.jpg: two faces of free photos in four bad states, and beside each what the program makes of it,
at 100 %.

    face_sheet.py [--gpen PROGRAM] [--models FOLDER] [--keep FOLDER] [OUTPUT]

Needs Python's numpy and Pillow, and the photos of Debian's python3-skimage and python-matplotlib-data.
"""

import argparse
import io
import pathlib
import subprocess
import tempfile

import numpy as np
from PIL import Image, ImageFilter

from old_photo_sheet import GAP, HOPPER, ROOT, SKIMAGE, aged

SIDE = 256  # of what is shown of a photo, pixels
PEOPLE = {"hopper": (HOPPER, (134, 60)), "astronaut": (SKIMAGE / "astronaut.png", (96, 0))}


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


def messenger(photo, random):
    """Sent as a small picture, and enlarged again."""
    small = photo.resize((photo.width * 2 // 5, photo.height * 2 // 5), Image.Resampling.LANCZOS)
    return compressed(small, 45).resize(photo.size, Image.Resampling.BICUBIC)


def out_of_focus(photo, random):
    return noisy(np.asarray(photo.filter(ImageFilter.GaussianBlur(2.4)), np.float32), random, 2, 0.4)


def night(photo, random):
    """A camera's still in little light."""
    dark = 0.5 * np.asarray(photo.filter(ImageFilter.GaussianBlur(0.8)), np.float32)
    return compressed(noisy(dark, random, 9, 0.6), 55)


def print_scan(photo, random):
    """A small old print, scanned."""
    small = photo.resize((photo.width // 2, photo.height // 2), Image.Resampling.LANCZOS)
    return aged(small.resize(photo.size, Image.Resampling.BICUBIC), random, 5, 0.6, sepia=True)


STATES = [(messenger, []), (out_of_focus, []), (night, ["--clean", "50"]),
          (print_scan, ["--preset", "old-photo"])]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gpen", default=ROOT / "build/release/apps/gpen/gpen")
    parser.add_argument("--models", default=ROOT / "models", help="folder of the models")
    parser.add_argument("--keep", type=pathlib.Path, help="folder for the photos and results")
    parser.add_argument("output", nargs="?", default=ROOT / "docs/faces.jpg")
    arguments = parser.parse_args()
    sheet = Image.new("RGB", (2 * len(PEOPLE) * (SIDE + GAP) - GAP, len(STATES) * (SIDE + GAP) - GAP), "white")
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.keep or pathlib.Path(scratch)
        folder.mkdir(exist_ok=True)
        for row, (state, options) in enumerate(STATES):
            for person, (name, (source, (left, top))) in enumerate(PEOPLE.items()):
                before, after = (folder / f"{name}-{state.__name__}{end}.png" for end in ("", "-restored"))
                with Image.open(source) as photo:
                    state(photo.convert("RGB"), np.random.default_rng(row)).save(before)
                subprocess.run([arguments.gpen, "restore", "-q", "--force", "--models", arguments.models, *options,
                                before, "-o", after], check=True)
                for column, picture in enumerate((before, after)):
                    with Image.open(picture) as opened:
                        shown = opened.convert("RGB").crop((left, top, left + SIDE, top + SIDE))
                    sheet.paste(shown, ((2 * person + column) * (SIDE + GAP), row * (SIDE + GAP)))
    sheet.save(arguments.output, quality=85, optimize=True)


if __name__ == "__main__":
    main()
