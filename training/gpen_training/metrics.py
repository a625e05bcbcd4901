"""Measures of a restored face against the true one, on pictures in [-1, 1]; one value for each pair
(but for gradient_energy, which is a ratio of sums)."""

import torch
import torch.nn.functional as F

from .losses import luma

BEST_PSNR = 50.0  # where an exact copy is counted; 8-bit pictures cannot tell more


def psnr(pictures, faces):
    error = (pictures.clamp(-1, 1) - faces).square().flatten(1).mean(1)
    return (10 * torch.log10(4 / error.clamp_min(1e-9))).clamp_max(BEST_PSNR)


def ssim(pictures, faces):
    """Structural similarity on luma: 11x11 Gaussian window of sigma 1.5, no border."""
    at = torch.arange(11.0) - 5
    window = torch.exp(-at.square() / (2 * 1.5 ** 2))
    window = (window / window.sum())[:, None] * (window / window.sum())

    def mean(values):
        return F.conv2d(values, window[None, None])

    left, right = [luma((values.clamp(-1, 1) + 1) / 2) for values in (pictures, faces)]
    left_mean, right_mean = mean(left), mean(right)
    left_variance = mean(left.square()) - left_mean.square()
    right_variance = mean(right.square()) - right_mean.square()
    covariance = mean(left * right) - left_mean * right_mean
    similarity = ((2 * left_mean * right_mean + 0.01 ** 2) * (2 * covariance + 0.03 ** 2)
                  / ((left_mean.square() + right_mean.square() + 0.01 ** 2)
                     * (left_variance + right_variance + 0.03 ** 2)))
    return similarity.flatten(1).mean(1)


def gradient_energy(pictures, faces):
    """How much fine structure there is, as a share of the truth's: below 1 is blur, above 1 noise
    or invented texture."""
    def energy(values):
        return ((values[..., 1:, :] - values[..., :-1, :]).square().sum()
                + (values[..., :, 1:] - values[..., :, :-1]).square().sum())
    return (energy(pictures.clamp(-1, 1)) / energy(faces).clamp_min(1e-9)).item()
