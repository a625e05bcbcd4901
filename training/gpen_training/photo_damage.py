"""What becomes of a print or a film: scratches, dust and hairs, tears and cracks of the emulsion, folds, stains, mould;
drawn over a photo, so that a network can learn to find and to fill them.

Each kind of damage is a function that changes `picture` (float32 RGB, 0 to 255) in place; how far it differs from what
it was says where the damage is. All sizes are in pixels."""

import cv2
import numpy as np

from .degradation import chance

FINE = 2  # lines are drawn so many times larger, and so may be thinner than a pixel
SHIFT = 4  # bits of fraction in OpenCV's coordinates


def noise_map(random, height, width, coarse):
    """Smooth noise of mean 0 and deviation 1, whose waves are about `coarse` pixels long."""
    rows, columns = (max(2, int(length / coarse) + 3) for length in (height, width))
    small = random.standard_normal((rows, columns)).astype(np.float32)
    large = cv2.resize(small, (int(columns * coarse) + 1, int(rows * coarse) + 1), interpolation=cv2.INTER_CUBIC)
    return large[int(coarse):int(coarse) + height, int(coarse):int(coarse) + width] * 1.3


def rough_map(random, height, width, coarse):
    return noise_map(random, height, width, coarse) + 0.5 * noise_map(random, height, width, max(coarse / 3, 1))


def walk(random, height, width, length, bend, step=6.0, angle=None, start=None):
    """Points of a curve that turns by chance, `bend` radians a step."""
    count = max(2, int(length / step) + 1)
    angle = random.uniform(0, 2 * np.pi) if angle is None else angle
    start = random.uniform((0, 0), (width, height)) if start is None else start
    turns = np.cumsum(random.standard_normal(count) * bend + random.standard_normal() * bend * 0.5)
    steps = np.stack([np.cos(angle + turns), np.sin(angle + turns)], 1) * step
    return start + np.cumsum(steps, 0) - steps[0]


def jagged(random, start, end, roughness):
    """A line broken by moving the middles of its pieces sideways."""
    points = np.array([start, end], np.float64)
    while len(points) < 130:
        pieces = np.diff(points, axis=0)
        if np.abs(pieces).max() < 5:
            break
        across = np.stack([-pieces[:, 1], pieces[:, 0]], 1)
        middles = points[:-1] + pieces / 2 + across * random.standard_normal((len(pieces), 1)) * roughness
        together = np.empty((2 * len(points) - 1, 2))
        together[::2], together[1::2] = points, middles
        points = together
    return points


def draw_lines(height, width, lines):
    """Coverage 0 to 1 of polylines, (points, thickness) each."""
    canvas = np.zeros((height * FINE, width * FINE), np.uint8)
    for points, thickness in lines:
        place = np.round((points * FINE) * (1 << SHIFT)).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(canvas, [place], False, 255, max(1, int(round(thickness * FINE))), cv2.LINE_AA, SHIFT)
    return cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def paint(picture, cover, tone):
    cover = cover[..., None]
    picture += cover * (np.asarray(tone, np.float32) - picture)


def draw_tone(random, light=0.7, picture=None):
    """Light as bare paper or glare, or dark as dirt; nearly without colour, or that of a layer of film."""
    level = random.uniform(185, 255) if chance(random, light) else random.uniform(0, 70)
    if picture is not None and chance(random, 0.35):  # not much unlike what is about it
        mean = float(picture.mean())
        level = np.clip(mean + random.choice([-1, 1]) * random.uniform(30, 90), 0, 255)
    spread = 45 if chance(random, 0.12) else 7
    tone = level + random.uniform(-spread, spread, 3)
    if chance(random, 0.4):  # warm paper
        tone = tone - np.array([0, 0.04, 0.12]) * level
    return np.clip(tone, 0, 255)


def fading_along(random, height, width):
    """Where a scratch is deep and where it hardly is."""
    return np.clip(noise_map(random, height, width, random.uniform(12, 60)) * 0.5 + random.uniform(0.5, 1.2), 0, 1)


