"""What happens to a face before it lies in a household's album: `degrade(face, random)` gives the
photo (input) and the face (target), both uint8 RGB. The same random generator state gives the same
pair. Tone (gray, sepia, fading, exposure) changes on both sides: the network must keep it, never
invent colour. Everything else is on the input alone.

Five origins, drawn with ORIGINS' shares:
  clean    left alone: a good face must come back unharmed
  digital  out of focus or shaken, small, noisy, JPEG once or twice
  print    a print or magazine page, scanned: faded or sepia, halftone, grain, scratches, dust
  camera   still of a video or security camera: low light, interlaced, small, strongly compressed
  grainy   most of the face's pixels, under the noise of a high sensitivity or the grain of film
"""

import cv2
import numpy as np

ORIGINS = {"clean": 0.08, "digital": 0.52, "print": 0.14, "camera": 0.12, "grainy": 0.14}

SHRINK = [cv2.INTER_AREA, cv2.INTER_LINEAR, cv2.INTER_CUBIC]
ENLARGE = [cv2.INTER_LINEAR, cv2.INTER_CUBIC]
SEPIA = np.array([1.0, 0.91, 0.74], np.float32)
# Drawing normal deviates is the dearest step by far: cut them out of one table at random places.
NOISE = np.random.default_rng(20).standard_normal(1 << 20, np.float32)


def chance(random, probability):
    return random.random() < probability


def gray(image):
    return cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)


def to_bytes(image):
    return np.clip(image + 0.5, 0, 255).astype(np.uint8)


def recolour(face, random, origin):
    """The tone of target and input alike."""
    if origin == "print" and chance(random, 0.6) or chance(random, 0.05):
        face = gray(face)
        if chance(random, 0.45):
            face = to_bytes(face * SEPIA * random.uniform(0.9, 1.1))
    if origin == "print" and chance(random, 0.4):  # fading: blacks rise, contrast and dyes go
        black = random.uniform(0, 50, 3).astype(np.float32)
        white = random.uniform(190, 255, 3).astype(np.float32)
        face = to_bytes(black + face * ((white - black) / 255))
    elif (origin == "camera" and chance(random, 0.6)) or (origin == "grainy" and chance(random, 0.3)):  # low light
        face = to_bytes(255 * (face * (random.uniform(0.25, 0.9) / 255)) ** random.uniform(0.8, 1.1))
    elif chance(random, 0.3):
        gain = random.uniform(0.75, 1.15) * random.uniform(0.92, 1.08, 3).astype(np.float32)
        face = to_bytes(face * gain + random.uniform(-12, 12))
    return face


def soften(image, random):
    """Out of focus (round or slanted) or shaken. A wide blur is done at half the size."""
    kind, width = random.random(), random.uniform(0.2, random.choice([1.5, 3.0, 5.0]))
    if kind < 0.12:
        return image
    size = image.shape[0]
    if width > 2:
        image, width = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), width / 2
    if kind < 0.6:
        image = cv2.GaussianBlur(image, (0, 0), width)
    else:
        reach = max(2, int(np.ceil(2.5 * width)))
        y, x = np.mgrid[-reach:reach + 1, -reach:reach + 1].astype(np.float32)
        angle = random.uniform(0, np.pi)
        along, across = np.cos(angle) * x + np.sin(angle) * y, np.cos(angle) * y - np.sin(angle) * x
        if kind < 0.85:
            narrow = width * random.uniform(0.15, 1)
            kernel = np.exp(-0.5 * ((along / width) ** 2 + (across / narrow) ** 2))
        else:
            kernel = np.clip(1 - np.abs(across), 0, 1) * (np.abs(along) <= width * 1.7)
        image = cv2.filter2D(image, -1, kernel / kernel.sum())
    if image.shape[0] != size:
        image = cv2.resize(image, (size, size), interpolation=cv2.INTER_LINEAR)
    return image


