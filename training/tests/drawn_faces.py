"""Drawn faces for the tests: simple, but with edges, tones and features in a face's places."""

import cv2
import numpy as np

from gpen_training.faces import write_picture


def draw_face(number, size=256):
    random = np.random.default_rng(number)
    hair, background = (tuple(map(int, random.integers(low, high, 3)))
                        for low, high in ((10, 100), (60, 200)))
    light = random.uniform(0.4, 1)
    skin = tuple(int(light * tone) for tone in (240, 195, 165))
    picture = np.full((256, 256, 3), background, np.uint8)
    cv2.ellipse(picture, (128, 120), (82, 108), 0, 0, 360, hair, -1, cv2.LINE_AA)
    cv2.ellipse(picture, (128, 140), (64, 86), 0, 0, 360, skin, -1, cv2.LINE_AA)
    for x in (97, 159):
        cv2.ellipse(picture, (x, 120), (13, 7), 0, 0, 360, (245, 245, 245), -1, cv2.LINE_AA)
        cv2.circle(picture, (x + int(random.integers(-3, 4)), 120), 6, (40, 30, 20), -1)
        cv2.line(picture, (x - 16, 103), (x + 16, 103), hair, 4, cv2.LINE_AA)
    cv2.line(picture, (128, 125), (122, 157), tuple(int(0.8 * c) for c in skin), 3, cv2.LINE_AA)
    cv2.ellipse(picture, (128, 186), (28, int(random.integers(4, 14))), 0, 0, 180, (160, 60, 60),
                -1, cv2.LINE_AA)
    return cv2.resize(picture, (size, size), interpolation=cv2.INTER_AREA)


def write_faces(folder, count, size=256):
    for number in range(count):
        write_picture(folder / f"face-{number:03}.png", draw_face(number, size))
