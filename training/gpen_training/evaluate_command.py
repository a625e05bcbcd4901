"""evaluate: judges any number of models on the same pairs, as a table and a contact sheet."""

import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch

from . import checkpoint, contact_sheet, environment, faces, held_out, metrics
from .batches import to_pictures, to_tensor
from .identity import Identity
from .landmarks import Landmarks
from .restorers import resize

COLUMNS = [("psnr", "PSNR dB", ".2f"), ("ssim", "SSIM", ".4f"),
           ("identity", "identity", ".3f"), ("landmarks", "landmarks %", ".2f"),
           ("gradient_energy", "gradient energy", ".2f"), ("seconds", "ms a face", ".1f"),
           ("megabytes", "peak MB", ".0f")]


def add_arguments(parser):
    parser.add_argument("faces", help="folder of the true faces, aligned")
    parser.add_argument("models", nargs="*", help="manifests (.json), .onnx, .pth or checkpoints "
                        "(.pt); the bicubically enlarged photo itself is always in the table")
    parser.add_argument("--photos", metavar="DIR", help="degraded photos of the same names (any "
                        "size, enlarged bicubically); without it the faces are degraded with a "
                        "fixed seed")
    parser.add_argument("--all", action="store_true", help="judge on all faces, not only on those "
                        "that train holds out (every 25th)")
    parser.add_argument("--size", type=int, default=256, help="of the comparison [256]")
    parser.add_argument("--seed", type=int, default=held_out.SEED, help="of the degradation [7]")
    parser.add_argument("--template", choices=["ffhq", "gpen"], default="ffhq",
                        help="that the faces were cut by [ffhq]")
    parser.add_argument("--identity-network", metavar="FILE", help="fr_feature.onnx")
    parser.add_argument("--landmark-network", metavar="FILE", help="fr_landmark.onnx (for faces "
                        "of the template ffhq)")
    parser.add_argument("--threads", type=int, default=1, help="of each model [1]")
    parser.add_argument("--columns", type=int, default=8, help="faces on the contact sheet [8]")
    parser.add_argument("--output", default="runs/evaluation",
                        help="folder of table.md, table.json and sheet.png [runs/evaluation]")


def read_pairs(arguments):
    """uint8 (photos, faces)."""
    paths = faces.list_pictures(arguments.faces)
    truth = faces.load_faces(arguments.faces, arguments.size)
    chosen = list(range(len(paths))) if arguments.all \
        else list(range(0, len(paths), faces.HELD_OUT_EVERY))
    if arguments.photos is None:
        return held_out.make_pairs(truth[chosen], arguments.seed)
    by_name = {path.stem: path for path in faces.list_pictures(arguments.photos)}
    missing = [paths[index].stem for index in chosen if paths[index].stem not in by_name]
    if missing:
        raise faces.FacesError(f"expected a photo for every face in {arguments.photos}, found none "
                               f"for {', '.join(missing[:3])}{' ...' if missing[3:] else ''}")
    photos = []
    for index in chosen:
        picture = faces.read_picture(by_name[paths[index].stem]).transpose(2, 0, 1)
        photos.append(resize(picture[None], arguments.size)[0].transpose(1, 2, 0))
    return np.stack(photos), truth[chosen]


def restore(model, photos, threads):
    """(restored pictures, median seconds a face, peak megabytes), in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = (pathlib.Path(folder) / name for name in ("photos.npy", "restored.npy"))
        np.save(source, photos.contiguous().numpy())
        result = subprocess.run(
            [sys.executable, "-m", "gpen_training.restorers", str(model), str(source), str(target),
             str(threads)], capture_output=True, text=True, env=environment.without())
        if result.returncode != 0:
            raise RuntimeError(f"{model} could not be run: {result.stderr.strip()[-500:]}")
        facts = json.loads(result.stdout.splitlines()[-1])
        return torch.from_numpy(np.load(target)), facts["seconds"], facts["megabytes"]


def judge(pictures, truth, identity, landmarks):
    row = {"psnr": metrics.psnr(pictures, truth).mean().item(),
           "ssim": metrics.ssim(pictures, truth).mean().item(),
           "gradient_energy": metrics.gradient_energy(pictures, truth)}
    if identity is not None:
        row["identity"] = torch.cat([
            identity.similarity(own, other) for own, other
            in zip(pictures.split(8), truth.split(8))]).mean().item()
    if landmarks is not None:
        row["landmarks"] = landmarks.distance(pictures, truth).mean().item()
    return row


def format_table(rows):
    shown = [column for column in COLUMNS if any(column[0] in row for row in rows.values())]
    lines = ["| model | " + " | ".join(title for _, title, _ in shown) + " |",
             "|---|" + "---:|" * len(shown)]
    for name, row in rows.items():
        cells = []
        for key, _, form in shown:
            value = row.get(key)
            cells.append("-" if value is None
                         else format(value * 1000 if key == "seconds" else value, form))
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def name_of(path, taken):
    path = pathlib.Path(path)
    name = path.stem if path.stem != "checkpoint" else path.parent.name
    return name if name not in taken else str(path)


def run(arguments):
    torch.set_num_threads(1)
    if arguments.landmark_network and arguments.template != "ffhq":
        raise ValueError("the landmark distance is known for the template ffhq alone: leave out "
                         "--landmark-network")
    identity = arguments.identity_network and Identity(
        arguments.identity_network, arguments.template, arguments.size)
    landmarks = arguments.landmark_network and Landmarks(arguments.landmark_network)
    photos, truth = (to_tensor(pictures) for pictures in read_pairs(arguments))
    rows = {"photo (bicubic)": judge(photos, truth, identity, landmarks)}
    every = max(1, len(photos) // max(1, arguments.columns))
    sheet = [("photo", to_pictures(photos[::every]))]
    for model in arguments.models:
        restored, seconds, megabytes = restore(model, photos, arguments.threads)
        name = name_of(model, rows)
        rows[name] = {**judge(restored, truth, identity, landmarks), "seconds": seconds,
                      "megabytes": megabytes}
        sheet.append((name, to_pictures(restored[::every])))
    sheet.append(("face", to_pictures(truth[::every])))
    folder = pathlib.Path(arguments.output)
    folder.mkdir(parents=True, exist_ok=True)
    table = format_table(rows)
    for name, text in (("table.md", f"{len(photos)} pairs\n\n" + table),
                       ("table.json", json.dumps(rows, indent=2) + "\n")):
        checkpoint.write_atomically(folder / name, lambda path, text=text: path.write_text(text))
    contact_sheet.write_sheet(folder / "sheet.png", sheet)
    print(f"{len(photos)} pairs\n\n{table}\n{folder}/sheet.png")