def shrink(image, random, most):
    factor = np.exp(random.uniform(0, np.log(most)))
    size = max(image.shape[0] // 8, int(round(image.shape[0] / factor)))
    return cv2.resize(image, (size, size), interpolation=random.choice(SHRINK))


def normal(random, shape):
    count = int(np.prod(shape))
    start = random.integers(0, NOISE.size - count)
    return NOISE[start:start + count].reshape(shape)


def add_noise(image, random, strongest):
    """Sensor noise, in colour or gray, even or growing with the light."""
    height, width, _ = image.shape
    noise = normal(random, (height, width, 1 if chance(random, 0.4) else 3))
    noise = noise * (strongest * random.random() ** 1.5)
    if chance(random, 0.4):
        noise = noise * np.sqrt(np.clip(image, 0, 255) / 128)
    return image + noise


def compress(image, random, worst, best):
    quality = int(random.uniform(worst, best))
    swapped = np.ascontiguousarray(to_bytes(image)[..., ::-1])  # OpenCV takes and gives BGR
    coded = cv2.imencode(".jpg", swapped, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.imdecode(coded, cv2.IMREAD_COLOR)[..., ::-1].astype(np.float32)


def halftone(image, random):
    """The dots of a printing screen, softened by the scanner."""
    height, width, _ = image.shape
    y, x = np.mgrid[:height, :width].astype(np.float32)
    angle, period = random.uniform(0, np.pi / 2), random.uniform(2.2, 4.5)
    along = (np.cos(angle) * x + np.sin(angle) * y) * (2 * np.pi / period)
    across = (np.cos(angle) * y - np.sin(angle) * x) * (2 * np.pi / period)
    screen = (np.cos(along) + np.cos(across))[..., None] * random.uniform(15, 60)
    return cv2.GaussianBlur(image + screen, (0, 0), random.uniform(0.5, 1.1))


def damage(image, random):
    """Scratches and dust, light or dark."""
    size = image.shape[0]
    mask = np.zeros((size, size), np.float32)
    for _ in range(random.integers(1, 5)):
        start = random.integers(0, size, 2)
        end = start + random.standard_normal(2) * random.uniform(size / 12, size / 1.6)
        cv2.line(mask, tuple(map(int, start)), tuple(map(int, end)), 1, int(random.integers(1, 3)))
    for _ in range(random.integers(0, 25)):
        place = tuple(map(int, random.integers(0, size, 2)))
        cv2.circle(mask, place, int(random.integers(1, 3)), 1, -1)
    mask = cv2.GaussianBlur(mask, (0, 0), 0.7)[..., None] * random.uniform(0.5, 1)
    tone = random.uniform(200, 255) if chance(random, 0.7) else random.uniform(0, 60)
    return image * (1 - mask) + mask * tone


def interlace(image, random):
    """The odd rows were taken a moment later."""
    image[1::2] = np.roll(image[1::2], random.integers(1, 4), axis=1)
    return image


def digital(image, random):
    image = shrink(soften(image, random), random, most=8)
    if chance(random, 0.8):
        image = add_noise(image, random, strongest=24)
    if chance(random, 0.3):
        image = compress(image, random, 40, 95)
        if chance(random, 0.5):
            image = shrink(image, random, most=1.5)
    if chance(random, 0.85):
        image = compress(image, random, 25, 96)
    return image


def printed(image, random):
    image = shrink(soften(image, random), random, most=4)
    if chance(random, 0.35):
        image = halftone(image, random)
    image = add_noise(image, random, strongest=20)
    if chance(random, 0.45):
        image = damage(image, random)
    if chance(random, 0.7):
        image = compress(image, random, 50, 96)
    return image


def camera(image, random):
    image = shrink(soften(image, random), random, most=6)
    image = add_noise(image, random, strongest=30)
    if chance(random, 0.3):
        image = interlace(image, random)
    return compress(image, random, 12, 60)


def grainy(image, random):
    """What a camera or scanner made of noise or grain is wider than a pixel, its colour more so than its light."""
    image = cv2.GaussianBlur(image, (0, 0), random.uniform(0.2, 1.2))
    if chance(random, 0.5):
        image = shrink(image, random, most=2)
    height, width, _ = image.shape
    light, colour = normal(random, (height, width, 1)), normal(random, (height, width, 3))
    if chance(random, 0.6):
        light = cv2.GaussianBlur(light, (0, 0), random.uniform(0.4, 1.2))[..., None]
        light = light / light.std()
    if chance(random, 0.6):
        colour = cv2.GaussianBlur(colour, (0, 0), random.uniform(0.4, 2.5))
        colour = colour / colour.std()
    strength = random.uniform(2, 26)
    noise = light * strength + colour * (strength * random.choice([0, random.uniform(0.2, 0.8)]))
    if chance(random, 0.5):
        noise = noise * np.sqrt(np.clip(image, 0, 255) / 128)
    image = image + noise
    return compress(image, random, 45, 98) if chance(random, 0.8) else image


PROCESSES = {"digital": digital, "print": printed, "camera": camera, "grainy": grainy}


def degrade(face, random, origin=None, mask=None):
    """`face` uint8 RGB square; `random` a numpy Generator. Returns (photo, face), same size; with a
    `mask` of the face that too, mirrored as the face is."""
    size = face.shape[0]
    if origin is None:
        origin = random.choice(list(ORIGINS), p=list(ORIGINS.values()))
    if chance(random, 0.5):
        face = face[:, ::-1]
        mask = None if mask is None else mask[:, ::-1]
    face = recolour(np.ascontiguousarray(face), random, origin)
    photo = face
    if origin != "clean":
        photo = PROCESSES[origin](face.astype(np.float32), random)
        if photo.shape[0] != size:
            photo = cv2.resize(photo, (size, size), interpolation=random.choice(ENLARGE))
        photo = to_bytes(photo)
    return (photo, face) if mask is None else (photo, face, mask)
