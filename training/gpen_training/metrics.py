"""Measures of a restored face against the true one, on pictures in [-1, 1]; one value for each pair,
but for gradient_energy, which is a ratio of sums, and texture_distances, which compare two sets."""

import torch
import torch.nn.functional as F

from .losses import luma

PATCH, PATCHES, DIRECTIONS = 7, 128, 512  # of a picture, and of their space
SMALLEST_LEVEL = 64
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


def laplacian_pyramid(pictures):
    """Level by level without end, the finest first: what the next step down a Gaussian pyramid loses."""
    taps = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
    channels = pictures.shape[1]
    kernel = (taps[:, None] * taps).expand(channels, 1, 5, 5)

    def smooth(values):
        return F.conv2d(F.pad(values, (2, 2, 2, 2), mode="reflect"), kernel, groups=channels)
    while True:
        smaller = smooth(pictures)[..., ::2, ::2]
        spread = torch.zeros_like(pictures)
        spread[..., ::2, ::2] = 4 * smaller
        yield pictures - smooth(spread)
        pictures = smaller


def texture_distances(pictures, faces, seed=5):
    """How far the texture of the pictures is from that of the faces, wherever exactly it lies: the
    sliced Wasserstein distance of 7x7 patches on each level of a Laplacian pyramid, times 1000 (Karras
    et al. 2018, appendix B), from the finest level down to 64 pixels, by the level's size. Unlike there
    the patches lie at the same places in both, so that a copy has 0, and both are counted in units of
    the faces' mean and deviation, so that texture that is too faint counts."""
    random = torch.Generator().manual_seed(seed)
    distances = {}
    for levels in zip(laplacian_pyramid(pictures.clamp(-1, 1)), laplacian_pyramid(faces)):
        distances[levels[0].shape[-1]] = _patch_distance(*levels, random)
        if levels[0].shape[-1] < 2 * SMALLEST_LEVEL:
            return distances


def _patch_distance(level, face_level, random):
    side = level.shape[-1] - PATCH + 1
    rows, columns = (torch.randint(side, (PATCHES,), generator=random) for _ in range(2))

    def patches(values):
        """All patches of all pictures, patches x channels x pixels."""
        cut = [values[..., row:row + PATCH, column:column + PATCH].flatten(2)
               for row, column in zip(rows.tolist(), columns.tolist())]
        return torch.cat(cut)
    found, true = patches(level), patches(face_level)
    mean, deviation = true.mean((0, 2), keepdim=True), true.std((0, 2), keepdim=True).clamp_min(1e-6)
    found, true = (((values - mean) / deviation).flatten(1) for values in (found, true))
    directions = torch.randn(found.shape[1], DIRECTIONS, generator=random)
    directions = directions / directions.norm(dim=0)
    return ((found @ directions).sort(0)[0] - (true @ directions).sort(0)[0]).abs().mean().item() * 1000
