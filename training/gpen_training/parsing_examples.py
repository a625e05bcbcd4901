"""Examples for the parsing network: a degraded crop and how much of each class its pixels show. Before the face is
degraded as the restoration networks' are, it is moved a little, somebody else may stand beside, before or behind it,
and something like a hand may cover a part of it: they count as background."""

import cv2
import numpy as np

from . import parsing, parsing_network
from .degradation import chance, degrade

SIZE = 256  # of the faces that are degraded
SHOW = 3  # pixels over which a pasted person's outline is softened


def moved(face, classes, random):
    """Turned, scaled and shifted: landmarks are not exact, and another template's crop is a sixth smaller."""
    size = face.shape[0]
    matrix = cv2.getRotationMatrix2D((size / 2, size / 2), random.uniform(-12, 12), np.exp(random.uniform(-0.22, 0.14)))
    matrix[:, 2] += random.uniform(-0.05, 0.05, 2) * size
    return (cv2.warpAffine(face, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101),
            cv2.warpAffine(classes, matrix, (size, size), flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REFLECT_101))


def paste(face, picture, mask):
    """`picture` over `face` where `mask` (bool) is, with a soft edge."""
    share = cv2.GaussianBlur(mask.astype(np.float32), (SHOW, SHOW), 0)[..., None]
    return (face + (picture.astype(np.float32) - face) * share + 0.5).astype(np.uint8)


def with_neighbour(face, classes, other, other_classes, random):
    """Another person at the side, before or behind."""
    size = face.shape[0]
    matrix = cv2.getRotationMatrix2D((size / 2, size / 2), random.uniform(-20, 20), random.uniform(0.6, 1.3))
    side = -1 if chance(random, 0.5) else 1
    matrix[:, 2] += np.array([side * random.uniform(0.45, 0.95), random.uniform(-0.35, 0.35)]) * size
    picture = cv2.warpAffine(other, matrix, (size, size), borderMode=cv2.BORDER_REFLECT_101)
    there = cv2.warpAffine(other_classes, matrix, (size, size), flags=cv2.INTER_NEAREST, borderValue=0) > 0
    if chance(random, 0.5):
        there &= classes == parsing.BACKGROUND
    else:
        classes = np.where(there, parsing.BACKGROUND, classes).astype(np.uint8)
    return paste(face, picture, there), classes


def with_cover(face, classes, other, random):
    """Fingers and a palm, or anything else, of a patch of another face's skin and light."""
    size = face.shape[0]
    mask = np.zeros((size, size), np.uint8)
    palm = random.uniform(0.1, 0.9, 2) * size
    toward = random.uniform(0, 2 * np.pi)
    thick = random.uniform(0.04, 0.09) * size
    for finger in range(random.integers(0, 5)):
        angle = toward + (finger - 2) * random.uniform(0.1, 0.35)
        tip = palm + np.array([np.cos(angle), np.sin(angle)]) * random.uniform(0.15, 0.35) * size
        cv2.line(mask, tuple(map(int, palm)), tuple(map(int, tip)), 1, max(int(thick), 2))
    axes = tuple(map(int, random.uniform(0.06, 0.16, 2) * size))
    cv2.ellipse(mask, tuple(map(int, palm)), axes, np.degrees(toward), 0, 360, 1, -1)
    left, top = (int(random.uniform(0.25, 0.5) * size) for _ in range(2))
    patch = other[top:top + size // 4, left:left + size // 4]
    texture = cv2.resize(patch, (size, size), interpolation=cv2.INTER_LINEAR)
    there = mask > 0
    return paste(face, texture, there), np.where(there, parsing.BACKGROUND, classes).astype(np.uint8)


def shares(classes, side):
    """How much of each class is in each of side x side pixels, float32 CLASSES x side x side."""
    return np.stack([cv2.resize((classes == index).astype(np.float32), (side, side), interpolation=cv2.INTER_AREA)
                     for index in range(parsing_network.CLASSES)])


def example(faces, classes, index, random, origin=None):
    """uint8 SIDE x SIDE x 3, float32 CLASSES x SIDE x SIDE."""
    face, labels = moved(faces[index], classes[index], random)
    if chance(random, 0.4):
        other = random.integers(len(faces))
        face, labels = with_neighbour(face, labels, faces[other], classes[other], random)
    if chance(random, 0.2):
        face, labels = with_cover(face, labels, faces[random.integers(len(faces))], random)
    photo, _, labels = degrade(face, random, origin, labels)
    side = parsing_network.SIDE
    return cv2.resize(photo, (side, side), interpolation=cv2.INTER_AREA), shares(labels, side)


def make_batch(faces, classes, size, seed, number):
    """Batch `number` depends on the seed and the number alone: uint8 photos and float32 shares."""
    random = np.random.default_rng([seed, number])
    made = [example(faces, classes, index, random) for index in random.integers(0, len(faces), size)]
    return tuple(map(np.stack, zip(*made)))
