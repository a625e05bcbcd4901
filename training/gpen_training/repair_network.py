"""The network that finds damage in a photo: a small U-Net behind a pixel unshuffle of 2, with a head that gives, for
every pixel, how surely it is damaged. masked_fill.py fills what it finds. What is a scratch and what a wire is seen
from afar, at an eighth of the size; how it runs, at the half. Behind an unshuffle of 4, dark hairs and scratches of
one or two pixels were hardly ever found."""

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from . import bicubic, coarse_maps, masked_fill, photos

COLOURS = 3
UNSHUFFLE = 2
WIDTHS = (32, 48, 64)  # channels at a half, a quarter and an eighth of the size
LIFTS = (16, 32)  # channels that the half gets from the quarter, and the quarter from the eighth
# Of 255: a place is as far as pixels reach that may be damaged. It is filled where it is so surely damaged: the mean of
# what its surest pixel says and what all of them say.
SUREST, SURE, LESS_SURE, MAYBE = 245, 220, 195, 128  # for --repair 0, 50 and 100; and where a place ends


class RepairNetwork(coarse_maps.CoarseMaps):
    """forward() takes photos, N x 3 x H x W in [0, 1], sides multiples of `unit`, and gives logits of the mask,
    N x 1 x H x W."""

    unit = coarse_maps.CoarseMaps.coarse_unit * UNSHUFFLE

    def __init__(self, widths=WIDTHS, lifts=LIFTS, dilations=coarse_maps.DILATIONS):
        half = widths[0]
        super().__init__(half, widths[1:], lifts, dilations)
        self.at_half = coarse_maps.stage(COLOURS * UNSHUFFLE ** 2, half, 1, (1,))
        self.back_half = coarse_maps.stage(lifts[0] + half, half, 1, (1,))
        self.repair = nn.Conv2d(half, UNSHUFFLE ** 2, 3, padding=1)
        nn.init.zeros_(self.repair.weight)
        with torch.no_grad():  # no pixel is taken for damaged at first
            self.repair.bias[:] = -2

    @property
    def reach(self):
        """Pixels of the photo to each side of those that are one of the network's, that it sees."""
        halves = 2 + 2 + 1
        return (halves + self.coarse_reach) * UNSHUFFLE

    def forward(self, photos):
        half = self.at_half(F.pixel_unshuffle(photos, UNSHUFFLE))
        return F.pixel_shuffle(self.repair(self.back_half(torch.cat([self.coarse(half), half], 1))), UNSHUFFLE)

    @property
    def parameter_count(self):
        return sum(parameter.numel() for parameter in self.parameters())


def is_repair(weights):
    return "dilations" in weights and "lift_eighth.weight" in weights


def build(weights):
    """The network whose state dict this is."""
    widths, lifts, dilations = coarse_maps.shape(weights)
    half = weights["at_half.0.convolution.weight"].shape[0]
    network = RepairNetwork((half, *widths), lifts, dilations)
    network.load_state_dict(weights)
    return network


def least_sureness(percent):
    """How sure, of 255, a place is to be for --repair `percent`, 1 to 100."""
    return int(np.interp(percent, (0, 50, 100), (SUREST, SURE, LESS_SURE)) + 0.5)


def mark(sure, least=SURE):
    """Which pixels are filled, by how surely each is damaged (0 to 1): H x W of bool. src/restore/damage_marks.cc does
    the same, and marks the gaps in lines too (line_bridges.h)."""
    sure = np.round(255 * sure)
    count, places = cv2.connectedComponents(np.uint8(sure >= MAYBE), connectivity=8)
    surest = np.zeros(count)
    np.maximum.at(surest, places, sure)
    mean = np.bincount(places.ravel(), sure.ravel(), count) / np.bincount(places.ravel(), minlength=count)
    chosen = surest + mean >= 2 * least
    chosen[0] = False  # What is no place.
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    return cv2.dilate(np.uint8(chosen[places]), cross) > 0


def run_network(network, photo, percent=100):
    """uint8 RGB of any size: (repaired photo, uint8; what was filled, bool)."""
    height, width = photo.shape[:2]
    padded, margin = photos.continued(photo, network)
    with torch.no_grad():
        logits = network(photos.to_tensor(padded[None]))
    sure = torch.sigmoid(logits)[0, 0].numpy()[margin:margin + height, margin:margin + width]
    marked = mark(sure, least_sureness(percent))
    filled = masked_fill.fill(photo.astype(np.float32), marked)
    return bicubic.to_bytes(filled), marked
