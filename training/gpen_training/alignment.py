"""The fixed map from one crop of a face to another, as a PyTorch operation with gradients."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from .templates import points, similarity


class Recrop(nn.Module):
    """Cuts `size` x `size` pixels out of square crops so that template points come to `target`. What
    is reduced is averaged: a network that is trained through samples of single pixels learns to put
    dots where they are taken."""

    def __init__(self, template, crop_size, target, size):
        super().__init__()
        matrix = similarity(target, points(template, crop_size))  # from the new picture to the crop
        self.samples = max(1, math.ceil(math.hypot(*matrix[:2, 0]) - 0.01))  # along each side of a pixel
        # grid_sample counts -1..1 from edge to edge; pixel centres lie at halves.
        to_pixels = np.array([[size / 2, 0, size / 2 - 0.5], [0, size / 2, size / 2 - 0.5],
                              [0, 0, 1]])
        to_unit = np.array([[2 / crop_size, 0, 1 / crop_size - 1],
                            [0, 2 / crop_size, 1 / crop_size - 1], [0, 0, 1]])
        whole = to_unit @ np.vstack([matrix, [0, 0, 1]]) @ to_pixels
        theta = torch.tensor(whole[None, :2], dtype=torch.float32)
        fine = size * self.samples
        self.register_buffer("grid", F.affine_grid(theta, [1, 3, fine, fine], align_corners=False))

    def forward(self, pictures):
        grid = self.grid.expand(pictures.shape[0], -1, -1, -1)
        sampled = F.grid_sample(pictures, grid, mode="bilinear", padding_mode="border",
                                align_corners=False)
        return F.avg_pool2d(sampled, self.samples) if self.samples > 1 else sampled
