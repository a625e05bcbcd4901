#!/usr/bin/env python3
"""Enlarges standard sets of super-resolution with the program, and measures luma PSNR and SSIM against bicubic.

    enlarge_bench.py [--gpen PROGRAM] [--scale 2] [--scale 4] SET...

SET is a folder of true pictures (Set14, BSD100, Urban100: not part of this project). Each is reduced bicubically as
MATLAB's imresize does, enlarged by `gpen restore --enlarge N --strength 0`, and compared without a border of N pixels,
both rounded to bytes first. Prints a table (Markdown), with the time of the networks for whole photos as a multiple
of that of the face network for one face, of the same run. Needs Python's numpy and OpenCV.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import cv2
import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "training"))
from gpen_training import bicubic, photo_metrics  # noqa: E402

FACE = pathlib.Path("/usr/lib/python3/dist-packages/skimage/data/astronaut.png")


def read(path):
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        sys.exit(f"{path}: expected a picture")
    return picture[..., ::-1]


def restore(gpen, paths, *options):
    """The reports, in the order of the paths."""
    made = subprocess.run([gpen, "restore", *map(str, paths), "--json", "--force", *map(str, options)],
                          capture_output=True, text=True)
    reports = {}
    for line in made.stdout.splitlines():
        report = json.loads(line)
        reports[report["input"]] = report
    if len(reports) != len(paths):
        sys.exit(f"expected {len(paths)} photos, found {len(reports)}: {made.stderr[-500:]}")
    return [reports[str(path)] for path in paths]


def measure(gpen, folder, scale):
    """((PSNR, SSIM) of bicubic and of ours, milliseconds a megapixel)."""
    sources = sorted(path for path in pathlib.Path(folder).iterdir() if path.suffix.lower() in (".png", ".bmp", ".jpg"))
    with tempfile.TemporaryDirectory() as temporary:
        photos, truths = [], []
        for source in sources:
            true = read(source)
            height, width = (length // scale * scale for length in true.shape[:2])
            truths.append(np.ascontiguousarray(true[:height, :width]))
            photos.append(pathlib.Path(temporary) / (source.stem + ".png"))
            small = bicubic.to_bytes(bicubic.resize(truths[-1], 1 / scale))
            cv2.imwrite(str(photos[-1]), small[..., ::-1])
        reports = restore(gpen, photos, "--enlarge", scale, "--strength", 0, "--directory", temporary + "/made")
        scores = {"bicubic": [], "ours": []}
        for photo, true, report in zip(photos, truths, reports):
            pictures = {"bicubic": bicubic.to_bytes(bicubic.resize(read(photo), scale)),
                        "ours": read(report["output"])}
            for name, picture in pictures.items():
                scores[name].append((photo_metrics.psnr(picture, true, scale),
                                     photo_metrics.ssim(picture, true, scale)))
    pixels = sum(report["width"] * report["height"] for report in reports) / 1e6
    milliseconds = sum(report["times_ms"]["photo"] for report in reports)
    return {name: np.mean(values, 0) for name, values in scores.items()}, milliseconds / pixels


def face_milliseconds(gpen):
    with tempfile.TemporaryDirectory() as temporary:
        path = pathlib.Path(temporary) / FACE.name
        path.write_bytes(FACE.read_bytes())
        times = [restore(gpen, [path])[0]["times_ms"]["network"] for _ in range(5)]
    return float(np.median(times))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+")
    parser.add_argument("--gpen", default=os.environ.get("GPEN", str(ROOT / "build/release/apps/gpen/gpen")))
    parser.add_argument("--scale", type=int, action="append", choices=(2, 4))
    arguments = parser.parse_args()
    face = face_milliseconds(arguments.gpen)
    print("| set | scale | bicubic | ours | gain dB | a megapixel, in faces |\n|---|---:|---:|---:|---:|---:|")
    for folder in arguments.sets:
        for scale in arguments.scale or (2, 4):
            scores, milliseconds = measure(arguments.gpen, folder, scale)
            bicubics, ours = (f"{psnr:.2f} / {ssim:.4f}" for psnr, ssim in scores.values())
            gain = scores["ours"][0] - scores["bicubic"][0]
            print(f"| {pathlib.Path(folder).name} | x{scale} | {bicubics} | {ours} | {gain:+.2f} | "
                  f"{milliseconds / face:.1f} |", flush=True)


if __name__ == "__main__":
    main()
