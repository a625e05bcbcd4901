"""The adversary of the second stage: tells restored from true faces, patch by patch. It looks at
luma and its fine structure behind a pixel unshuffle, as our network does, and shares its
operations."""

import torch
import torch.nn.functional as F
from torch import nn

from .losses import fine_structure, luma
from .network import Activation, Down, EqualConvolution

CHANNELS = [32, 64, 128, 128]  # at 1/2, 1/4, 1/8 and 1/16 of the picture
FINE_GAIN = 4.0  # brings fine structure to the size of the picture's values


def with_fine_structure(brightness):
    """Beside the brightness, what lies above its 3x3 means: what restored faces lack is faint in the
    values themselves, and found ten times sooner here."""
    return torch.cat([brightness, FINE_GAIN * fine_structure(brightness)], 1)


class Level(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.texture = nn.Sequential(EqualConvolution(inputs, inputs, 3, pad=1),
                                     Activation(inputs))
        self.down = Down(inputs, outputs)

    def forward(self, image):
        return self.down(self.texture(image))


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.entry = nn.Sequential(EqualConvolution(8, CHANNELS[0], 1), Activation(CHANNELS[0]))
        self.levels = nn.ModuleList(Level(inputs, outputs)
                                    for inputs, outputs in zip(CHANNELS, CHANNELS[1:]))
        self.middle = nn.Sequential(EqualConvolution(CHANNELS[-1], CHANNELS[-1], 3, pad=1),
                                    Activation(CHANNELS[-1]))
        self.verdict = EqualConvolution(CHANNELS[-1], 16, 1)  # 15 spare: see PictureConvolution

    def forward(self, pictures, dtype=torch.float32):
        """Verdicts of the patches (above 0: true), and the feature maps behind them."""
        image = F.pixel_unshuffle(with_fine_structure(luma(pictures)).to(dtype), 2)
        image = self.entry(image)
        features = []
        for level in self.levels:
            image = level(image)
            features.append(image)
        return self.verdict(self.middle(image))[:, :1].float(), features
