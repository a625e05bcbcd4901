"""Where the 68 points of a face lie, by the pipeline's landmark network (fr_landmark): a measure of
whether a restored face keeps its shape. The network states no training data."""

import torch
import torch.nn.functional as F

from .losses import luma
from .onnx_network import OnnxNetwork

# The square of a 256-pixel crop (template ffhq) on which the network is most exact: found by search
# over sizes and heights, against the template's eyes, nose and mouth.
CENTRE, SIDE = (128, 138), 150
EYE_DISTANCE = 62.96  # of the template, on 256 pixels


class Landmarks:
    def __init__(self, path):
        self.network = OnnxNetwork(path)
        to_unit = [2 / 256 * centre - 1 for centre in CENTRE]
        theta = torch.tensor([[[SIDE / 256, 0, to_unit[0]], [0, SIDE / 256, to_unit[1]]]])
        self.grid = F.affine_grid(theta, [1, 1, 64, 64], align_corners=False)

    @torch.no_grad()
    def find(self, pictures):
        """N x 68 x 2, in pixels of 256, of pictures of any size in [-1, 1]."""
        gray = luma((pictures + 1) * 127.5) / 256
        grid = self.grid.expand(len(gray), -1, -1, -1)
        return self.network(F.grid_sample(gray, grid, align_corners=False)).view(-1, 68, 2) * SIDE

    def distance(self, pictures, faces):
        """Mean distance of the points, in per cent of the distance of the eyes."""
        offset = (self.find(pictures) - self.find(faces)).norm(dim=2)
        return offset.mean(1) / EYE_DISTANCE * 100
