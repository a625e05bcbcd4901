"""What a smooth fill lacks, taken from beside it: grain, texture, and edges that go on.

For each small block of what is filled the place near by is sought that is most like what is about the block. Where the
two match, what is there is copied, with the difference of the two, filled smoothly, added (as a healing brush does);
where they do not, its grain alone. src/restore/fill_texture.cc does the same."""

import cv2
import numpy as np

BLOCK = 32
FEATHER = 4  # pixels to both sides of a block's border, over which one passes into the other
RING = 4  # pixels about what is unknown, by which places are compared
ABOUT = (14, 42)  # of the block: how far that is looked at; the second where there are fewer than ENOUGH pixels
ENOUGH = 40
MOST_COMPARED = 256  # pixels, of more every second, third and so on
LEAST_KNOWN = 0.97  # of a block, at the place that it is copied from
LEAST_COMPARED = 0.4  # of the ring
DISTANCES = (5, 7, 10, 14, 19, 26, 35, 47, 62)
# Of the variance about the block, that of the difference: copied wholly up to the first, not at all from the second on.
ALIKE, UNLIKE = 0.05, 0.2
MOST_GRAIN = 2.5  # deviations: beyond them it is an edge
COPIED = 16  # pixels about a block in which the difference is filled
# Grain is finer than what is left by so many means over squares of so many pixels: nearly a Gaussian blur of 2.5.
MEANS, MEAN_SIDE = 3, 5
LUMA = np.float32([0.299, 0.587, 0.114])


def offsets():
    """(x, y) of where a block may be copied from."""
    made = []
    for distance in DISTANCES:
        count = 8 if distance < 9 else 12 if distance < 20 else 16
        for k in range(count):
            angle = 2 * np.pi * (k + (0.5 if distance % 2 else 0)) / count
            made.append((round(distance * np.cos(angle)), round(distance * np.sin(angle))))
    return made


OFFSETS = offsets()


def fine_of(photo, known):
    """What is finer than means of what is known; nothing elsewhere."""
    def blur(array):
        for _ in range(MEANS):
            array = cv2.boxFilter(array, -1, (MEAN_SIDE, MEAN_SIDE), borderType=cv2.BORDER_CONSTANT)
        return array

    weight = known.astype(np.float32)
    low = blur(photo * weight[..., None]) / np.maximum(blur(weight), 1e-6)[..., None]
    return np.where(known[..., None], photo - low, 0)


def thinned(pixels):
    step = -(-len(pixels[0]) // MOST_COMPARED)
    return pixels[0][::step], pixels[1][::step]


class Texture:
    """`photo`: float32 H x W x 3; `known`, `wanted`: H x W of bool; `filled`: the photo with the rest filled smoothly,
    by `fill(photo, known)`."""

    def __init__(self, photo, known, wanted, filled, fill):
        self.photo, self.known, self.wanted, self.filled, self.fill = photo, known, wanted, filled, fill
        near = cv2.dilate(np.uint8(~known), np.ones((2 * RING + 1, 2 * RING + 1), np.uint8)) > 0
        self.ring = near & known
        self.luma, self.fine = photo @ LUMA, fine_of(photo, known)
        self.sums, self.weights = np.zeros_like(photo), np.zeros(known.shape, np.float32)

    def there(self, ys, xs, offset):
        """(where the pixels are known at the offset, and which are)."""
        height, width = self.known.shape
        xs, ys = xs + offset[0], ys + offset[1]
        inside = (xs >= 0) & (ys >= 0) & (xs < width) & (ys < height)
        xs, ys = np.clip(xs, 0, width - 1), np.clip(ys, 0, height - 1)
        return ys, xs, inside & self.known[ys, xs]

    def grown(self, top, left, by):
        height, width = self.known.shape
        return (slice(max(0, top - by), min(height, top + BLOCK + by)),
                slice(max(0, left - by), min(width, left + BLOCK + by)))

    @staticmethod
    def pixels(mask, part):
        ys, xs = np.nonzero(mask[part])
        return ys + part[0].start, xs + part[1].start

    def choose(self, hole, about):
        """(the offset, the variance of the difference), or nothing."""
        best = None
        for offset in OFFSETS:
            if self.there(*hole, offset)[2].mean() < LEAST_KNOWN:
                continue
            ys, xs, known = self.there(*about, offset)
            if known.mean() < LEAST_COMPARED:
                continue
            variance = (self.luma[about] - self.luma[ys, xs])[known].var(dtype=np.float64)
            if best is None or variance < best[1]:
                best = offset, variance
        return best

    def make(self, top, left, hole):
        """What the hole's pixels become."""
        made = self.filled[hole].copy()
        for reach in ABOUT:
            about = self.pixels(self.ring, self.grown(top, left, reach))
            if len(about[0]) >= ENOUGH:
                break
        if len(about[0]) < ENOUGH / 2:
            return made
        about = thinned(about)
        chosen = self.choose(thinned(hole), about)
        if chosen is None:
            return made
        offset, difference = chosen
        alike = difference / (self.luma[about].var(dtype=np.float64) + 1e-2)
        copied = np.clip((UNLIKE - alike) / (UNLIKE - ALIKE), 0, 1)
        ys, xs, known = self.there(*hole, offset)
        sizes = np.sort(np.abs(self.fine[about]), 0)
        most = MOST_GRAIN * 1.4826 * sizes[len(sizes) // 2]
        made[known] += np.clip(self.fine[ys, xs], -most, most)[known]
        part = self.grown(top, left, COPIED)
        there_y, there_x, both = self.there(*np.mgrid[part], offset)
        both &= self.known[part]
        if copied > 0 and both.any():
            more = self.fill(np.where(both[..., None], self.photo[part] - self.photo[there_y, there_x], 0), both)
            copy = self.photo[ys, xs] + more[hole[0] - part[0].start, hole[1] - part[1].start]
            made[known] += (copied * (copy - made))[known]
        return made

    def add(self):
        height, width = self.known.shape
        for top in range(0, height, BLOCK):
            for left in range(0, width, BLOCK):
                hole = self.pixels(self.wanted, self.grown(top, left, FEATHER))
                if not len(hole[0]):
                    continue
                weight = np.ones(len(hole[0]), np.float32)
                for at, begin in zip(hole, (top, left)):
                    inside = np.minimum(at - begin, begin + BLOCK - 1 - at) + FEATHER + 0.5
                    weight *= np.clip(inside / (2 * FEATHER), 0, 1)
                self.sums[hole] += weight[:, None] * self.make(top, left, hole)
                self.weights[hole] += weight
        made = self.sums / np.maximum(self.weights, 1e-6)[..., None]
        return np.where((self.weights > 0)[..., None], made, self.filled)
