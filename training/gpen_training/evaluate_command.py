"""evaluate: judges any number of models on the same pairs, as a table and a contact sheet."""

import contextlib
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch

from . import (checkpoint, contact_sheet, environment, face_networks, faces, held_out,
               metrics, threads)
from .batches import to_pictures, to_tensor
from .identity import Identity
from .flags import at_least
from .groups import format_groups, read_groups
from .landmarks import Landmarks
from .progress import Progress
from .restorers import resize
from .templates import TEMPLATES

PHOTO = "photo (bicubic)"
COLUMNS = [("psnr", "PSNR dB", ".2f"), ("ssim", "SSIM", ".4f"),
           ("identity", "identity", ".3f"), ("landmarks", "landmarks %", ".2f"),
           ("swd", "SWD", ".0f"), ("gradient_energy", "gradient energy", ".2f"), ("seconds", "ms a face", ".1f"),
           ("megabytes", "peak MB", ".0f")]


def add_pair_arguments(parser):
    """Which pairs read_pairs() reads, beside the folder of the faces."""
    parser.add_argument("--photos", metavar="DIR", help="degraded photos of the same names (any "
                        "size, enlarged bicubically); without it the faces are degraded with a "
                        "fixed seed")
    parser.add_argument("--all", action="store_true", help="all faces, not only those "
                        "that train holds out (every 25th)")
    parser.add_argument("--size", type=at_least(8), default=256, help="of the comparison [256]")
    parser.add_argument("--seed", type=at_least(0), default=held_out.SEED, help="of the degradation [7]")
    parser.add_argument("--template", choices=list(TEMPLATES), default="ffhq",
                        help="that the faces were cut by; a model for another gets them cut anew "
                        "[ffhq]")


def add_arguments(parser):
    parser.add_argument("faces", help="folder of the true faces, aligned")
    parser.add_argument("models", nargs="*", help="manifests (.json), .onnx, .pth or checkpoints "
                        "(.pt); the bicubically enlarged photo itself is always in the table")
    add_pair_arguments(parser)
    parser.add_argument("--groups", metavar="FILE", help="kinds of the faces (tab-separated, as face-groups.tsv): a "
                        "second table says how well each kind is restored")
    face_networks.add_flag(parser, "--identity-network", face_networks.IDENTITY,
                           "for the similarity of identity")
    face_networks.add_flag(parser, "--landmark-network", face_networks.LANDMARKS,
                           "for the distance of the landmarks, on faces of the template ffhq alone")
    parser.add_argument("--threads", type=at_least(1), default=1, help="of each model [1]")
    parser.add_argument("--columns", type=at_least(1), default=8, help="faces on the contact sheet [8]")
    parser.add_argument("--output", default="runs/evaluation",
                        help="folder of table.md, table.json and sheet.png [runs/evaluation]")


def read_pairs(arguments):
    """uint8 (photos, faces), and the faces' names."""
    paths = faces.list_pictures(arguments.faces)
    truth = faces.load_faces(arguments.faces, arguments.size)
    chosen = range(len(paths)) if arguments.all else faces.split(len(paths))[1]
    names = [paths[index].stem for index in chosen]
    if arguments.photos is None:
        return *held_out.make_pairs(truth[list(chosen)], arguments.seed), names
    by_name = {path.stem: path for path in faces.list_pictures(arguments.photos)}
    missing = [name for name in names if name not in by_name]
    if missing:
        raise faces.FacesError(f"expected a photo for every face in {arguments.photos}, found none "
                               f"for {', '.join(missing[:3])}{' ...' if missing[3:] else ''}")
    photos = []
    for name in names:
        picture = faces.read_picture(by_name[name]).transpose(2, 0, 1)
        photos.append(resize(picture[None], arguments.size)[0].transpose(1, 2, 0))
    return np.stack(photos), truth[list(chosen)], names


