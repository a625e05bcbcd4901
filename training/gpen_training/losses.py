"""Losses on pictures in [-1, 1]. Each gives one number, the mean over the batch."""

import numpy as np
import torch
import torch.nn.functional as F

from .views import window

LUMA = (0.299, 0.587, 0.114)
REGIONS = (32, 16, 16)  # sides, on each level of the pyramid, within which texture may lie anywhere
PATCH, FILTERS = 5, 12
WINDOW = 256  # pixels of a level, a side, whose texture is looked at in one step
LEAST_SIZE = REGIONS[0] + PATCH - 1  # of pictures that hold one region
REACH = 0.02  # of the finite difference that stands for the discriminator's gradient


def fine_structure(pictures):
    """What lies above the means of 3x3 pixels."""
    return pictures - F.avg_pool2d(pictures, 3, 1, 1, count_include_pad=False)


def grid(restored, face):
    """Patterns that alternate from pixel to pixel, in steps along the rows, the columns or both, over
    4x4 pixels: what the pixel shuffle leaves where its phases disagree, and texture would reward."""
    error = luma(restored - face)
    rows, columns = (1 - 2.0 * (torch.arange(length, device=error.device) % 2)
                     for length in error.shape[-2:])
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


def laplacian_levels(pictures):
    """What each halving of the resolution loses, one after the other, without end."""
    while True:
        smaller = F.avg_pool2d(pictures, 2)
        yield pictures - F.interpolate(smaller, scale_factor=2, mode="bilinear", align_corners=False)
        pictures = smaller


def sorted_values(values):
    """In ascending order along the last dimension. NumPy's sort is 20 times as fast on a CPU."""
    if values.device.type != "cpu":
        return values.sort(-1)[0]
    return torch.from_numpy(np.sort(values.detach().numpy(), axis=-1))


def ascending_order(values):
    """Their places along the last dimension, of the smallest value first. On a CPU the places stand in
    the lowest bits of the numbers that NumPy sorts: what differs by less than that counts as equal."""
    if values.device.type != "cpu":
        return values.argsort(-1)
    count = values.shape[-1]
    places = 2 ** (count - 1).bit_length() - 1
    bits = values.view(torch.int32)
    keys = bits ^ (bits >> 31 & 0x7fffffff)  # integers in the order of the floats
    keys = keys & ~places | torch.arange(count, dtype=torch.int32)
    return torch.from_numpy(np.sort(keys.numpy(), axis=-1) & places).long()


def texture(restored, face, random):
    """Sliced Wasserstein distance of the patches of each region, on Laplacian levels: the answers of
    random filters, sorted, so that what is asked for is the right structure somewhere in the region,
    not at its exact place. Of a level larger than WINDOW a random part is looked at each time.
    Squared: with the absolute difference the network would aim at the median answer, which is a soft
    one. Of luma alone: of colours it drew red and green lines beside edges. `random`: a generator on the
    CPU, for filters and places."""
    terms = []
    for made, true, side in zip(laplacian_levels(luma(restored)), laplacian_levels(luma(face)), REGIONS):
        if made.shape[-1] > WINDOW or made.shape[-2] > WINDOW:
            rows, columns = (window(length, random, WINDOW) for length in made.shape[-2:])
            made, true = made[..., rows, columns], true[..., rows, columns]
        height, width = (length - PATCH + 1 for length in made.shape[-2:])
        if min(height, width) < side:
            break
        filters = torch.randn(FILTERS, 1, PATCH, PATCH, generator=random)
        filters = (filters / filters.flatten(1).norm(dim=1).view(-1, 1, 1, 1)).to(made.device)
        top, left = (int(torch.randint(length % side + 1, (), generator=random))
                     for length in (height, width))

        def answers(level):
            """N x filters x regions x pixels of a region."""
            rows, columns = height // side, width // side
            found = F.conv2d(level.contiguous(memory_format=torch.channels_last), filters)
            found = found[..., top:top + rows * side, left:left + columns * side]
            found = found.unflatten(3, (columns, side)).unflatten(2, (rows, side))
            return found.transpose(3, 4).flatten(4).flatten(2, 3).contiguous()
        found = answers(made)
        with torch.no_grad():
            aims = sorted_values(answers(true))
            scale = aims.square().mean((1, 2, 3), keepdim=True) + 1e-5
            # What each answer should be, where it stands.
            aims = torch.empty_like(aims).scatter_(-1, ascending_order(found.detach()), aims)
        terms.append(((found - aims).square() / scale).mean())
    if not terms:
        raise ValueError(f"expected pictures of {LEAST_SIZE} pixels or more for the texture loss, found "
                         f"{restored.shape[-1]}")
    return sum(terms) / len(terms)


def skin_colour(restored, face, skin):
    """Tone and colour over 8x8 pixels, of skin alone. `skin`: N x 1 x height x width, 1 where it is.
    Pictures without any do not count."""
    share = F.avg_pool2d(skin, 8)
    error = F.avg_pool2d((restored - face) * skin, 8).abs().mean(1, keepdim=True)
    have = (share.sum((1, 2, 3)) > 0).sum().clamp_min(1)
    return (error.sum((1, 2, 3)) / share.sum((1, 2, 3)).clamp_min(1)).sum() / have


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
