#!/usr/bin/env python3
"""Draws docs/old-photos.jpg: free photos made old, and beside them what the program makes of them, at 100 %.

    old_photo_sheet.py [--gpen PROGRAM] [--keep FOLDER] [OUTPUT]

The damage is drawn by other rules than those that the network which repairs was trained with. See sheet.py for
what it needs.
"""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

import sheet
from sheet import HOPPER, SKIMAGE

SIDE = 400  # of what is shown of a photo, pixels
FINE = 3  # damage is drawn so many times larger


def curve(random, width, height, length, bend):
    """Points of a line that turns by chance."""
    angle = random.uniform(0, 2 * np.pi)
    at = random.uniform((0, 0), (width, height))
    points = [tuple(at)]
    for _ in range(int(length / 4)):
        angle += random.normal() * bend
        at = at + 4 * np.array([np.cos(angle), np.sin(angle)])
        points.append(tuple(at))
    return points


class Damage:
    """A photo made old, over which layers of one tone each are laid."""

    def __init__(self, path, seed, grain, blur, sepia=False):
        self.photo = aged(Image.open(path).convert("RGB"), np.random.default_rng(seed), grain, blur, sepia)
        self.random = np.random.default_rng(seed + 1)

    def layer(self, draw_on, tone, cover, blur=0.6):
        width, height = self.photo.size
        large = Image.new("L", (width * FINE, height * FINE), 0)
        draw_on(ImageDraw.Draw(large))
        mask = large.resize((width, height), Image.BOX).filter(ImageFilter.GaussianBlur(blur))
        self.photo.paste(Image.new("RGB", self.photo.size, tone), mask=mask.point(lambda value: int(value * cover)))

    def lines(self, count, length, bend, thickness, tone, cover):
        def draw_on(canvas):
            for _ in range(count):
                points = curve(self.random, *self.photo.size, self.random.uniform(*length), bend)
                canvas.line([(x * FINE, y * FINE) for x, y in points], 255, round(thickness * FINE), joint="curve")
        self.layer(draw_on, tone, cover)

    def dust(self, count, tone, cover):
        def draw_on(canvas):
            for _ in range(count):
                x, y = self.random.uniform((0, 0), self.photo.size) * FINE
                corners = [(x + self.random.normal() * FINE * 1.5, y + self.random.normal() * FINE * 1.5)
                           for _ in range(5)]
                canvas.polygon(corners, 255)
        self.layer(draw_on, tone, cover)

    def film_lines(self, count, tone, cover):
        width, height = self.photo.size

        def draw_on(canvas):
            for _ in range(count):
                x = self.random.uniform(0, width) * FINE
                canvas.line([(x, 0), (x + self.random.normal() * 4 * FINE, height * FINE)], 255, FINE)
        self.layer(draw_on, tone, cover)

    def crease(self, tone):
        """Where a print was folded, the emulsion is broken."""
        width, height = self.photo.size
        place = self.random.uniform(0.3, 0.6) * height
        steps = np.linspace(0, width, 90)
        path = place + np.cumsum(self.random.normal(0, 1.0, 90))

        def draw_on(canvas):
            for start in range(len(steps) - 1):
                pair = [(steps[i] * FINE, path[i] * FINE) for i in (start, start + 1)]
                canvas.line(pair, 255, int(self.random.uniform(1, 4) * FINE))
        self.layer(draw_on, tone, 0.9)


def aged(photo, random, grain, blur, sepia):
    """Soft, faded and grainy."""
    pixels = np.asarray(photo.filter(ImageFilter.GaussianBlur(blur)), np.float32)
    if sepia:
        pixels = pixels.mean(2, keepdims=True) * np.array([1.0, 0.9, 0.74])
    pixels = 45 + pixels * (205 - 45) / 255
    noise = Image.fromarray(np.uint8(np.clip(random.normal(128, 30, pixels.shape[:2]), 0, 255)))
    coarse = np.asarray(noise.filter(ImageFilter.GaussianBlur(0.7)), np.float32) - 128
    return Image.fromarray(np.uint8(np.clip(pixels + coarse[..., None] * grain / 15, 0, 255)))


def hopper():
    """A studio portrait, yellow and faded, with dust, hairs and a crease."""
    damage = Damage(HOPPER, 1, 7, 0.8, sepia=True)
    damage.dust(60, (235, 228, 210), 0.85)
    damage.lines(9, (30, 120), 0.25, 1.3, (48, 40, 36), 0.8)
    damage.crease((236, 230, 216))
    return damage.photo, (60, 20)


def astronaut():
    """A colour print, scratched."""
    damage = Damage(SKIMAGE / "astronaut.png", 3, 5, 0.9)
    damage.lines(7, (150, 500), 0.015, 1.2, (232, 226, 216), 0.75)
    damage.lines(6, (25, 90), 0.3, 1.2, (240, 236, 230), 0.8)
    damage.dust(45, (40, 36, 34), 0.8)
    return damage.photo, (56, 0)


def camera():
    """A black and white photo with the lines of a projector."""
    damage = Damage(SKIMAGE / "camera.png", 5, 6, 0.8)
    damage.film_lines(5, (225, 225, 225), 0.6)
    damage.dust(50, (228, 228, 228), 0.85)
    damage.lines(5, (40, 110), 0.2, 1.4, (30, 30, 30), 0.8)
    return damage.photo, (70, 40)


def rocket():
    """A landscape with masts and wires, which are no scratches."""
    damage = Damage(SKIMAGE / "rocket.jpg", 7, 5, 0.7)
    damage.dust(50, (240, 236, 226), 0.85)
    damage.lines(7, (40, 130), 0.2, 1.3, (36, 32, 30), 0.75)
    return damage.photo, (120, 20)


OPTIONS = ["--preset", "old-photo", "--repair", "100", "--fading", "100"]


def main():
    with sheet.program(__doc__, "docs/old-photos.jpg") as program:
        rows = []
        for make in (hopper, astronaut, camera, rocket):
            photo, corner = make()
            rows.append([(photo, corner), (program.restore(make.__name__, photo, OPTIONS), corner)])
        sheet.draw(rows, SIDE).save(program.output, quality=82, optimize=True)


if __name__ == "__main__":
    main()
