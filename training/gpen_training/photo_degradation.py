"""What happens to a whole photo before it lies in a household's album, by amount. 0 is a plain bicubic reduction,
as the standard sets of super-resolution have it; 1 allows for the worst: out of focus or shaken, noisy or grainy,
JPEG once or twice, a scan's screen. What is wanted keeps the tone and colour of what it is made of."""

import cv2
import numpy as np

from . import bicubic, losses
from .degradation import chance, compress, normal

WORST_BLUR = 1.5  # deviation in pixels of the photo
WORST_NOISE = 30.0
WORST_QUALITY = 22  # of JPEG
WIDEST_SOFT = 2.5  # deviation in pixels, of what is sharpened: kWidestBlur of src/restore/sharpening.cc
LEFT_NOISE = 10.0
LEFT_QUALITY = 55
PLAIN = 0.5  # share of the pairs without any cleaning, where a network has a use for them
STRETCHED = 0.3  # share of what is cleaned that was dark or pale before
MOST_STRETCHED = 5.0  # times the contrast that it had
MARGIN = 8  # JPEG's grid begins anywhere


def draw_amount(random, plain=PLAIN):
    return 0.0 if chance(random, plain) else 1.0 if chance(random, 0.4) else random.uniform(0.1, 1)


def _strength(random, amount, power=1.0):
    """Up to the amount, so that it says what must be reckoned with, not what is there."""
    return amount * random.random() ** power


def _places(reach):
    """How far down and across each place of a kernel lies from its middle."""
    return np.mgrid[-reach:reach + 1, -reach:reach + 1].astype(np.float32)


def _axes(reach, angle):
    """How far it lies along a direction and across that."""
    y, x = _places(reach)
    return np.cos(angle) * x + np.sin(angle) * y, np.cos(angle) * y - np.sin(angle) * x


def soften(picture, random, widest):
    """Round, slanted or shaken."""
    width = widest * random.random()
    if width < 0.2:
        return picture
    kind = random.random()
    if kind < 0.5:
        return cv2.GaussianBlur(picture, (0, 0), width, borderType=cv2.BORDER_REFLECT)
    along, across = _axes(max(2, int(np.ceil(3 * width))), random.uniform(0, np.pi))
    if kind < 0.85:
        narrow = max(0.3, width * random.uniform(0.3, 1))
        kernel = np.exp(-0.5 * ((along / width) ** 2 + (across / narrow) ** 2))
    else:
        kernel = np.clip(1 - np.abs(across), 0, 1) * (np.abs(along) <= width * 1.7)
    return cv2.filter2D(picture, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT)


def add_noise(picture, random, strongest, power=1.5):
    """A sensor's noise, fine or in clumps as a camera's software or a film leaves it, in colour or gray. The smaller
    `power` is, the nearer it mostly comes to the strongest."""
    deviation = strongest * random.random() ** power
    height, width, _ = picture.shape
    clump = 1.0 if chance(random, 0.4) else random.uniform(1.2, 3.0)
    shape = (int(np.ceil(height / clump)), int(np.ceil(width / clump)), 1 if chance(random, 0.4) else 3)
    noise = normal(random, shape)
    if clump > 1:
        noise = cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC).reshape(height, width, -1)
        if chance(random, 0.5):
            noise = cv2.GaussianBlur(noise, (0, 0), 0.3 * clump).reshape(height, width, -1)
        noise /= noise.std()
    noise = noise * deviation
    if chance(random, 0.5):
        noise = noise * np.sqrt(np.clip(picture, 0, 255) / 128)
    return picture + noise


def as_print(picture, random):
    """As prints in albums look, good ones too: often gray or brown, often with little contrast."""
    if chance(random, 0.35):
        tint = np.array([1.0, random.uniform(0.82, 1), random.uniform(0.6, 1)]) if chance(random, 0.6) else np.ones(3)
        picture = picture @ np.array(losses.LUMA)[:, None] * tint
    if chance(random, 0.35):
        dark, light = random.uniform(0, 60), random.uniform(170, 255)
        picture = dark + picture * ((light - dark) / 255)
    return bicubic.to_bytes(picture)