def scratches(picture, random):
    height, width, _ = picture.shape
    for _ in range(random.integers(1, 4)):
        lines = []
        bundle = random.integers(2, 7) if chance(random, 0.25) else 1
        length = np.exp(random.uniform(np.log(15), np.log(1.5 * max(height, width))))
        bend = random.choice([0.01, 0.04, 0.12, 0.3], p=[0.4, 0.3, 0.2, 0.1])
        thickness = random.choice([0.5, 1, 1.5, 2, 3, 5], p=[0.2, 0.3, 0.2, 0.15, 0.1, 0.05])
        points = walk(random, height, width, length, bend)
        for _ in range(bundle):
            lines.append((points + random.standard_normal(2) * (0 if bundle == 1 else 8), thickness))
        cover = draw_lines(height, width, lines) * random.uniform(0.35, 1)
        if chance(random, 0.6):
            cover = cover * fading_along(random, height, width)
        paint(picture, cover, draw_tone(random, 0.7, picture))


def film_lines(picture, random):
    """Along the way of the film through a projector: upright, from edge to edge, often several."""
    height, width, _ = picture.shape
    middle = random.uniform(0, width)
    for _ in range(random.integers(1, 6)):
        at = middle + random.standard_normal() * random.choice([6, 40])
        points = walk(random, height, width, height + 30, 0.004, 8.0, np.pi / 2 + random.standard_normal() * 0.015,
                      np.array([at, -10.0]))
        cover = draw_lines(height, width, [(points, random.choice([0.5, 1, 1.5, 2.5]))]) * random.uniform(0.3, 1)
        if chance(random, 0.5):
            cover = cover * fading_along(random, height, width)
        paint(picture, cover, draw_tone(random, 0.65, picture))


