"""blind-pairs: sheets on which nobody can tell which network is which, for people to choose from.
What measures better need not look better."""

import pathlib
import random

import cv2
import numpy as np

from . import evaluate_command, faces
from .batches import to_pictures, to_tensor
from .flags import at_least
from .progress import Progress

ROWS = 4  # of a sheet, which is then seen whole at 100 %
KEY = "key.tsv"


def add_arguments(parser):
    parser.add_argument("faces", help="folder of the true faces, aligned")
    parser.add_argument("old", help="manifest (.json), .onnx, .pth or checkpoint (.pt)")
    parser.add_argument("new", help="the like")
    parser.add_argument("--pairs", type=at_least(1), default=96, help="at most, spread over the faces [96]")
    evaluate_command.add_pair_arguments(parser)
    parser.add_argument("--threads", type=at_least(1), default=2, help="of each model [2]")
    parser.add_argument("--output", default="runs/blind", help="folder of sheet-01.png and so on, of rows photo, A, "
                        f"B; and of {KEY}, which blind-count reads and whoever chooses does not [runs/blind]")


def numbered(row, number):
    row = row.copy()
    for colour, width in (((0, 0, 0), 3), ((255, 255, 255), 1)):
        cv2.putText(row, str(number), (4, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.7, colour, width, cv2.LINE_AA)
    return row


def run(arguments):
    photos, _, _ = evaluate_command.read_pairs(arguments)
    photos = photos[np.linspace(0, len(photos) - 1, min(arguments.pairs, len(photos))).astype(int)]
    progress = Progress(2 * len(photos))
    restored = [to_pictures(evaluate_command.restore(
        model, to_tensor(photos), arguments.threads, arguments.template,
        lambda done, before=before: progress.show(before + done, pathlib.Path(model).stem))[0])
        for model, before in ((arguments.old, 0), (arguments.new, len(photos)))]
    sides = random.Random(arguments.seed)
    output = pathlib.Path(arguments.output)
    output.mkdir(parents=True, exist_ok=True)
    rows, key = [], []
    for number, (photo, old, new) in enumerate(zip(photos, *restored), 1):
        new_is = sides.choice("AB")
        rows.append(numbered(np.concatenate([photo, *((new, old) if new_is == "A" else (old, new))], 1), number))
        key.append(f"{number}\t{new_is}\n")
    for first in range(0, len(rows), ROWS):
        faces.write_picture(output / f"sheet-{first // ROWS + 1:02}.png",
                            np.concatenate(rows[first:first + ROWS], 0))
    (output / KEY).write_text("".join(key))
    print(f"{len(rows)} pairs in {output}; write the number, a tab and A, B or same for each into a file, and give it "
          "to blind-count")
