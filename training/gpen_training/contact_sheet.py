"""Pictures side by side: a column for each face, a row for each stage, named at the left."""

import cv2
import numpy as np

from .faces import write_picture

MARGIN = 96


def write_sheet(path, rows):
    """`rows`: (name, uint8 pictures N x H x W x 3), all of one size."""
    lines = []
    for name, pictures in rows:
        label = np.full((pictures.shape[1], MARGIN, 3), 255, np.uint8)
        for line, word in enumerate(name.replace("-", " ").split()):
            cv2.putText(label, word, (6, 24 + 20 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0),
                        1, cv2.LINE_AA)
        lines.append(np.concatenate([label, *pictures], 1))
    write_picture(path, np.concatenate(lines, 0))
