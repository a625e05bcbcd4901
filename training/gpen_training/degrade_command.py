"""degrade: a contact sheet of what the degradation makes of faces, a row for each origin."""

import pathlib

import numpy as np

from . import contact_sheet, faces
from .degradation import ORIGINS, degrade
from .flags import at_least


def add_arguments(parser):
    parser.add_argument("faces", help="folder of aligned faces")
    parser.add_argument("output", help="picture to write (.png or .jpg)")
    parser.add_argument("--seed", type=at_least(0), default=1, help="[1]")
    parser.add_argument("--columns", type=at_least(1), default=8, help="faces [8]")
    parser.add_argument("--rows", type=at_least(1), default=2, help="rows for each origin [2]")
    parser.add_argument("--size", type=at_least(8), default=256, help="of the faces [256]")
    parser.add_argument("--targets", action="store_true", help="show the targets, whose tone "
                        "changes too, under each row")


def run(arguments):
    output = pathlib.Path(arguments.output)
    if output.suffix.lower() not in faces.SUFFIXES:
        raise ValueError(f"expected a picture to write (.png or .jpg), found {output}")
    loaded = faces.load_faces(arguments.faces, arguments.size)
    chosen = np.random.default_rng(arguments.seed).integers(0, len(loaded), arguments.columns)
    rows = []
    for number, origin in enumerate(ORIGINS):
        for row in range(arguments.rows if origin != "clean" else 1):
            pairs = [degrade(loaded[index], np.random.default_rng([arguments.seed, number, row, at]),
                             origin) for at, index in enumerate(chosen)]
            rows.append((origin, np.stack([photo for photo, _ in pairs])))
            if arguments.targets:
                rows.append(("target", np.stack([face for _, face in pairs])))
    contact_sheet.write_sheet(output, rows)
    print(f"{output}: {len(rows)} rows of {arguments.columns} faces, seed {arguments.seed}")
