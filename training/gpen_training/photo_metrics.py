"""Measures of a made photo against the true one, as publications on super-resolution use them: on luma of ITU-R
BT.601 with its 16..235, both rounded to bytes first, without a border of `scale` pixels."""

import numpy as np


def luma(picture):
    """`picture`: uint8 RGB. Float64, 16 to 235."""
    return 16 + picture.astype(np.float64) @ np.array([65.481, 128.553, 24.966]) / 255


def _without(values, border):
    return values[border:-border, border:-border] if border else values


def psnr(made, true, border):
    error = np.square(_without(luma(made) - luma(true), border)).mean()
    return float(10 * np.log10(255 ** 2 / max(error, 1e-4)))


def colour_psnr(made, true):
    error = np.square(made.astype(np.float64) - true).mean()
    return float(10 * np.log10(255 ** 2 / max(error, 1e-4)))


def ssim(made, true, border):
    import cv2
    left, right = _without(luma(made), border), _without(luma(true), border)

    def mean(values):
        return cv2.GaussianBlur(values, (11, 11), 1.5)[5:-5, 5:-5]
    left_mean, right_mean = mean(left), mean(right)
    variances = mean(left * left) - left_mean ** 2 + mean(right * right) - right_mean ** 2
    covariance = mean(left * right) - left_mean * right_mean
    first, second = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return float(((2 * left_mean * right_mean + first) * (2 * covariance + second)
                  / ((left_mean ** 2 + right_mean ** 2 + first) * (variances + second))).mean())
