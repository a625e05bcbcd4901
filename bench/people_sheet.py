#!/usr/bin/env python3
"""Draws docs/people.jpg: faces of many kinds, each in one of four bad states, and beside it what the program makes of
it, at 100 %.

    people_sheet.py [--gpen PROGRAM] [--models FOLDER] [--keep FOLDER] PHOTOS [OUTPUT]

PHOTOS is a copy of github.com/faker-js/assets-person-portrait: 200 portraits of people who do not exist, CC0. Those
shown are not among the faces that the networks were trained on.
"""

import numpy as np
from PIL import Image

import sheet
from face_sheet import STATES

WHOLE, SIDE = 512, 320  # pixels a side of a photo, and of what is shown of it
# And where that begins.
PEOPLE = [
    [("female/512/61.jpg", (100, 20)), ("male/512/32.jpg", (90, 10))],
    [("male/512/67.jpg", (120, 10)), ("female/512/4.jpg", (100, 10))],
    [("female/512/9.jpg", (70, 20)), ("male/512/72.jpg", (60, 10))],
    [("male/512/3.jpg", (90, 10)), ("female/512/27.jpg", (100, 0))],
]


def main():
    with sheet.program(__doc__, "docs/people.jpg", photos="copy of faker-js/assets-person-portrait") as program:
        rows = []
        for number, ((state, options), people) in enumerate(zip(STATES, PEOPLE)):
            row = []
            for source, corner in people:
                with Image.open(program.photos / source) as photo:
                    small = photo.convert("RGB").resize((WHOLE, WHOLE), Image.Resampling.LANCZOS)
                bad = state(small, np.random.default_rng(number))
                row += [(bad, corner), (program.restore(source.replace("/", "-")[:-4], bad, options), corner)]
            rows.append(row)
        sheet.draw(rows, SIDE).save(program.output, quality=85, optimize=True)


if __name__ == "__main__":
    main()
