#!/usr/bin/env python3
"""Draws docs/faces.jpg: two faces of free photos in four bad states, and beside each what the program makes of it,
at 100 %.

    face_sheet.py [--gpen PROGRAM] [--models FOLDER] [--keep FOLDER] [OUTPUT]

See sheet.py for what it needs.
"""

import numpy as np
from PIL import Image, ImageFilter

import sheet
from old_photo_sheet import aged
from sheet import HOPPER, SKIMAGE, compressed, noisy

SIDE = 256  # of what is shown of a photo, pixels
PEOPLE = {"hopper": (HOPPER, (134, 60)), "astronaut": (SKIMAGE / "astronaut.png", (96, 0))}


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


STATES = [(messenger, []), (out_of_focus, []), (night, ["--clean", "50", "--lighten", "100"]),
          (print_scan, ["--preset", "old-photo"])]


def main():
    with sheet.program(__doc__, "docs/faces.jpg") as program:
        rows = []
        for number, (state, options) in enumerate(STATES):
            row = []
            for name, (source, corner) in PEOPLE.items():
                with Image.open(source) as photo:
                    bad = state(photo.convert("RGB"), np.random.default_rng(number))
                row += [(bad, corner), (program.restore(f"{name}-{state.__name__}", bad, options), corner)]
            rows.append(row)
        sheet.draw(rows, SIDE).save(program.output, quality=85, optimize=True)


if __name__ == "__main__":
    main()
