"""The fixed pairs on which every network is judged: faces that were never trained on, degraded with
a fixed seed. None is left clean: those would only tell how well a network does nothing."""

import numpy as np

from .degradation import ORIGINS, degrade

SEED = 7
SHARES = {origin: share for origin, share in ORIGINS.items() if origin != "clean"}


def make_pairs(faces, seed=SEED):
    """uint8 (photos, faces). The origins come in turns, in about the shares of training."""
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
