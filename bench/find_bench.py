#!/usr/bin/env python3
"""Counts the faces that are found in hard copies of the six group photos (22 faces), and the false ones.

    find_bench.py [--gpen PROGRAM] [COPY...]

Prints a table (Markdown): faces found, false faces and milliseconds of search for each kind of copy. The copies
are the same in each run. A face counts as found where its landmarks lie on those of the sharp photo, so one that is
taken for upright while it lies on its side does not count. Needs Python's numpy and OpenCV, and ./test.sh's photos.
"""

import argparse
import json
import os
import pathlib
import subprocess

import cv2
import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[1]
GROUP = ROOT / "packaging/npm/node_modules/@vladmandic/face-api/demo"
SKIMAGE = pathlib.Path("/usr/lib/python3/dist-packages/skimage/data")
COPIES = ROOT / "build/find_bench"
FACES = [3, 3, 3, 4, 5, 4]
WITHOUT_PEOPLE = ["brick.png", "cell.png", "chelsea.png", "clock_motion.png", "coffee.png", "coins.png", "color.png",
                  "grass.png", "gravel.png", "horse.png", "hubble_deep_field.jpg", "ihc.png", "logo.png",
                  "microaneurysms.png", "moon.png", "motorcycle_left.png", "motorcycle_right.png", "page.png",
                  "phantom.png", "retina.jpg", "rocket.jpg", "text.png"]


class Copy:
    """A picture, and where the faces of the group photos lie in it: (photo, matrix 2x3 from its pixels)."""

    def __init__(self, name, pixels, places=()):
        self.name, self.pixels, self.places = name, pixels, list(places)


def rounded(values):
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def scaled(photo, factor):
    height, width = photo.shape[:2]
    return cv2.resize(photo, (round(width * factor), round(height * factor)), interpolation=cv2.INTER_AREA)


def noisy(photo, sigma, seed):
    return rounded(photo + np.random.default_rng(seed).normal(0, sigma, photo.shape))


def jpeg(photo, quality):
    return cv2.imdecode(cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)


def night(photo, seed):
    """A sixth of the light in the file's values, and the noise of a small sensor."""
    return noisy(photo.astype(float) * 0.16, 7, seed)


def grain(photo, seed):
    return noisy(scaled(photo, 0.5), 42, seed)


def sepia(photo, seed):
    """A small old print, out of focus, faded to half of its contrast and brown."""
    small = cv2.GaussianBlur(scaled(photo, 0.5), (0, 0), 1.5)
    gray = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(float) * 0.55 + 95
    clumps = cv2.GaussianBlur(np.random.default_rng(seed).normal(0, 1, gray.shape), (0, 0), 0.8)
    gray += clumps / clumps.std() * 6
    return rounded(np.stack([gray * 0.72, gray * 0.9, gray * 1.05], -1))


def soft(photo, _):
    """Small, and out of focus."""
    return cv2.GaussianBlur(scaled(photo, 0.3), (0, 0), 2.5)


def small_jpeg(photo, _):
    return jpeg(scaled(photo, 0.25), 40)


ONE_BY_ONE = {"as it is": (lambda photo, _: photo, 1), "night": (night, 1), "grain": (grain, 0.5),
              "sepia": (sepia, 0.5), "small JPEG": (small_jpeg, 0.25),
              "soft": (soft, 0.3)}


def paste(canvas, number, photo, left, top, factor, quarter_turns):
    """Puts a photo onto a canvas and says where its pixels are then."""
    small = scaled(photo, factor)
    height, width = small.shape[:2]
    turned = np.rot90(small, -quarter_turns)
    canvas[top:top + turned.shape[0], left:left + turned.shape[1]] = turned
    turn = {0: [[1, 0, 0], [0, 1, 0]], 1: [[0, -1, height - 1], [1, 0, 0]],
            2: [[-1, 0, width - 1], [0, -1, height - 1]], 3: [[0, 1, 0], [-1, 0, width - 1]]}[quarter_turns]
    matrix = np.array(turn, float) + [[0, 0, left], [0, 0, top]]
    matrix[:, :2] *= factor
    return number, matrix


