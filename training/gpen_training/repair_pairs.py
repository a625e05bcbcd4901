"""Pairs for the network that finds damage: a photo as an album has it (soft, grainy, gray, sepia or faded), the same
damaged, and where. Both go through the same scanner and the same JPEG, so that all that differs is damage."""

import cv2
import numpy as np
import torch

from . import bicubic, faces, photo_damage
from .degradation import chance, gray
from .photo_degradation import add_noise, jpeg, soften
from .photos import to_tensor, turned

SEEN = (3.0, 10.0)  # levels: a difference up to the first is no damage, one from the second on surely is
# A mark that stands out of what is about it by less, its size counted (Rose's criterion), is not seen either.
STANDS_OUT = 5.0
STEADY = 3.0  # levels by which even the smoothest place is thought to vary
# A mark's pixels weigh as if it had so many, to the power of a half, within limits: thin marks count beside tears.
USUAL_AREA, LEAST_WEIGHT, MOST_WEIGHT = 100, 0.5, 4.0
CLEAN_WEIGHT = 3  # of photos without damage: marks there take catch-lights out of eyes, and freckles
CLEAN = 0.3  # share of the pairs without damage
WORDS = "ABCDEFGHJKLMNOPRSTUVWZabcdefghijklmnoprstuvwz0123456789 .,-!/"


def age(picture, random):
    """Tone, softness and grain of an old photo; in many only some of it."""
    kind = random.random()
    if kind < 0.45:
        picture = gray(picture)
        if kind > 0.25:
            picture = picture * random.uniform((0.95, 0.82, 0.6), (1.05, 0.95, 0.85))
    if chance(random, 0.5):
        low, high = random.uniform(0, 70), random.uniform(170, 255)
        picture = low + picture * ((high - low) / 255)
        if chance(random, 0.4):
            picture = picture * random.uniform(0.85, 1.1, 3)
    picture = np.clip(picture, 0, 255).astype(np.float32)
    if chance(random, 0.6):
        picture = soften(picture, random, 1.8)
    if chance(random, 0.6):
        picture = add_noise(picture, random, 16)
    return picture


def write_words(picture, random):
    """Lettering belongs to a photo: it must not be taken for damage."""
    height, width, _ = picture.shape
    for _ in range(random.integers(1, 4)):
        text = "".join(random.choice(list(WORDS), random.integers(2, 14)))
        place = (int(random.uniform(-20, width * 0.7)), int(random.uniform(10, height)))
        tone = random.uniform(0, 80) if chance(random, 0.5) else random.uniform(170, 255)
        cv2.putText(picture, text, place, int(random.integers(0, 8)), random.uniform(0.3, 1.6),
                    tuple(float(value) for value in tone + random.uniform(-40, 40, 3)), int(random.integers(1, 4)),
                    cv2.LINE_AA)


def where_damaged(before, after):
    """0 to 1 everywhere: how surely a person would see the difference."""
    difference = np.abs(after - before).max(2)
    return np.clip((difference - SEEN[0]) / (SEEN[1] - SEEN[0]), 0, 1)


def marks_of(damaged, photo, mask):
    """(the number of each pixel's mark, 0: none; for each number, its area, and whether a person can see it)."""
    count, places, figures, _ = cv2.connectedComponentsWithStats(np.uint8(mask > 0), connectivity=8)
    area = figures[:, cv2.CC_STAT_AREA].astype(np.float32)
    difference = np.abs(damaged.astype(np.float32) - photo).max(2)
    luma = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY).astype(np.float32)
    variance = cv2.blur(luma * luma, (9, 9)) - cv2.blur(luma, (9, 9)) ** 2
    contrast = difference / (STEADY + np.sqrt(np.maximum(variance, 0)))
    total = np.bincount(places.ravel(), contrast.ravel(), count)
    seen = total / np.sqrt(area) >= STANDS_OUT  # the mean contrast, times the root of the area
    seen[0] = False
    return places, area, seen


def weigh(damaged, photo, mask):
    """How much each pixel counts, float32: nothing where damage cannot be seen."""
    places, area, seen = marks_of(damaged, photo, mask)
    weights = np.clip(np.sqrt(USUAL_AREA / area), LEAST_WEIGHT, MOST_WEIGHT) * seen
    weights[0] = 1 if mask.any() else CLEAN_WEIGHT
    return weights.astype(np.float32)[places]


def make_pair(picture, random, clean=CLEAN, damage=photo_damage.draw):
    """Of a uint8 RGB picture: (damaged photo, photo, mask), uint8 of its size."""
    photo = picture.astype(np.float32)
    if chance(random, 0.12):
        write_words(photo, random)
    photo = age(photo, random)
    photo = np.clip(photo, 0, 255)
    if chance(random, 0.15):
        photo_damage.see_through(photo, random)
    damaged = photo.copy()
    if not chance(random, clean):
        damage(damaged, random)
    both = np.concatenate([photo, damaged], 2)
    if chance(random, 0.5):
        both = cv2.GaussianBlur(both, (0, 0), random.uniform(0.3, 0.9))
    mask = where_damaged(both[..., :3], both[..., 3:])
    if chance(random, 0.5):
        noise = add_noise(np.zeros_like(picture, np.float32) + 128, random, 6) - 128
        both = both + np.concatenate([noise, noise], 2)
    photo, damaged = both[..., :3], both[..., 3:]
    if chance(random, 0.6):
        amount, seed = random.uniform(0, 0.6), int(random.integers(1 << 30))
        photo, damaged = (jpeg(part, np.random.default_rng(seed), amount) for part in (photo, damaged))
    return bicubic.to_bytes(damaged), bicubic.to_bytes(photo), np.uint8(np.round(mask * 255))


class Pictures:
    """Those of `paths`, then the same reduced to a half, each read when it is first asked for: a training begins at
    once, and reads beside its steps."""

    def __init__(self, paths):
        self.paths, self._read = paths, {}

    def __len__(self):
        return 2 * len(self.paths)

    def __getitem__(self, index):
        if index not in self._read:
            half, place = divmod(index, len(self.paths))
            picture = faces.read_picture(self.paths[place]) if place not in self._read else self._read[place]
            self._read[index] = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) if half else (
                picture)
        return self._read[index]


class RepairPairs:
    """Batches of patches; number k depends on the seed and k alone."""

    def __init__(self, pictures, side, count, seed):
        self.pictures, self.side, self.count, self.seed = pictures, side, count, seed

    def batch(self, number):
        """(damaged, photos, masks, weights): uint8 N x H x W x 3, twice, N x H x W and float32 N x H x W."""
        random = np.random.default_rng([self.seed, number])
        made = []
        while len(made) < self.count:
            picture = self.pictures[int(random.integers(len(self.pictures)))]
            if min(picture.shape[:2]) < self.side:
                continue
            top, left = (int(random.integers(length - self.side + 1)) for length in picture.shape[:2])
            patch = turned(picture[top:top + self.side, left:left + self.side], int(random.integers(8)))
            pair = make_pair(patch, random)
            made.append((*pair, weigh(*pair)))
        return tuple(np.stack(parts) for parts in zip(*made))

    @staticmethod
    def as_tensors(batch):
        damaged, photos, masks, weights = batch
        return (to_tensor(damaged), to_tensor(photos), torch.from_numpy(masks)[:, None].float() / 255,
                torch.from_numpy(weights)[:, None])
