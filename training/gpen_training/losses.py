"""Losses on pictures in [-1, 1]. Each gives one number, the mean over the batch."""

import torch
import torch.nn.functional as F

LUMA = (0.299, 0.587, 0.114)
REACH = 0.02  # of the finite difference that stands for the discriminator's gradient


def fine_structure(pictures):
    """What lies above the means of 3x3 pixels."""
    return pictures - F.avg_pool2d(pictures, 3, 1, 1, count_include_pad=False)


def grid(restored, face):
    """Patterns that alternate from pixel to pixel, in steps along the rows, the columns or both, over
    4x4 pixels: what the pixel shuffle leaves where its phases disagree, and texture would reward."""
    error = luma(restored - face)
    rows, columns = (1 - 2.0 * (torch.arange(length) % 2) for length in error.shape[-2:])
    rows = rows[:, None]
    return sum(F.avg_pool2d(error * signs, 4).abs().mean()
               for signs in (columns, rows, rows * columns))


def luma(pictures):
    """N x 1 x height x width."""
    return sum(weight * pictures[:, channel:channel + 1] for channel, weight in enumerate(LUMA))


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


def chroma(restored, face):
    """Colour apart from brightness. The eye forgives soft colour, not coloured texture: what invents
    structure (texture, adversary) looks at luma alone, and this holds the colour."""
    error = restored - face
    return (error - luma(error)).abs().mean()


def _slopes(pictures):
    """Differences of luma along the rows and the columns, N x both."""
    values = luma(pictures)
    return torch.cat([(values[..., 1:, :] - values[..., :-1, :]).flatten(1),
                      (values[..., :, 1:] - values[..., :, :-1]).flatten(1)], 1)


def as_sharp_as(pictures, faces, limit):
    """Each picture sharpened by what lies above its 3x3 means until its gradients have the energy of
    the face's; by at most `limit` times that, and never softened."""
    fine = fine_structure(pictures)
    own, more, aim = _slopes(pictures), _slopes(fine), _slopes(faces)
    a, b = more.square().sum(1) + 1e-9, (own * more).sum(1)
    c = own.square().sum(1) - aim.square().sum(1)
    times = ((b.square() - a * c).clamp_min(0).sqrt() - b) / a
    return pictures + times.clamp(0, limit)[:, None, None, None] * fine


def texture(restored, face):
    """How much fine structure there is around each place, wherever exactly it lies: the root of the
    gradients' energy over 8x8 and over 32x32 pixels, its error squared, so that an uncertain network
    makes the mean amount. Blur costs here although each of its pixels is a good guess. Over 8x8 alone
    the mean amount is less than the mean energy: of rare strong texture nothing would be left."""
    def energy(values):
        return ((values[..., 1:, :-1] - values[..., :-1, :-1]).square()
                + (values[..., :-1, 1:] - values[..., :-1, :-1]).square())
    made, true = energy(luma(restored)), energy(luma(face))
    return sum(((F.avg_pool2d(made, side, side // 2) + 1e-4).sqrt()
                - (F.avg_pool2d(true, side, side // 2) + 1e-4).sqrt()).square().mean()
               for side in (8, 32))


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