def dust(picture, random):
    height, width, _ = picture.shape
    count = int(np.exp(random.uniform(0, np.log(40))))
    largest = random.choice([1.5, 2.5, 4, 7])
    cover = np.zeros((height * FINE, width * FINE), np.uint8)
    for _ in range(count):
        place = random.uniform((0, 0), (width, height)) * FINE * (1 << SHIFT)
        size = random.uniform(0.7, largest, 2) * np.array([1, random.uniform(0.4, 1)])
        axes = np.round(size * FINE * (1 << SHIFT) / 1.4).astype(int)
        cv2.ellipse(cover, tuple(int(number) for number in place), tuple(int(number) for number in axes),
                    random.uniform(0, 180), 0, 360, 255, -1, cv2.LINE_AA, SHIFT)
    cover = cv2.resize(cover, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    if largest > 2:  # grains have no smooth border
        edges = cv2.GaussianBlur(cover, (0, 0), 0.8) + 0.25 * noise_map(random, height, width, 1.5)
        cover = np.clip((edges - 0.35) * 3, 0, 1) * (cv2.dilate(cover, np.ones((3, 3))) > 0)
    paint(picture, cover * random.uniform(0.5, 1), draw_tone(random, 0.65, picture))


def hairs(picture, random):
    height, width, _ = picture.shape
    lines = []
    for _ in range(random.integers(1, 6)):
        length = np.exp(random.uniform(np.log(8), np.log(220)))
        points = walk(random, height, width, length, random.uniform(0.03, 0.4), 3.0)
        lines.append((points, random.choice([0.5, 1, 1.5, 2.5], p=[0.25, 0.35, 0.25, 0.15])))
    paint(picture, draw_lines(height, width, lines) * random.uniform(0.4, 1), draw_tone(random, 0.5, picture))


def _crossing(random, height, width):
    """Two places on or beyond opposite borders."""
    ends = np.array([[-8, random.uniform(0, height)], [width + 8, random.uniform(0, height)]])
    if chance(random, 0.5):
        ends = np.array([[random.uniform(0, width), -8], [random.uniform(0, width), height + 8]])
    if chance(random, 0.3):
        ends[1] = random.uniform((0, 0), (width, height))
    return ends


def tears(picture, random):
    """A tear or crack down to the paper: white with a rough border, here and there wider, in part with a shadow."""
    height, width, _ = picture.shape
    start, end = _crossing(random, height, width)
    lines = [(jagged(random, start, end, random.uniform(0.03, 0.2)), 1)]
    for _ in range(random.integers(0, 4)):
        branch = lines[0][0][random.integers(len(lines[0][0]))]
        lines.append((jagged(random, branch, branch + random.standard_normal(2) * 35, 0.15), 1))
    distance = cv2.distanceTransform(np.uint8(draw_lines(height, width, lines) < 0.3), cv2.DIST_L2, 3)
    reach = np.exp(random.uniform(np.log(0.8), np.log(8)))
    border = reach * np.clip(1 + 0.5 * rough_map(random, height, width, random.uniform(5, 30)), 0.15, 3)
    cover = np.clip(border - distance + 0.5, 0, 1)
    if chance(random, 0.4):
        moved = np.roll(cover, random.integers(-2, 3, 2), (0, 1))
        paint(picture, cv2.GaussianBlur(moved, (0, 0), 1.2) * random.uniform(0.2, 0.7), random.uniform(0, 60))
    tone = np.clip(draw_tone(random, 0.92), 0, 255) + rough_map(random, height, width, 3)[..., None] * random.uniform(
        1, 10)
    paint(picture, cover * random.uniform(0.7, 1), tone)


def cracks(picture, random):
    """A net of fine cracks of the emulsion."""
    height, width, _ = picture.shape
    lines = []
    places = random.uniform((0, 0), (width, height), (random.integers(3, 14), 2))
    middle, reach = random.uniform((0, 0), (width, height)), random.uniform(30, 150)
    places = middle + (places - places.mean(0)) / max(height, width) * reach
    for place in places:
        near = places[np.argsort(((places - place) ** 2).sum(1))[1:random.integers(2, 4)]]
        lines += [(jagged(random, place, other, 0.12), random.choice([0.5, 1, 1.5, 2])) for other in near]
    cover = draw_lines(height, width, lines) * fading_along(random, height, width)
    paint(picture, cover * random.uniform(0.5, 1), draw_tone(random, 0.75, picture))


def losses(picture, random):
    """Emulsion that is gone: bare paper with a ragged border."""
    height, width, _ = picture.shape
    cover = np.zeros((height, width), np.float32)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    for _ in range(random.integers(1, 5)):
        place, size = random.uniform((0, 0), (width, height)), np.exp(random.uniform(np.log(2.5), np.log(16)))
        distance = np.hypot(x - place[0], (y - place[1]) * random.uniform(0.5, 2))
        edge = size * (1 + 0.35 * rough_map(random, height, width, max(size * 0.7, 3)))
        cover = np.maximum(cover, np.clip(edge - distance, 0, 1))
    tone = draw_tone(random, 0.85) + rough_map(random, height, width, 4)[..., None] * random.uniform(1, 8)
    paint(picture, cover * random.uniform(0.8, 1), tone)


def folds(picture, random):
    """A fold: along a nearly straight line the emulsion is broken. The shading beside it is see_through()'s."""
    height, width, _ = picture.shape
    start, end = _crossing(random, height, width)
    points = jagged(random, start, end, 0.006)
    cover = draw_lines(height, width, [(points, random.choice([0.5, 1, 1.5, 2.5, 4]))])
    breaks = np.clip(rough_map(random, height, width, random.uniform(3, 15)) * 0.7 + random.uniform(0.3, 1.3), 0, 1)
    paint(picture, cover * breaks * random.uniform(0.5, 1), draw_tone(random, 0.85))


def shading(picture, random):
    """Along a fold, light to one side and dark to the other, or alike to both."""
    height, width, _ = picture.shape
    start, end = _crossing(random, height, width)
    along = (end - start) / max(np.hypot(*(end - start)), 1)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    side = (x - start[0]) * -along[1] + (y - start[1]) * along[0]
    power = random.uniform(4, 32) * random.choice([-1, 1], 2) * np.array([1, random.uniform(0.3, 1)])
    shade = np.exp(-np.abs(side) / random.uniform(3, 16)) * np.where(side > 0, *power)
    picture += (shade * (0.7 + 0.3 * np.clip(noise_map(random, height, width, 40), -1, 1)))[..., None]


def stains(picture, random, smallest=2.5, largest=13, strongest=0.9):
    """Of water, coffee, glue: soft or with a rim, tinted or bleached. Through large ones the photo still shows."""
    height, width, _ = picture.shape
    for _ in range(random.integers(1, 3)):
        place = random.uniform((0, 0), (width, height))
        size = np.exp(random.uniform(np.log(smallest), np.log(largest)))
        y, x = np.mgrid[:height, :width].astype(np.float32)
        distance = np.hypot(x - place[0], (y - place[1]) * random.uniform(0.6, 1.6))
        edge = size * (1 + 0.2 * noise_map(random, height, width, size) + 0.05 * noise_map(random, height, width, 6))
        inside = edge - distance
        soft = random.uniform(1, max(2, size / 2.5))
        cover = 1 / (1 + np.exp(-np.clip(inside / soft * 3, -30, 30)))
        if chance(random, 0.4):
            cover = cover * random.uniform(0.3, 0.8) + np.exp(-(inside / random.uniform(1.5, 4)) ** 2)
        cover = (np.minimum(cover, 1.1) * random.uniform(0.4, 1) * strongest)[..., None]
        tint = np.array(random.choice([(150, 105, 50), (120, 80, 40), (90, 90, 80), (200, 170, 110), (60, 50, 45)]))
        if chance(random, 0.3):
            picture += cover * (random.uniform(215, 255) - picture)  # bleached
        else:
            picture *= 1 - cover * (1 - tint.astype(np.float32) * random.uniform(0.8, 1.2) / 255)


def mould(picture, random):
    """Many small soft spots, in flocks."""
    height, width, _ = picture.shape
    cover = np.zeros((height, width), np.float32)
    middle, reach = random.uniform((0, 0), (width, height)), random.uniform(15, 90)
    for _ in range(random.integers(5, 50)):
        place = np.round(middle + random.standard_normal(2) * reach).astype(int)
        cv2.circle(cover, tuple(int(number) for number in place), int(random.integers(1, 5)), random.uniform(0.3, 1),
                   -1)
    cover = cv2.GaussianBlur(cover, (0, 0), random.uniform(0.6, 1.8))
    cover = np.clip(cover * (1 + 0.4 * noise_map(random, height, width, 4)), 0, 1)
    tone = random.choice([(90, 70, 40), (60, 65, 50), (40, 35, 35), (235, 232, 225), (190, 170, 120)])
    paint(picture, cover * random.uniform(0.4, 0.95), tone)


KINDS = {scratches: 0.22, film_lines: 0.09, dust: 0.2, hairs: 0.14, tears: 0.08, cracks: 0.06, losses: 0.06, folds: 0.07,
         stains: 0.05, mould: 0.03}


def see_through(picture, random):
    """What alters a wide part and leaves what is in it visible: no hole to be filled, and not to be marked."""
    if chance(random, 0.5):
        shading(picture, random)
    else:
        stains(picture, random, 14, 60, 0.5)
    np.clip(picture, 0, 255, out=picture)


def draw(picture, random, most=4):
    """Damages `picture`, float32 RGB, in place, in one to `most` ways."""
    kinds, shares = list(KINDS), list(KINDS.values())
    for index in random.choice(len(kinds), size=random.integers(1, most + 1), p=shares):
        kinds[index](picture, random)
        np.clip(picture, 0, 255, out=picture)