def coarsen(picture, random, amount):
    """Scanned finer than it is: as if enlarged from fewer pixels."""
    height, width, _ = picture.shape
    factor = 1 + 1.5 * _strength(random, amount)
    small = cv2.resize(picture, (int(width / factor), int(height / factor)), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


def _quality(random, amount):
    return 100 - (100 - WORST_QUALITY) * _strength(random, amount, 0.8)


def jpeg(picture, random, amount):
    return jpeg_of(picture, random, _quality(random, amount))


def jpeg_of(picture, random, quality):
    top, left = random.integers(0, MARGIN, 2)
    padded = cv2.copyMakeBorder(picture, int(top), 0, int(left), 0, cv2.BORDER_REFLECT)
    return compress(padded, random, quality, quality + 1)[top:, left:]


def blurred(picture, random, width):
    """By a known deviation in pixels: out of focus, as an old or cheap lens draws, slanted, shaken, or scanned finer
    than it is."""
    if width < 0.15:
        return picture
    kind = random.random()
    if kind < 0.4:
        return cv2.GaussianBlur(picture, (0, 0), width, borderType=cv2.BORDER_REFLECT)
    if kind < 0.5:
        factor = max(1.0, 1.6 * width)  # which an enlargement then blurs as much
        height, wide, _ = picture.shape
        small = cv2.resize(picture, (max(1, round(wide / factor)), max(1, round(height / factor))),
                           interpolation=cv2.INTER_AREA)
        return cv2.resize(small, (wide, height), interpolation=cv2.INTER_CUBIC)
    reach = max(2, int(np.ceil(3.5 * width)))
    if kind < 0.75:  # a disc, whose deviation along an axis is half its radius, with a soft rim
        kernel = np.clip(2 * width + 0.5 - np.hypot(*_places(reach)), 0, 1)
    else:
        along, across = _axes(reach, random.uniform(0, np.pi))
        ratio = random.uniform(1, 1.6)
        kernel = np.exp(-0.5 * ((along / (width * ratio)) ** 2 + (across * ratio / width) ** 2))
    return cv2.filter2D(picture, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT)


def _drawn_stretch(random):
    """Of a photo that was taken in the dark, or has faded, and whose levels were stretched before it is cleaned, the
    flaws of its file with them: how many times, and the level that became black."""
    if not chance(random, STRETCHED):
        return 1.0, 0.0
    gain = MOST_STRETCHED ** random.random()
    return gain, 0.0 if chance(random, 0.5) else (255 - 255 / gain) * random.random()


def make_soft(picture, _reduced, _scale, amount, random):
    """As degrade(), for what sharpens: the amount says how much it is blurred, not how much it may be. Noise and JPEG
    are those of a good photo, or what cleaning leaves of a bad one."""
    width = WIDEST_SOFT * amount * random.uniform(0.85, 1.1) if amount else 0.3 * random.random()
    photo = blurred(picture.astype(np.float32), random, width)
    if chance(random, 0.7):
        photo = add_noise(photo, random, LEFT_NOISE)
    if chance(random, 0.6):
        photo = jpeg_of(photo, random, random.uniform(LEFT_QUALITY, 97))
    return bicubic.to_bytes(photo)


def degrade(picture, reduced, scale, amount, random):
    """`picture`: uint8 RGB, what is wanted; `reduced`: the same, reduced by `scale` bicubically, uint8. Returns
    the photo that it is to be made of, uint8 of the reduced size."""
    if amount == 0:
        return reduced
    if scale == 1:
        photo = soften(picture.astype(np.float32), random, WORST_BLUR * 0.8 * amount)
        if chance(random, 0.3):
            photo = coarsen(photo, random, amount)
    elif chance(random, 0.6):
        photo = soften(picture.astype(np.float32), random, WORST_BLUR * scale * amount)
        size = (reduced.shape[1], reduced.shape[0])
        photo = cv2.resize(photo, size, interpolation=random.choice([cv2.INTER_AREA, cv2.INTER_LINEAR]))
    else:
        photo = soften(reduced.astype(np.float32), random, WORST_BLUR * 0.7 * amount)
    if chance(random, 0.2):
        photo = jpeg(photo, random, amount)
    gain, black = _drawn_stretch(random) if scale == 1 else (1.0, 0.0)
    photo = black + photo / gain
    if chance(random, 0.85):
        # What cleans is told how much noise there is, since that can be measured.
        photo = add_noise(photo, random, WORST_NOISE * amount / gain, 0.5 if scale == 1 else 1.5)
    if chance(random, 0.8):
        photo = jpeg(photo, random, amount)
    return bicubic.to_bytes((bicubic.to_bytes(photo) - black) * gain)
