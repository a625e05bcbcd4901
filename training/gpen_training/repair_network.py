"""The network that finds damage in a photo: a pixel unshuffle of 2, 3x3 convolutions of which the middle ones reach far
(dilated), and one head that gives, for every pixel, how surely it is damaged. masked_fill.py fills what it finds.
Behind an unshuffle of 4, dark hairs and scratches of one or two pixels were hardly ever found."""

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from . import bicubic, masked_fill, photos

COLOURS = 3
UNSHUFFLE = 2
WIDTH = 32
DILATIONS = (1, 1, 2, 4, 8, 8, 4, 2, 1)
# Of 255: a place is as far as pixels reach that may be damaged. It is filled where it is so surely damaged: the mean of
# what its surest pixel says and what all of them say.
SUREST, SURE, LESS_SURE, MAYBE = 245, 220, 195, 128  # for --repair 0, 50 and 100; and where a place ends


class RepairNetwork(nn.Module):
    """forward() takes photos, N x 3 x H x W in [0, 1], sides multiples of `unshuffle`, and gives logits of the mask,
    N x 1 x H x W."""

    def __init__(self, unshuffle=UNSHUFFLE, width=WIDTH, dilations=DILATIONS):
        super().__init__()
        self.unshuffle, self.width = unshuffle, width
        pixels = unshuffle * unshuffle
        # Written with the weights, whose shapes do not tell them.
        self.register_buffer("dilations", torch.tensor(dilations, dtype=torch.float32))
        self.steps = tuple(int(step) for step in dilations)
        self.trunk = nn.ModuleList(
            nn.Conv2d(COLOURS * pixels if index == 0 else width, width, 3, padding=step, dilation=step)
            for index, step in enumerate(self.steps))
        self.slopes = nn.ParameterList(nn.Parameter(torch.full((width,), 0.2)) for _ in self.steps)
        self.repair = nn.Conv2d(width, pixels, 3, padding=1)
        self._begin()

    def _begin(self):
        """As photo_network.py's; no pixel is taken for damaged at first."""
        nn.init.kaiming_normal_(self.trunk[0].weight, a=0.2)
        for layer in list(self.trunk)[1:]:
            nn.init.kaiming_normal_(layer.weight, a=0.2)
            with torch.no_grad():
                layer.weight.mul_(0.3)
                for channel in range(self.width):
                    layer.weight[channel, channel, 1, 1] += 1
        nn.init.zeros_(self.repair.weight)
        for layer in [*self.trunk, self.repair]:
            nn.init.zeros_(layer.bias)
        with torch.no_grad():
            self.repair.bias[:] = -2

    @property
    def reach(self):
        """Pixels of the photo to each side that one sees."""
        return (sum(self.steps) + 1) * self.unshuffle

    def forward(self, photos):
        maps = F.pixel_unshuffle(photos, self.unshuffle)
        for layer, slope in zip(self.trunk, self.slopes):
            maps = F.prelu(layer(maps), slope)
        return F.pixel_shuffle(self.repair(maps), self.unshuffle)

    @property
    def parameter_count(self):
        return sum(parameter.numel() for parameter in self.parameters())


def is_repair(weights):
    return "dilations" in weights and "repair.weight" in weights


def build(weights):
    """The network whose state dict this is."""
    width, inputs = weights["trunk.0.weight"].shape[:2]
    dilations = [int(step) for step in weights["dilations"]]
    network = RepairNetwork(round((inputs / COLOURS) ** 0.5), width, dilations)
    network.load_state_dict(weights)
    return network


def least_sureness(percent):
    """How sure, of 255, a place is to be for --repair `percent`, 1 to 100."""
    return int(np.interp(percent, (0, 50, 100), (SUREST, SURE, LESS_SURE)) + 0.5)


def mark(sure, least=SURE):
    """Which pixels are filled, by how surely each is damaged (0 to 1): H x W of bool. src/restore/damage_marks.cc does
    the same."""
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
    """uint8 RGB of any size: (repaired photo, uint8; what was filled, bool). The photo is continued beyond its
    border by mirroring, as in use."""
    height, width = photo.shape[:2]
    unit = network.unshuffle
    margin = -(-network.reach // unit) * unit
    padded = np.pad(photo, ((margin, margin + -height % unit), (margin, margin + -width % unit), (0, 0)),
                    mode="symmetric")
    with torch.no_grad():
        logits = network(photos.to_tensor(padded[None]))
    sure = torch.sigmoid(logits)[0, 0].numpy()[margin:margin + height, margin:margin + width]
    marked = mark(sure, least_sureness(percent))
    filled = masked_fill.fill(photo.astype(np.float32), marked)
    return bicubic.to_bytes(filled), marked
