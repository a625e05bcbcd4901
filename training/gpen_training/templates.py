"""Where a face lies in its crop: five points (eyes, nose, corners of the mouth). Without PyTorch, so
that a process that measures a network's memory need not load it."""

import numpy as np

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


def points(template, size):
    """The template's points on size x size pixels."""
    return np.asarray(TEMPLATES[template]) * size / 512
