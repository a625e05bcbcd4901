"""train: trains a network on a folder of faces, or continues a training."""

import csv
import pathlib
import sys
import time

import torch

from . import (architecture, checkpoint, contact_sheet, face_networks, faces, held_out, metrics,
               settings)
from .batches import Batches, to_pictures, to_tensor
from .checkpoint import CheckpointError
from .flags import at_least
from .identity import Identity
from .network import Gpen
from .progress import Progress, StopSignal
from .trainer import Trainer

CURVE = ["images", "minutes", "psnr_in", "psnr_out", "identity_in", "identity_out",
         "gradient_energy", "images_per_second"]


def add_arguments(parser):
    parser.add_argument("faces", help="folder of aligned faces, as prepare makes them")
    parser.add_argument("--output", default="runs/train", help="folder of the checkpoint, the "
                        "curve and the contact sheets; a training found there is continued "
                        "[runs/train]")
    parser.add_argument("--start", metavar="FILE", help="state dict or checkpoint to start from; "
                        "a network for half the size becomes the trunk behind the unshuffle")
    parser.add_argument("--size", type=at_least(8), default=256, help="of the faces [256]")
    parser.add_argument("--narrow", type=at_least(1 / 512, float), default=0.25, help="width of a new network [0.25]")
    parser.add_argument("--unshuffle", type=int, default=2, choices=[1, 2], help="2: a trunk of "
                        "half the size behind a pixel unshuffle; 1: plain GPEN [2]")
    parser.add_argument("--images", type=at_least(1), help="stop when this many were seen in all")
    parser.add_argument("--minutes", type=at_least(0, float), help="stop after this time")
    parser.add_argument("--workers", type=at_least(1), default=1, help="processes that degrade faces [1]")
    parser.add_argument("--evaluate-every", type=at_least(1), default=5000, metavar="IMAGES",
                        help="evaluation on the held-out faces and a checkpoint [5000]")
    parser.add_argument("--checkpoint-every", type=at_least(0, float), default=5, metavar="MINUTES",
                        help="[5]")
    face_networks.add_flag(parser, "--identity-network", face_networks.IDENTITY, "for the identity "
                           "and perceptual losses and the curve's identity columns")
    parser.add_argument("--teacher", metavar="FILE", help="manifest (.json) of an ONNX network or "
                        "state dict (.pth) to learn from")
    parser.add_argument("--teacher-batches", type=at_least(1), default=500, help="different batches that "
                        "are degraded and shown to the teacher once, then repeated [500]")
    settings.add_arguments(parser)


class Judge:
    """Evaluates the running average on the held-out pairs and keeps the curve."""

    def __init__(self, folder, held_out_faces, identity):
        self.folder, self.identity = folder, identity
        photos, targets = held_out.make_pairs(held_out_faces)
        self.photos, self.faces = to_tensor(photos), to_tensor(targets)
        self.psnr_in = metrics.psnr(self.photos, self.faces).mean().item()
        self.identity_in = self._identity(self.photos)
        self.begun = time.monotonic()
        self.minutes_before = 0.0
        self.path = folder / "curve.csv"
        if self.path.exists():
            rows = list(csv.DictReader(open(self.path)))
            self.minutes_before = float(rows[-1]["minutes"]) if rows else 0.0

    def _identity(self, pictures):
        if self.identity is None:
            return float("nan")
        return self.identity.similarity(pictures, self.faces).mean().item()

    def minutes(self):
        return self.minutes_before + (time.monotonic() - self.begun) / 60

    def evaluate(self, trainer, rate):
        network = architecture.build(trainer.averaged_state(), trainer.network.residual)
        with torch.no_grad():
            restored = torch.cat([network(part, trainer.dtype) for part in self.photos.split(8)])
        values = [trainer.images, self.minutes(), self.psnr_in,
                  metrics.psnr(restored, self.faces).mean().item(), self.identity_in,
                  self._identity(restored), metrics.gradient_energy(restored, self.faces), rate]
        new = not self.path.exists()
        with open(self.path, "a", newline="") as file:
            writer = csv.writer(file)
            if new:
                writer.writerow(CURVE)
            writer.writerow([values[0], *(f"{value:.4f}" for value in values[1:])])
        contact_sheet.write_sheet(self.folder / "held-out.png", [
            (name, to_pictures(pictures[::12])) for name, pictures
            in (("photo", self.photos), ("restored", restored), ("face", self.faces))])
        return (f"PSNR {values[2]:.2f} -> {values[3]:.2f} dB, identity {values[4]:.3f} -> "
                f"{values[5]:.3f}, gradient energy {values[6]:.2f}")


