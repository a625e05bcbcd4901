"""likeness: what a restored face's likeness to the *bad* photo says about the truth, on held-out faces whose truth is
known. From its table come the numbers of src/restore/likeness.cc: how alike a restored face must be for its person to
be believed, given how steady the likeness of the photo itself is."""

import json
import pathlib

import cv2
import numpy as np
import torch

from . import checkpoint, face_networks, faces, restorers, threads
from .batches import to_tensor
from .degradation import degrade
from .flags import at_least
from .identity import Identity
from .progress import Progress
from .templates import points

# Of src/restore/likeness.cc: fine structure is what goes with this share of the distance of the eyes.
SMOOTHING = 1 / 32
# Those of the degradation, and two at the edge of what is found in photos: drowned in noise (old films, night stills),
# and so small that the whole crop has 24 to 48 pixels.
ORIGINS = ("digital", "print", "camera", "noisy", "tiny")
BINS = (-1, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)


def add_arguments(parser):
    parser.add_argument("faces", help="folder of the true faces, aligned")
    parser.add_argument("model", help="manifest (.json), .onnx, .pth or checkpoint (.pt)")
    parser.add_argument("--size", type=at_least(8), default=256, help="of the faces [256]")
    parser.add_argument("--times", type=at_least(1), default=3, help="how often each face is degraded in each way [3]")
    face_networks.add_flag(parser, "--identity-network", face_networks.IDENTITY, "for the likeness")
    parser.add_argument("--output", default="runs/likeness", help="folder of table.md and pairs.json [runs/likeness]")


def make_pair(face, number, origin):
    """uint8 (photo, face)."""
    random = np.random.default_rng([number, ORIGINS.index(origin)])
    photo, face = degrade(face, random, "digital" if origin in ("noisy", "tiny") else origin)
    if origin == "noisy":
        photo = np.clip(photo + random.normal(0, random.uniform(20, 60), photo.shape) + 0.5, 0, 255).astype(np.uint8)
    if origin == "tiny":
        size, side = photo.shape[0], int(random.integers(24, 49))
        photo = cv2.resize(cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA), (size, size),
                           interpolation=cv2.INTER_CUBIC)
    return photo, face


def smooth(photo):
    left, right = points("ffhq", photo.shape[0])[:2]
    return cv2.GaussianBlur(photo, (0, 0), np.linalg.norm(right - left) * SMOOTHING)


def measure(arguments, identity, restorer):
    """float arrays by name, one value a pair; `who` is the number of the face; `restored` the vectors."""
    paths = faces.list_pictures(arguments.faces)
    truth = faces.load_faces(arguments.faces, arguments.size)
    chosen = faces.split(len(paths))[1]
    rows = {name: [] for name in ("who", "steadiness", "likeness", "photo_truth", "restored_truth")}
    vectors = {"photo": [], "restored": []}
    progress = Progress(len(chosen) * arguments.times * len(ORIGINS), "pairs")
    progress.start(0)
    for who in chosen:
        pairs = [make_pair(truth[who], int(who) * arguments.times + turn, origin)
                 for turn in range(arguments.times) for origin in ORIGINS]
        photos, targets = (np.stack(pictures) for pictures in zip(*pairs))
        as_input = to_tensor(photos)
        restored = torch.cat([torch.from_numpy(restorer(photo[None].contiguous().numpy())) for photo in as_input])
        with torch.no_grad():
            of_photo, of_smooth, of_restored, of_truth = (
                identity.describe(pictures)[0] for pictures in
                (as_input, to_tensor(np.stack([smooth(photo) for photo in photos])), restored, to_tensor(targets)))
        rows["who"] += [int(who)] * len(pairs)
        for name, one, other in (("steadiness", of_photo, of_smooth), ("likeness", of_photo, of_restored),
                                 ("photo_truth", of_photo, of_truth), ("restored_truth", of_restored, of_truth)):
            rows[name] += (one * other).sum(1).tolist()
        vectors["photo"].append(of_photo)
        vectors["restored"].append(of_restored)
        progress.show(len(rows["who"]), "")
    progress.end()
    return {name: np.array(values) for name, values in rows.items()}, \
        {name: torch.cat(values).numpy() for name, values in vectors.items()}


def likeness_of_others(rows, vectors):
    """For each pair the likeness of its photo to the restored faces of all other people (NaN for its own)."""
    table = vectors["photo"] @ vectors["restored"].T
    table[rows["who"][:, None] == rows["who"][None]] = np.nan
    return table


def table_of(rows, others):
    lines = ["| steadiness | pairs | likeness 1 % / 5 % / 50 % | others 99 % / 99.9 % | photo to truth | "
             "restored to truth | farther from the truth |", "|---|---:|---:|---:|---:|---:|---:|"]
    for low, high in zip(BINS, BINS[1:]):
        here = (rows["steadiness"] >= low) & (rows["steadiness"] < high)
        if here.sum() < 5:
            continue
        own = np.quantile(rows["likeness"][here], [0.01, 0.05, 0.5])
        far = np.nanquantile(others[here], [0.99, 0.999])
        worse = rows["restored_truth"][here] < rows["photo_truth"][here] - 0.05
        lines.append(f"| {max(low, 0):.1f} to {min(high, 1):.1f} | {here.sum()} | "
                     + " / ".join(f"{value:.2f}" for value in own) + " | "
                     + " / ".join(f"{value:.2f}" for value in far)
                     + f" | {rows['photo_truth'][here].mean():.2f} | {rows['restored_truth'][here].mean():.2f} | "
                     f"{100 * worse.mean():.0f} % |")
    return "\n".join(lines) + "\n"


def run(arguments):
    threads.set_up()
    network = face_networks.chosen(arguments.identity_network, face_networks.IDENTITY)
    if network is None:
        raise ValueError("likeness is measured by the identity network: leave out --identity-network none")
    rows, vectors = measure(arguments, Identity(network, "ffhq", arguments.size),
                            restorers.Fitted(restorers.load(arguments.model, 2), "ffhq"))
    table = table_of(rows, likeness_of_others(rows, vectors))
    folder = pathlib.Path(arguments.output)
    folder.mkdir(parents=True, exist_ok=True)
    told = {name: values.tolist() for name, values in rows.items()}
    for name, text in (("table.md", table), ("pairs.json", json.dumps(told) + "\n")):
        checkpoint.write_atomically(folder / name, lambda path, text=text: path.write_text(text))
    print(f"{len(rows['who'])} pairs\n\n{table}")
