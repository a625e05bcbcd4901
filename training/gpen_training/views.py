"""What a discriminator sees of restored and true faces: the same places of both, each under noise of its
own, which hides what is too faint for people to see."""

import torch

from . import templates

SEEN = 192  # pixels a side of the part of a picture
COMPONENT = 5 / 16  # the side of an eye's or the mouth's surroundings, over that of a picture
JITTER = 1 / 64  # how far they are moved at most, over the side of a picture


def window(length, random, most):
    """A random part of `length` pixels, at most `most` long."""
    start = int(torch.randint(max(length - most, 0) + 1, (), generator=random))
    return slice(start, start + most)


def under_noise(pictures, strength, random):
    if not strength:
        return pictures
    return pictures + strength * torch.randn(pictures.shape, generator=random).to(pictures.device)


def part(restored, faces, strength, random):
    """SEEN pixels of each side, from any place on, so that neither the border nor the phases of the pixel
    shuffle give a picture away. Without noise: all of each picture."""
    if not strength:
        return restored, faces
    rows, columns = (window(length, random, SEEN) for length in faces.shape[-2:])
    return tuple(under_noise(pictures[..., rows, columns], strength, random)
                 for pictures in (restored, faces))


def eyes_and_mouth(restored, faces, strength, random, template):
    """The surroundings of both eyes, one of them mirrored, and of the mouth, one after the other: 3N x 3 x
    height x width. Where they lie says the template; they are moved a little, for the phases' sake."""
    size = faces.shape[-1]
    side, jitter = int(size * COMPONENT), int(size * JITTER)
    left_eye, right_eye, _, *corners = templates.points(template, size)
    places = []
    for middle in (left_eye, right_eye, sum(corners) / 2):
        x, y = (int(round(at)) - side // 2 + int(torch.randint(-jitter, jitter + 1, (), generator=random))
                for at in middle)
        places.append((slice(y, y + side), slice(x, x + side)))

    def cut(pictures):
        left, right, mouth = (pictures[..., rows, columns] for rows, columns in places)
        return under_noise(torch.cat([left, right.flip(-1), mouth]), strength, random)
    return cut(restored), cut(faces)