def make_network(arguments, state, path, resumed):
    """The network to begin with, out of the state in the file `path` (None: untrained)."""
    if state is None:
        return Gpen(arguments.size, arguments.narrow, unshuffle=arguments.unshuffle)
    weights = checkpoint.weights(state)
    shape = architecture.describe(weights)
    if not resumed and arguments.unshuffle == 2 and shape["unshuffle"] == 1 \
            and shape["size"] * 2 == arguments.size:
        weights = architecture.put_behind_unshuffle(weights)
        shape = architecture.describe(weights)
    if shape["size"] != arguments.size:
        raise CheckpointError(
            f"expected a network for {arguments.size} pixels (--size), found one for "
            f"{shape['size']} in {path}: " + ("a training keeps its size, so give that or another "
                                              "--output" if resumed else "give that as --size"))
    return architecture.build(weights, residual=state.get("residual"))


def run(arguments):
    folder = pathlib.Path(arguments.output)
    path = folder / "checkpoint.pt"
    resumed = checkpoint.load(path) if path.exists() else None
    if resumed is not None and "optimizer" not in resumed:
        raise CheckpointError(f"{path} is a state dict, not a training: give it with --start")
    chosen = settings.from_arguments(arguments, resumed and resumed["settings"])
    wrong = chosen.check()
    if chosen.texture and arguments.size < 64:
        wrong.append("--texture: expected faces of 64 pixels or more (it looks at 32x32 of them), "
                     f"found --size {arguments.size}")
    if wrong:
        raise ValueError("\n".join(wrong))
    identity = face_networks.chosen(arguments.identity_network, face_networks.IDENTITY)
    if identity:
        identity = Identity(identity, chosen.template, arguments.size)
    elif chosen.identity or chosen.perceptual:
        raise ValueError("the identity and perceptual losses need --identity-network: give one, or "
                         f"let scripts/setup.sh install {face_networks.IDENTITY}")
    torch.set_num_threads(1)
    torch.manual_seed(chosen.seed)
    start = resumed or (checkpoint.load(arguments.start) if arguments.start else None)
    if resumed and arguments.start:
        print(f"--start {arguments.start} is left aside: the training in {path} goes on (give "
              "another --output to begin anew)", file=sys.stderr, flush=True)
    network = make_network(arguments, start, path if resumed else arguments.start, bool(resumed))
    trainer = Trainer(network, chosen, identity, arguments.images)
    if resumed:
        trainer.load(resumed)
    elif start:
        trainer.images = int(start.get("images", 0))
    training, held = faces.split(faces.load_faces(arguments.faces, arguments.size))
    if len(training) == 0:
        raise faces.FacesError(f"expected two faces or more in {arguments.faces}: every 25th is "
                               "held out")
    folder.mkdir(parents=True, exist_ok=True)
    judge = Judge(folder, held, identity)
    teacher = None
    if arguments.teacher:
        from .teacher import Teacher
        teacher = Teacher(arguments.teacher, folder / "teacher", arguments.size, chosen,
                          arguments.teacher_batches)
    with Batches(training, chosen.batch, chosen.seed, trainer.step_number, arguments.workers,
                 teacher and arguments.teacher_batches) as batches:
        train(trainer, batches, judge, teacher, arguments, path)


def train(trainer, batches, judge, teacher, arguments, path):
    progress = Progress(arguments.images)
    progress.start(trainer.images)
    if trainer.step_number == 0:
        print("at the start: " + judge.evaluate(trainer, 0.0), flush=True)
    begun = saved_at = time.monotonic()
    judged_at, judged_images = begun, trainer.images
    sums, steps = {}, 0

    def finished():
        return (arguments.images and trainer.images >= arguments.images
                or arguments.minutes and time.monotonic() - begun >= arguments.minutes * 60)

    with StopSignal() as stop:
        while not stop and not finished():
            photos, targets = next(batches)
            shown = teacher and teacher.pictures(trainer.step_number, photos)
            for name, value in trainer.step(photos, targets, shown).items():
                sums[name] = sums.get(name, 0.0) + value
            steps += 1
            progress.show(trainer.images, ", ".join(
                f"{name} {value / steps:.4f}" for name, value in sums.items() if value))
            if steps >= 100:
                sums, steps = {}, 0
            now = time.monotonic()
            if trainer.images - judged_images >= arguments.evaluate_every:
                rate = (trainer.images - judged_images) / (now - judged_at)
                print(f"{trainer.images} images: " + judge.evaluate(trainer, rate), flush=True)
                # Else a training that is killed before the next checkpoint would, resumed, put
                # this row into its curve once more.
                checkpoint.save(trainer.state(), path)
                judged_at, judged_images = time.monotonic(), trainer.images
                saved_at = judged_at
            elif now - saved_at >= arguments.checkpoint_every * 60:
                checkpoint.save(trainer.state(), path)
                saved_at = now
    progress.end()
    checkpoint.save(trainer.state(), path)
    rate = (trainer.images - judged_images) / max(1e-9, time.monotonic() - judged_at)
    if trainer.images > judged_images:
        print(f"{trainer.images} images: " + judge.evaluate(trainer, rate))
    print(f"stopped; the same command continues from {path}", flush=True)