def album_page(photos):
    """Four prints on black card: upright, on their sides and upside down."""
    canvas = noisy(np.full((2400, 3000, 3), 38.0), 3, 1)
    factor = 0.62
    places = [paste(canvas, 1, photos[1], 120, 150, factor, 0), paste(canvas, 3, photos[3], 1650, 80, factor, 1),
              paste(canvas, 4, photos[4], 100, 1250, factor, 2), paste(canvas, 2, photos[2], 1700, 1205, 0.55, 3)]
    return [Copy("album page", canvas, places)]


def scenery(height, width, seed):
    """Soft structure at all sizes, as fields, walls and water have it."""
    random = np.random.default_rng(seed)
    total = np.zeros((height, width, 3), np.float32)
    for cells in (6, 24, 96, 384):
        coarse = random.normal(0, 1, (max(2, cells * height // width), cells, 3)).astype(np.float32)
        total += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC) * (30 / (cells / 6) ** 0.4)
    return rounded(total + 120)


def panorama(photos):
    canvas = scenery(1900, 15800, 2)
    factors = [0.37, 0.37, 0.36, 0.42, 0.45, 0.36]
    places = [paste(canvas, i, photo, 300 + 2600 * i, 400 + 150 * i, factors[i], 0) for i, photo in enumerate(photos)]
    return [Copy("panorama", canvas, places)]


def many_pixels(photos):
    """48 megapixels in which the faces have 30 to 46 pixels."""
    canvas = scenery(6000, 8000, 3)
    factors = [0.2, 0.2, 0.19, 0.22, 0.25, 0.18]
    places = [paste(canvas, i, photo, 500 + 2400 * (i % 3), 1500 + 2500 * (i // 3), factors[i], 0)
              for i, photo in enumerate(photos)]
    return [Copy("48 megapixels", canvas, places)]


def drawn_faces():
    pictures = []
    for i in range(6):
        random = np.random.default_rng(100 + i)
        canvas = np.full((700, 900, 3), random.integers(120, 255, 3), np.uint8)
        for _ in range(4):
            x, y, r = int(random.integers(120, 780)), int(random.integers(120, 580)), int(random.integers(40, 110))
            skin = tuple(int(v) for v in random.integers(120, 250, 3))
            cv2.ellipse(canvas, (x, y), (int(r * 0.85), r), 0, 0, 360, skin, -1, cv2.LINE_AA)
            for side in (-1, 1):
                cv2.circle(canvas, (x + side * r // 3, y - r // 5), max(3, r // 9), (20, 20, 20), -1, cv2.LINE_AA)
            if i % 2:
                cv2.line(canvas, (x, y - r // 10), (x, y + r // 5), (60, 60, 90), max(2, r // 20), cv2.LINE_AA)
            cv2.ellipse(canvas, (x, y + r // 4), (r // 3, r // 4), 0, 20, 160, (40, 40, 120), max(2, r // 15),
                        cv2.LINE_AA)
        pictures.append((f"drawn {i}", canvas))
    return pictures


def textures():
    pictures = [(f"noise {sigma}", noisy(np.full((900, 1200, 3), 110.0), sigma, sigma)) for sigma in (6, 25, 60)]
    coarse = np.random.default_rng(5).normal(0, 1, (900, 1200))
    for sigma in (2, 5, 12):
        field = cv2.GaussianBlur(coarse, (0, 0), sigma)
        pictures.append((f"clouds {sigma}", rounded(np.repeat((field / field.std() * 40 + 120)[..., None], 3, 2))))
    pictures.append(("scenery", scenery(1200, 1600, 6)))
    return pictures


def without_people():
    """What is no photo of people, as it is and in the same bad states as the group photos."""
    pictures = [(name, cv2.imread(str(SKIMAGE / name))) for name in WITHOUT_PEOPLE if (SKIMAGE / name).exists()]
    pictures += drawn_faces() + textures()
    copies = {}
    for kind, (make, _) in ONE_BY_ONE.items():
        copies[f"no people, {kind}"] = [Copy(f"{name}, {kind}", make(pixels, seed))
                                        for seed, (name, pixels) in enumerate(pictures) if pixels is not None]
    return copies


def all_copies():
    photos = [cv2.imread(str(GROUP / f"sample{i + 1}.jpg")) for i in range(6)]
    copies = {}
    for kind, (make, factor) in ONE_BY_ONE.items():
        matrix = np.array([[factor, 0, (factor - 1) / 2], [0, factor, (factor - 1) / 2]])
        copies[kind] = [Copy(f"{kind} {i}", make(photo, i), [(i, matrix)]) for i, photo in enumerate(photos)]
    copies["album page"] = album_page(photos)
    copies["panorama"] = panorama(photos)
    copies["48 megapixels"] = many_pixels(photos)
    return copies | without_people()


def find(gpen, paths):
    output = subprocess.run([gpen, "faces", "find", "--json", *paths], capture_output=True, text=True)
    if output.returncode not in (0, 3):
        raise SystemExit(output.stderr)
    return [json.loads(line) for line in output.stdout.splitlines()]


def faces_of(report):
    return [(np.array(face["landmarks"])[17:], max(face["box"][2:])) for face in report["faces"] if not face["skipped"]]


def truth(gpen):
    reports = find(gpen, [GROUP / f"sample{i + 1}.jpg" for i in range(6)])
    faces = [faces_of(report) for report in reports]
    assert [len(few) for few in faces] == FACES, "not all faces of the sharp photos, which are the measure, are found"
    return faces


def count(copy, report, faces):
    """How many of the copy's faces are among the found ones, and how many found ones are not a face of it."""
    found = faces_of(report)
    wanted = [(points @ matrix[:, :2].T + matrix[:, 2], side * np.hypot(*matrix[:, 0]))
              for number, matrix in copy.places for points, side in faces[number]]
    hits = 0
    for points, side in wanted:
        distances = [np.linalg.norm(points - other, axis=1).mean() / side for other, _ in found]
        if distances and min(distances) < 0.2:
            found.pop(int(np.argmin(distances)))
            hits += 1
    return hits, len(wanted), len(found)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("copies", nargs="*", metavar="COPY", help="only kinds that begin so")
    arguments.add_argument("--gpen", default=str(ROOT / "build/release/apps/gpen/gpen"))
    arguments.add_argument("--verbose", action="store_true", help="a line for each picture with a miss or a false face")
    chosen = arguments.parse_args()
    faces = truth(chosen.gpen)
    os.makedirs(COPIES, exist_ok=True)
    print("| copy | found | false | search ms |\n|---|---:|---:|---:|")
    for kind, copies in all_copies().items():
        if chosen.copies and not kind.startswith(tuple(chosen.copies)):
            continue
        paths = [COPIES / (copy.name.replace(" ", "-").replace(",", "") + ".png") for copy in copies]
        for copy, path in zip(copies, paths):
            if not path.exists():
                cv2.imwrite(str(path), copy.pixels, [cv2.IMWRITE_PNG_COMPRESSION, 1])
        reports = find(chosen.gpen, paths)
        counts = [count(copy, report, faces) for copy, report in zip(copies, reports)]
        hits, wanted, false = (sum(column) for column in zip(*counts))
        milliseconds = sum(report["times_ms"]["detect"] for report in reports)
        print(f"| {kind} | {hits} of {wanted} | {false} | {milliseconds:,.0f} |", flush=True)
        if chosen.verbose:
            for path, (hit, wanted, false) in zip(paths, counts):
                if hit < wanted or false:
                    print(f"  {path}: {hit} of {wanted}, {false} false")


if __name__ == "__main__":
    main()