def restore(model, photos, threads, template, show):
    """(restored pictures, median seconds a face, peak megabytes), in a process of its own. Calls
    `show` with the number of finished faces."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = (pathlib.Path(folder) / name for name in ("photos.npy", "restored.npy"))
        np.save(source, photos.contiguous().numpy())
        with open(pathlib.Path(folder) / "complaints", "w+") as complaints, subprocess.Popen(
                [sys.executable, "-m", "gpen_training.restorers", str(model), str(source),
                 str(target), str(threads), template], stdout=subprocess.PIPE, stderr=complaints,
                text=True, env=environment.without()) as process:
            line = ""
            for line in process.stdout:
                with contextlib.suppress(ValueError):
                    show(int(line))
            if process.wait() != 0:
                complaints.seek(0)
                raise RuntimeError(f"{model} could not be run: {complaints.read().strip()[-500:]}")
        facts = json.loads(line)
        return torch.from_numpy(np.load(target)), facts["seconds"], facts["megabytes"]


def measure(pictures, truth, identity):
    """What is told of each face by itself."""
    measured = {"psnr": metrics.psnr(pictures, truth)}
    if identity is not None:
        measured["identity"] = identity.similarity(pictures, truth)
    return measured


def judge(pictures, truth, measured, landmarks):
    row = {"ssim": metrics.ssim(pictures, truth).mean().item(),
           "swd": metrics.texture_distances(pictures, truth),
           "gradient_energy": metrics.gradient_energy(pictures, truth),
           **{key: values.mean().item() for key, values in measured.items()}}
    if landmarks is not None:
        row["landmarks"] = landmarks.distance(pictures, truth).mean().item()
    return row


def format_table(rows):
    shown = [column for column in COLUMNS if any(column[0] in row for row in rows.values())]
    levels = next((" / ".join(map(str, row["swd"])) + " px" for row in rows.values() if "swd" in row), "")
    lines = ["| model | " + " | ".join(f"{title} {levels}" if key == "swd" else title
                                       for key, title, _ in shown) + " |",
             "|---|" + "---:|" * len(shown)]
    for name, row in rows.items():
        cells = []
        for key, _, form in shown:
            value = row.get(key)
            if value is None:
                cells.append("-")
            elif key == "swd":
                cells.append(" / ".join(format(distance, form) for distance in value.values()))
            else:
                cells.append(format(value * 1000 if key == "seconds" else value, form))
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def name_of(path, taken):
    path = pathlib.Path(path)
    name = path.stem if path.stem != "checkpoint" else path.parent.name
    return name if name not in taken else str(path)


def run(arguments):
    threads.set_up()
    identity_network = face_networks.chosen(arguments.identity_network, face_networks.IDENTITY)
    landmark_network = face_networks.chosen(arguments.landmark_network, face_networks.LANDMARKS)
    if arguments.template != "ffhq":
        if arguments.landmark_network not in (None, face_networks.NONE):
            raise ValueError("the landmark distance is known for the template ffhq alone: leave out "
                             "--landmark-network")
        landmark_network = None
    identity = identity_network and Identity(identity_network, arguments.template, arguments.size)
    landmarks = landmark_network and Landmarks(landmark_network)
    *pairs, names = read_pairs(arguments)
    groups = arguments.groups and read_groups(arguments.groups, names)
    photos, truth = (to_tensor(pictures) for pictures in pairs)
    measured = {PHOTO: measure(photos, truth, identity)}
    rows = {PHOTO: judge(photos, truth, measured[PHOTO], landmarks)}
    every = max(1, len(photos) // max(1, arguments.columns))
    sheet = [("photo", to_pictures(photos[::every]))]
    progress = Progress(len(photos) * len(arguments.models), "faces")
    progress.start(0)
    for number, model in enumerate(arguments.models):
        name = name_of(model, rows)
        restored, seconds, megabytes = restore(
            model, photos, arguments.threads, arguments.template,
            lambda count: progress.show(number * len(photos) + count, name))
        measured[name] = measure(restored, truth, identity)
        rows[name] = {**judge(restored, truth, measured[name], landmarks), "seconds": seconds,
                      "megabytes": megabytes}
        sheet.append((name, to_pictures(restored[::every])))
    progress.end()
    sheet.append(("face", to_pictures(truth[::every])))
    folder = pathlib.Path(arguments.output)
    folder.mkdir(parents=True, exist_ok=True)
    table = format_table(rows)
    if groups:
        table += "\n" + format_groups(groups, measured)
    for name, text in (("table.md", f"{len(photos)} pairs\n\n" + table),
                       ("table.json", json.dumps(rows, indent=2) + "\n")):
        checkpoint.write_atomically(folder / name, lambda path, text=text: path.write_text(text))
    contact_sheet.write_sheet(folder / "sheet.png", sheet)
    print(f"{len(photos)} pairs\n\n{table}\n{folder}/sheet.png")
