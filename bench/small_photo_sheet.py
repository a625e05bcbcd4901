#!/usr/bin/env python3
"""Draws docs/small-photos.jpg: free photos made small and compressed, then enlarged bicubically and by the program.

    small_photo_sheet.py [--gpen PROGRAM] [--models FOLDER] [--keep FOLDER] [OUTPUT]

See sheet.py for what it needs.
"""

from PIL import Image

import sheet
from sheet import HOPPER, SKIMAGE, compressed

SIDE = 400  # of what is shown of a photo, pixels
TIMES = 4
# Name, photo, how many times it is reduced, quality, and what is shown of the result.
PHOTOS = [("hopper", HOPPER, 3, 60, (190, 90)), ("astronaut", SKIMAGE / "astronaut.png", 2, 50, (250, 20))]


def main():
    with sheet.program(__doc__, "docs/small-photos.jpg") as program:
        rows = []
        for name, source, smaller, quality, corner in PHOTOS:
            with Image.open(source) as photo:
                size = photo.width // smaller, photo.height // smaller
                small = compressed(photo.convert("RGB").resize(size, Image.Resampling.LANCZOS), quality)
            large = small.resize((TIMES * size[0], TIMES * size[1]), Image.Resampling.BICUBIC)
            restored = program.restore(name, small, ["--preset", "small-photo", "--enlarge", str(TIMES)])
            rows.append([(large, corner), (restored, corner)])
        sheet.draw(rows, SIDE).save(program.output, quality=85, optimize=True)


if __name__ == "__main__":
    main()
