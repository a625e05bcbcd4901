"""Losses on pictures in [-1, 1]. Each gives one number, the mean over the batch."""

import torch.nn.functional as F


def absolute(restored, face):
    return (restored - face).abs().mean()


def gradient(restored, face):
    """Edges, where a plain mean error is content with blur."""
    error = restored - face
    return ((error[..., 1:, :] - error[..., :-1, :]).abs().mean()
            + (error[..., :, 1:] - error[..., :, :-1]).abs().mean())


def low_frequency(restored, face):
    """Tone and colour over 8x8 pixels."""
    return F.avg_pool2d(restored - face, 8).abs().mean()
