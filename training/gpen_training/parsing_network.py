"""The network that tells what each pixel of an aligned face's crop shows: two strided convolutions, then 3x3 ones of
growing and shrinking dilation at a quarter of the resolution, each added to what it reads, and a 1x1 whose channels
are shuffled into pixels. Plain convolutions only, so that it runs row by row on the program's own kernels.

Two channels of the input say where a pixel lies, -1 to 1: the crop is aligned, so places tell much about a face that
is hardly to be seen."""

import torch
import torch.nn.functional as F
from torch import nn

SIDE = 128  # of the crop that it is trained for
CLASSES = 4  # parsing.CLASS_NAMES
SHRINK = 4  # of the trunk
ENTRANCE = 24
DILATIONS = (1, 2, 4, 8, 4, 1)


class ParsingNetwork(nn.Module):
    """forward() takes crops, N x 3 x H x W in [-1, 1], H and W multiples of SHRINK, and gives scores before the
    softmax, N x CLASSES x H x W."""

    def __init__(self, width=40, entrance=ENTRANCE):
        super().__init__()
        self.width = width
        self.entrance = nn.ModuleList([nn.Conv2d(3 + 2, entrance, 3, stride=2, padding=1),
                                       nn.Conv2d(entrance, width, 3, stride=2, padding=1)])
        self.dilated = nn.ModuleList(nn.Conv2d(width, width, 3, padding=dilation, dilation=dilation)
                                   for dilation in DILATIONS)
        self.slopes = nn.ParameterList(nn.Parameter(torch.full((channels,), 0.2))
                                       for channels in [entrance, width] + [width] * len(DILATIONS))
        self.head = nn.Conv2d(width, CLASSES * SHRINK * SHRINK, 1)
        for layer in [*self.entrance, *self.dilated, self.head]:
            nn.init.kaiming_normal_(layer.weight, a=0.2)
            nn.init.zeros_(layer.bias)
        with torch.no_grad():
            for layer in [*self.dilated, self.head]:
                layer.weight.mul_(0.3)

    def forward(self, crops):
        height, width = crops.shape[2:]
        down, across = torch.linspace(-1, 1, height), torch.linspace(-1, 1, width)
        places = torch.stack(torch.meshgrid(across, down, indexing="xy")).to(crops)
        maps = torch.cat([crops, places.expand(len(crops), -1, -1, -1)], 1)
        slopes = iter(self.slopes)
        for layer in self.entrance:
            maps = F.prelu(layer(maps), next(slopes))
        for layer in self.dilated:
            maps = F.prelu(layer(maps) + maps, next(slopes))
        return F.pixel_shuffle(self.head(maps), SHRINK)

    @property
    def parameter_count(self):
        return sum(parameter.numel() for parameter in self.parameters())


def build(weights):
    """The network whose state dict this is; its shape follows from those of its weights."""
    network = ParsingNetwork(weights["entrance.1.weight"].shape[0], weights["entrance.0.weight"].shape[0])
    network.load_state_dict(weights)
    return network


def is_parsing(weights):
    return "entrance.0.weight" in weights
