"""Where a face lies in its crop (five points: eyes, nose, corners of the mouth), and the fixed map
from one crop to another."""

import numpy as np
import torch
import torch.nn.functional as F

# On 512 x 512; the templates of src/face.
TEMPLATES = {
    "ffhq": [(192.98138, 239.94708), (318.90277, 240.1936), (256.63416, 314.01935),
             (201.26117, 371.41043), (313.08905, 371.15118)],
    "gpen": [(202.041, 242.884), (309.430, 242.290), (256.077, 303.959), (211.960, 366.828),
             (300.891, 366.336)],
}
# On 112 x 112: what the identity network expects.
IDENTITY = [(38.29, 51.70), (73.53, 51.50), (56.03, 71.74), (41.55, 92.37), (70.73, 92.20)]


def similarity(source, target):
    """The least-squares 2x3 matrix of a turn, a scale and a shift from points to points."""
    source, target = np.asarray(source, float), np.asarray(target, float)
    source_mean, target_mean = source.mean(0), target.mean(0)
    left = (source - source_mean) @ [1, 1j]
    right = (target - target_mean) @ [1, 1j]
    factor = (left.conj() @ right) / (left.conj() @ left)
    turn = np.array([[factor.real, -factor.imag], [factor.imag, factor.real]])
    return np.column_stack([turn, target_mean - turn @ source_mean])


class Recrop:
    """Cuts `size` x `size` pixels out of square crops so that template points come to `target`."""

    def __init__(self, template, crop_size, target, size):
        points = np.asarray(TEMPLATES[template]) * crop_size / 512
        matrix = similarity(target, points)  # from the new picture to the crop
        # grid_sample counts -1..1 from edge to edge; pixel centres lie at halves.
        to_pixels = np.array([[size / 2, 0, size / 2 - 0.5], [0, size / 2, size / 2 - 0.5],
                              [0, 0, 1]])
        to_unit = np.array([[2 / crop_size, 0, 1 / crop_size - 1],
                            [0, 2 / crop_size, 1 / crop_size - 1], [0, 0, 1]])
        whole = to_unit @ np.vstack([matrix, [0, 0, 1]]) @ to_pixels
        theta = torch.tensor(whole[None, :2], dtype=torch.float32)
        self.grid = F.affine_grid(theta, [1, 3, size, size], align_corners=False)

    def __call__(self, pictures):
        grid = self.grid.expand(pictures.shape[0], -1, -1, -1)
        return F.grid_sample(pictures, grid, mode="bilinear", padding_mode="border",
                             align_corners=False)
