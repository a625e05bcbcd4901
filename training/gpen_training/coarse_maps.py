"""The coarser half of a small U-Net: what is seen from afar, at a quarter and an eighth of a photo's size, brought back
to the half."""

import torch
import torch.nn.functional as F
from torch import nn

DILATIONS = (1, 2, 4, 2)  # at an eighth


def convolution(inputs, outputs, stride=1, dilation=1, size=3):
    layer = nn.Conv2d(inputs, outputs, size, stride, dilation * (size // 2), dilation)
    nn.init.kaiming_normal_(layer.weight, a=0.2)
    nn.init.zeros_(layer.bias)
    return layer


class Sloped(nn.Module):
    """A convolution and PReLU; `adds`: to what it reads."""

    def __init__(self, inputs, outputs, stride=1, dilation=1, adds=False):
        super().__init__()
        self.convolution = convolution(inputs, outputs, stride, dilation)
        self.slope = nn.Parameter(torch.full((outputs,), 0.2))
        self.adds = adds
        if adds:
            with torch.no_grad():
                self.convolution.weight.mul_(0.3)

    def forward(self, maps):
        made = self.convolution(maps)
        return F.prelu(made + maps if self.adds else made, self.slope)


def stage(inputs, outputs, stride, dilations):
    return nn.Sequential(Sloped(inputs, outputs, stride), *(Sloped(outputs, outputs, 1, dilation, True)
                                                            for dilation in dilations))


class CoarseMaps(nn.Module):
    """coarse() takes maps at a half of the photo's size, of `half` channels and with sides that are multiples of
    `coarse_unit`, and gives lifts[0] channels of that size. `widths`: channels at a quarter and an eighth; `lifts`:
    those that the half gets from the quarter, and the quarter from the eighth."""

    coarse_unit = 4

    def __init__(self, half, widths, lifts, dilations=DILATIONS):
        super().__init__()
        # Written with the weights, whose shapes do not tell them.
        self.register_buffer("dilations", torch.tensor(dilations, dtype=torch.float32))
        self.steps = tuple(int(step) for step in dilations)
        quarter, eighth = widths
        self.at_quarter = stage(half, quarter, 2, (1, 1))
        self.at_eighth = stage(quarter, eighth, 2, self.steps)
        self.lift_eighth = convolution(eighth, 4 * lifts[1], size=1)
        self.back_quarter = stage(lifts[1] + quarter, quarter, 1, (1,))
        self.lift_quarter = convolution(quarter, 4 * lifts[0], size=1)

    @property
    def coarse_reach(self):
        """Pixels of the half to each side that coarse() sees."""
        quarters = 2 + 1 + 2
        lifts = 2 + 1  # a pixel may lie at the other end of a coarser one
        return 1 + 2 * quarters + 4 * sum(self.steps) + lifts

    def coarse(self, half):
        quarter = self.at_quarter(half)
        lifted = F.pixel_shuffle(self.lift_eighth(self.at_eighth(quarter)), 2)
        quarter = self.back_quarter(torch.cat([lifted, quarter], 1))
        return F.pixel_shuffle(self.lift_quarter(quarter), 2)


def shape(weights, prefix=""):
    """(widths, lifts, dilations) of the CoarseMaps in a state dict whose names begin with `prefix`."""
    widths = tuple(weights[f"{prefix}at_{name}.0.convolution.weight"].shape[0] for name in ("quarter", "eighth"))
    lifts = tuple(weights[f"{prefix}lift_{name}.weight"].shape[0] // 4 for name in ("quarter", "eighth"))
    return widths, lifts, tuple(int(step) for step in weights[f"{prefix}dilations"])
