"""The networks that clean, sharpen and enlarge what is not a face: plain 3x3 convolutions at one resolution, then for
each scale a head whose channels are shuffled into pixels, added to the bicubically enlarged photo. A fourth channel of
the input says everywhere how much cleaning is wanted, or how wide the blur is, 0 to 1.

With `unshuffle` 2 the trunk sees 2x2 pixels as the channels of one: a quarter of the work, and twice the reach. Then
coarser maps (coarse_maps.py) may be made of what its first layers give, and added to it: what is a clump of grain and
what texture is seen from afar."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from . import coarse_maps
from .bicubic import resize

COLOURS = 3
JOINT = 3  # layers of the trunk, of whose maps the coarser ones are made, and to which these are added
COARSE = ((48, 64), 32, coarse_maps.DILATIONS)  # widths, what the quarter gets from the eighth, dilations
SKIP_SIDE = 5  # of the bicubic skip's kernel: all pixels that the four taps of any phase touch


def _bicubic_kernel(scale):
    """COLOURS * scale^2 x COLOURS x 5 x 5, the channels ordered for a pixel shuffle."""
    if scale == 1:
        side = 1
        phases = np.ones((1, 1, 1, 1), np.float32)
    else:
        side = SKIP_SIDE
        phases = np.zeros((scale, scale, side, side), np.float32)
        for row in range(side):
            for column in range(side):
                impulse = np.zeros((3 * side, 3 * side), np.float32)
                impulse[side + row, side + column] = 1
                middle = (side + side // 2) * scale
                phases[:, :, row, column] = resize(impulse, scale)[middle:middle + scale, middle:middle + scale]
    kernel = np.zeros((COLOURS, scale, scale, COLOURS, side, side), np.float32)
    for colour in range(COLOURS):
        kernel[colour, :, :, colour] = phases
    return torch.from_numpy(kernel.reshape(COLOURS * scale * scale, COLOURS, side, side))


class PhotoNetwork(nn.Module):
    """`scales`: that it has heads for; `coarse`: None, or what COARSE says, of its coarser maps.
    forward() takes photos, N x 3 x H x W in [0, 1], amounts of cleaning, N numbers in [0, 1], and a scale. Height and
    width are multiples of `unit`."""

    def __init__(self, scales=(2, 4), unshuffle=1, width=32, depth=8, coarse=None):
        super().__init__()
        self.scales, self.unshuffle, self.width, self.depth = tuple(scales), unshuffle, width, depth
        pixels = unshuffle * unshuffle
        self.trunk = nn.ModuleList(nn.Conv2d(COLOURS * pixels + 1 if index == 0 else width, width, 3, padding=1)
                                   for index in range(depth))
        self.slopes = nn.ParameterList(nn.Parameter(torch.full((width,), 0.2)) for _ in range(depth))
        self.heads = nn.ModuleDict({str(scale): nn.Conv2d(width, COLOURS * pixels * scale * scale, 3, padding=1)
                                    for scale in self.scales})
        for scale in self.scales:
            self.register_buffer(f"skip{scale}", _bicubic_kernel(scale), persistent=False)
        self._begin()
        self.coarse_shape = coarse
        self.coarse = None
        if coarse:  # They begin as no change, so that a network without them can be gone on with.
            widths, lift, dilations = coarse
            self.coarse = coarse_maps.CoarseMaps(width, widths, (width, lift), dilations)
            nn.init.zeros_(self.coarse.lift_quarter.weight)

    def _begin(self):
        """Each layer of the trunk begins as the identity and a little of everything, which lets the first learn as
        fast as the last; the heads begin as no change."""
        for layer in list(self.trunk)[1:]:
            nn.init.kaiming_normal_(layer.weight, a=0.2)
            with torch.no_grad():
                layer.weight.mul_(0.3)
                for channel in range(self.width):
                    layer.weight[channel, channel, 1, 1] += 1
        nn.init.kaiming_normal_(self.trunk[0].weight, a=0.2)
        for head in self.heads.values():
            nn.init.zeros_(head.weight)
        for layer in [*self.trunk, *self.heads.values()]:
            nn.init.zeros_(layer.bias)

    def enlarge(self, photos, scale):
        """The photos bicubically enlarged; the outermost two pixels are wrong, for they see zeros beyond. Exactly, also
        where the layers compute with bfloat16."""
        kernel = getattr(self, f"skip{scale}")
        with torch.autocast(photos.device.type, enabled=False):
            return F.pixel_shuffle(F.conv2d(photos, kernel.to(photos.dtype), padding=kernel.shape[-1] // 2), scale)

    def forward(self, photos, amounts, scale):
        maps = F.pixel_unshuffle(photos, self.unshuffle) if self.unshuffle > 1 else photos
        amounts = amounts.to(maps.dtype).reshape(-1, 1, 1, 1).expand(-1, 1, *maps.shape[2:])
        maps = torch.cat([maps, amounts], 1)
        for index, (layer, slope) in enumerate(zip(self.trunk, self.slopes)):
            if index == JOINT and self.coarse:
                maps = maps + self.coarse.coarse(maps)
            maps = F.prelu(layer(maps), slope)
        maps = self.heads[str(scale)](maps)
        return self.enlarge(photos, scale) + F.pixel_shuffle(maps, scale * self.unshuffle)

    @property
    def unit(self):
        return self.unshuffle * (self.coarse.coarse_unit if self.coarse else 1)

    @property
    def reach(self):
        """Pixels of the photo to each side of those that are one of the network's, that it sees."""
        skip = 1  # of the bicubic one: two pixels, where every layer sees one
        return (self.depth + 1 + skip + (self.coarse.coarse_reach if self.coarse else 0)) * self.unshuffle

    @property
    def parameter_count(self):
        return sum(parameter.numel() for parameter in self.parameters())


def build(weights):
    """The network whose state dict this is; its shape follows from those of its weights."""
    width, inputs = weights["trunk.0.weight"].shape[:2]
    scales = sorted(int(name.split(".")[1]) for name in weights if name.startswith("heads.")
                    and name.endswith(".weight"))
    depth = sum(name.startswith("slopes.") for name in weights)
    coarse = None
    if "coarse.dilations" in weights:
        widths, lifts, dilations = coarse_maps.shape(weights, "coarse.")
        coarse = widths, lifts[1], dilations
    network = PhotoNetwork(scales, round(((inputs - 1) / COLOURS) ** 0.5), width, depth, coarse)
    network.load_state_dict(weights)
    return network
