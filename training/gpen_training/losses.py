"""Losses on pictures in [-1, 1]. Each gives one number, the mean over the batch."""

import torch
import torch.nn.functional as F

REACH = 0.02  # of the finite difference that stands for the discriminator's gradient


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


def texture(restored, face):
    """How much fine structure there is around each place, wherever exactly it lies: the root of the
    gradients' energy over 8x8 pixels, its error squared, so that an uncertain network makes the mean
    amount. Blur costs here although each of its pixels is a good guess."""
    def amount(values):
        energy = ((values[..., 1:, :-1] - values[..., :-1, :-1]).square()
                  + (values[..., :-1, 1:] - values[..., :-1, :-1]).square()).sum(1, keepdim=True)
        return (F.avg_pool2d(energy, 8, 4) + 1e-4).sqrt()
    return (amount(restored) - amount(face)).square().mean()


def deceive(verdicts):
    """The network's side of the adversarial game (non-saturating)."""
    return F.softplus(-verdicts).mean()


def feature_matching(restored_features, face_features):
    """Distance of the discriminator's feature maps, each against its own size."""
    return sum((restored.float() - face.float()).abs().mean()
               / face.float().abs().mean().clamp_min(1e-6)
               for restored, face in zip(restored_features, face_features)) / len(face_features)


def detect(restored_verdicts, face_verdicts):
    """The discriminator's side."""
    return F.softplus(restored_verdicts).mean() + F.softplus(-face_verdicts).mean()


def steepness(discriminator, faces, face_verdicts, noise, dtype):
    """How fast each verdict changes around true faces (R1). By a finite difference along random
    noise: the kernels have no second derivative."""
    moved, _ = discriminator(faces + REACH * noise, dtype)
    return ((moved - face_verdicts) / REACH).square().mean()
