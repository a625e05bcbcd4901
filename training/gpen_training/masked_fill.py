"""Fills the marked pixels of a photo from those around them: from the finest of its reductions in which something
about them is left, smoothly, and with what is near by of grain, texture and edges (fill_texture.py).
src/restore/masked_fill.cc does the same."""

import cv2
import numpy as np

from . import fill_texture

LEVELS = 6  # of a half each: 64 pixels to each side
# They bring each level nearer to what passes from border to border without a step.
SWEEPS, SWEEPS_COARSEST = 5, 50
ABOUT = np.float32([[0, 1, 0], [1, 0, 1], [0, 1, 0]]) / 4
GUARD = 3  # pixels a side about each marked one that are not trusted either: the damage's soft border


def _halved(array):
    height, width = array.shape[:2]
    padded = np.pad(array, ((0, height % 2), (0, width % 2), (0, 0)))
    return padded[::2, ::2] + padded[1::2, ::2] + padded[::2, 1::2] + padded[1::2, 1::2]


def _relaxed(filled, weight, total, sweeps):
    """With each pixel, as far as it is not known, the mean of those about it."""
    if weight.min() >= 1:
        return filled
    odd = np.indices(weight.shape[:2]).sum(0)[..., None] % 2
    for half in range(2 * sweeps):  # as on a chessboard
        means = total + (1 - weight) * cv2.filter2D(filled, -1, ABOUT, borderType=cv2.BORDER_REPLICATE)
        filled = np.where(odd == half % 2, means, filled)
    return filled


def fill_unknown(photo, known):
    """`photo`: float32 H x W x 3; `known`: H x W of bool, somewhere true. Returns the photo with the rest filled
    smoothly."""
    weights = [known[..., None].astype(np.float32)]
    sums = [photo * weights[0]]
    for _ in range(LEVELS):
        weight = _halved(weights[-1])
        total = _halved(sums[-1])
        part = np.minimum(1, 1 / np.maximum(weight, 1e-6))  # more than one whole pixel counts as one
        weights.append(weight * part)
        sums.append(total * part)
    mean = sums[-1].sum((0, 1)) / weights[-1].sum()
    seen = weights[-1] > 0
    filled = np.where(seen, sums[-1] / np.maximum(weights[-1], 1e-6), mean).astype(np.float32)
    filled = _relaxed(filled, np.float32(seen), np.where(seen, filled, 0), SWEEPS_COARSEST)
    for weight, total in zip(weights[-2::-1], sums[-2::-1]):
        height, width = weight.shape[:2]
        enlarged = cv2.resize(filled, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)[:height, :width]
        filled = (total + (1 - weight) * enlarged).astype(np.float32)
        filled = _relaxed(filled, weight, total, SWEEPS)
    return filled


def fill(photo, marked):
    """`photo`: float32 H x W x 3; `marked`: H x W of bool. Returns the photo with other marked pixels."""
    known = cv2.dilate(np.uint8(marked), np.ones((GUARD, GUARD), np.uint8)) == 0
    if not known.any() or not marked.any():
        return photo.copy()
    filled = fill_texture.Texture(photo, known, marked, fill_unknown(photo, known), fill_unknown).add()
    return np.where(marked[..., None], filled, photo)
