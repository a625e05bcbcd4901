"""The fixed pairs on which every network is judged: faces that were never trained on, degraded with
a fixed seed. None is left clean: those would only tell how well a network does nothing."""

import numpy as np

from .degradation import degrade

SEED = 7
SHARES = {"digital": 0.64, "print": 0.16, "camera": 0.14}  # They stay, so that figures of different days compare.


def make_pairs(faces, seed=SEED):
    """uint8 (photos, faces). The origins come in turns, in about their SHARES."""
    total = sum(SHARES.values())
    bounds = np.cumsum([share / total for share in SHARES.values()])
    photos, targets = [], []
    for index, face in enumerate(faces):
        turn = (index + 0.5) * 0.6180339887 % 1  # evenly spread, whatever the number of faces
        origin = list(SHARES)[min(int(np.searchsorted(bounds, turn)), len(SHARES) - 1)]
        photo, target = degrade(face, np.random.default_rng([seed, index]), origin)
        photos.append(photo)
        targets.append(target)
    return np.stack(photos), np.stack(targets)
