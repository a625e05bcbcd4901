#!/usr/bin/env python3
"""Draws docs/soft-photos.jpg: free photos out of focus, printed in dots or on textured paper, and as a still of an
interlaced video, and what the program makes of them.

    soft_photo_sheet.py [--gpen PROGRAM] [--models FOLDER] [--keep FOLDER] [OUTPUT]

See sheet.py for what it needs.
"""

import numpy as np
from PIL import Image, ImageFilter

import sheet
from sheet import HOPPER, SKIMAGE, compressed, noisy

SIDE = 400  # of what is shown of a photo, pixels
FINE = 4  # times as fine as it is scanned, a print is drawn


def blurred(path, blur):
    return compressed(Image.open(path).convert("RGB").filter(ImageFilter.GaussianBlur(blur)), 90)


def dots(tones, distance, degrees):
    """Ink and paper, 0 and 1, for `tones` from 0 to 1."""
    y, x = np.mgrid[:tones.shape[0], :tones.shape[1]] * (2 * np.pi / distance)
    angle = np.radians(degrees)
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    return (tones > 0.5 + 0.25 * (np.cos(along) + np.cos(across))).astype(np.float32)


def printed(path, distance, angles):
    """In gray at one angle, or in colours at one for each; scanned with `distance` pixels from dot to dot."""
    with Image.open(path) as photo:
        large = photo.convert("RGB").resize([FINE * length for length in photo.size], Image.Resampling.BICUBIC)
    tones = np.asarray(large, np.float32) / 255
    if len(angles) == 1:
        tones = tones.mean(2, keepdims=True)
    inks = [dots(tones[..., i], FINE * distance, angle) for i, angle in enumerate(angles)]
    height, width = large.height // FINE, large.width // FINE
    scans = [ink.reshape(height, FINE, width, FINE).mean((1, 3)) for ink in inks]
    paper = np.array([242, 234, 214], np.float32)
    scan = Image.fromarray(np.uint8(28 + np.stack(scans * (3 // len(scans)), 2) * (paper - 28)))
    return compressed(noisy(np.asarray(scan.filter(ImageFilter.GaussianBlur(0.6)), np.float32),
                            np.random.default_rng(1), 4, 0.3), 88)


def interlaced(path, movement):
    """A still of a video that moves by so many pixels from even to odd rows."""
    with Image.open(path) as photo:
        still = np.array(photo.convert("RGB"))
    still[1::2] = np.roll(still, movement, 1)[1::2]
    return compressed(Image.fromarray(still), 85)


def textured(path, length):
    """Printed on honeycomb paper of so many pixels from wave to wave, scanned twice as fine as the photo is."""
    with Image.open(path) as photo:
        large = photo.convert("RGB").resize([2 * side for side in photo.size], Image.Resampling.BICUBIC)
    tones = np.asarray(large, np.float32)
    y, x = np.mgrid[:tones.shape[0], :tones.shape[1]] * (2 * np.pi / length)
    angles = np.radians([17, 77, 137])
    relief = sum(np.cos(x * np.cos(angle) + y * np.sin(angle)) for angle in angles)
    return compressed(noisy(tones + 6 * relief[..., None], np.random.default_rng(2), 3, 0.5), 90)


PHOTOS = [("astronaut", blurred(SKIMAGE / "astronaut.png", 2.2), (40, 10)),
          ("chelsea", blurred(SKIMAGE / "chelsea.png", 3.5), (30, 0)),
          ("newspaper", printed(HOPPER, 4, [45]), (60, 60)),
          ("magazine", printed(SKIMAGE / "astronaut.png", 3.6, [15, 75, 0]), (40, 10)),
          ("paper", textured(SKIMAGE / "astronaut.png", 11), (250, 0)),
          ("video", interlaced(SKIMAGE / "astronaut.png", 10), (40, 10))]


def main():
    with sheet.program(__doc__, "docs/soft-photos.jpg") as program:
        rows = [[(photo, corner), (program.restore(name, photo, ["--preset", "old-photo"]), corner)]
                for name, photo, corner in PHOTOS]
        side = min(SIDE, *(length for _, photo, _ in PHOTOS for length in photo.size))
        sheet.draw(rows, side).save(program.output, quality=85, optimize=True)


if __name__ == "__main__":
    main()
