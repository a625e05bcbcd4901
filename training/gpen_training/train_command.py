"""train: trains a network on a folder of faces, or continues a training."""

import csv
import os
import pathlib
import sys
import time

import torch

from . import (architecture, checkpoint, contact_sheet, face_networks, faces, growth, held_out, kernels,
               losses, metrics, operations, processor, settings, threads)
from .batches import Batches, to_pictures, to_tensor
from .checkpoint import CheckpointError
from .flags import at_least
from .identity import Identity
from .network import Gpen
from .parsing import SkinMaps
from .progress import Progress, StopSignal
from .trainer import Trainer

SHEET_COLUMNS = 8
CURVE = ["images", "minutes", "psnr_in", "psnr_out", "identity_in", "identity_out",
         "gradient_energy", "images_per_second"]


def add_arguments(parser):
    parser.add_argument("--output", default="runs/train", help="folder of the checkpoint, the "
                        "curve and the contact sheets; a training found there is continued "
                        "[runs/train]")
    add_training_arguments(parser)


def add_training_arguments(parser):
    parser.add_argument("faces", help="folder of aligned faces, as prepare makes them")
    parser.add_argument("--start", metavar="FILE", help="state dict or checkpoint to start from; a plain "
                        "network for half the size becomes the trunk behind the unshuffle, and one behind "
                        "an unshuffle grows by a level")
    parser.add_argument("--fit-steps", type=at_least(0), default=growth.STEPS, help="batches on which the "
                        f"outer levels of a grown network are fitted before the training [{growth.STEPS}]")
    parser.add_argument("--size", type=at_least(8), default=256, help="of the faces [256]")
    parser.add_argument("--narrow", type=at_least(1 / 512, float), default=0.25, help="width of a new network [0.25]")
    parser.add_argument("--unshuffle", type=int, default=2, choices=[1, 2], help="2: a trunk of "
                        "half the size behind a pixel unshuffle; 1: plain GPEN [2]")
    parser.add_argument("--images", type=at_least(1), help="stop when this many were seen in all")
    parser.add_argument("--minutes", type=at_least(0, float), help="stop after this time")
    parser.add_argument("--device", choices=processor.DEVICES, default="cpu", help="[cpu]")
    parser.add_argument("--operations", choices=operations.WAYS, help="how the network runs between its "
                        "convolutions [kernels on a CPU where there is a compiler, folded on a GPU]")
    parser.add_argument("--workers", type=at_least(1), help="processes that degrade faces [1; with "
                        "--device cuda as many as there are processors]")
    parser.add_argument("--evaluate-every", type=at_least(1), default=5000, metavar="IMAGES",
                        help="evaluation on the held-out faces and a checkpoint [5000]")
    parser.add_argument("--checkpoint-every", type=at_least(0, float), default=5, metavar="MINUTES",
                        help="[5]")
    face_networks.add_flag(parser, "--identity-network", face_networks.IDENTITY, "for the identity "
                           "and perceptual losses and the curve's identity columns")
    parser.add_argument("--parsing", metavar="DIR", help="label maps of the faces, for the loss of the "
                        "colour of skin; some faces may have none")
    parser.add_argument("--teacher", metavar="FILE", help="manifest (.json) of an ONNX network or "
                        "state dict (.pth) to learn from")
    parser.add_argument("--teacher-batches", type=at_least(1), default=500, help="different batches that "
                        "are degraded and shown to the teacher once, then repeated [500]")
    settings.add_arguments(parser)


class Judge:
    """Evaluates the running average on the held-out pairs and keeps the curve."""

    def __init__(self, folder, held_out_faces, identity, device="cpu"):
        self.folder, self.identity = folder, identity
        photos, targets = held_out.make_pairs(held_out_faces)
        self.photos, self.faces = to_tensor(photos, device), to_tensor(targets, device)
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

    def restore(self, trainer):
        network = architecture.build(trainer.averaged_state(), trainer.network.residual)
        network.to(trainer.device)
        with torch.no_grad():
            return torch.cat([network(part, trainer.dtype) for part in self.photos.split(8)])

    def evaluate(self, trainer, rate):
        restored = self.restore(trainer)
        values = [trainer.images, self.minutes(), self.psnr_in,
                  metrics.psnr(restored, self.faces).mean().item(), self.identity_in,
                  self._identity(restored), metrics.gradient_energy(restored, self.faces), rate]
        new = not self.path.exists()
        with open(self.path, "a", newline="") as file:
            writer = csv.writer(file)
            if new:
                writer.writerow(CURVE)
            writer.writerow([values[0], *(f"{value:.4f}" for value in values[1:])])
        every = max(1, len(restored) // SHEET_COLUMNS)
        contact_sheet.write_sheet(self.folder / "held-out.png", [
            (name, to_pictures(pictures[::every][:SHEET_COLUMNS])) for name, pictures
            in (("photo", self.photos), ("restored", restored), ("face", self.faces))])
        return (f"PSNR {values[2]:.2f} -> {values[3]:.2f} dB, identity {values[4]:.3f} -> "
                f"{values[5]:.3f}, gradient energy {values[6]:.2f}")


def make_network(arguments, state, path, resumed):
    """The network to begin with, out of the state in the file `path` (None: untrained), and the smaller
    network that it has grown out of, if it has."""
    if state is None:
        return Gpen(arguments.size, arguments.narrow, unshuffle=arguments.unshuffle), None
    weights = checkpoint.weights(state)
    shape = architecture.describe(weights)
    if not resumed and arguments.unshuffle == 2 and shape["size"] * 2 == arguments.size:
        if shape["unshuffle"] == 2:
            smaller = architecture.build(weights, residual=state.get("residual"))
            return growth.grow(smaller), smaller
        weights = architecture.put_behind_unshuffle(weights)
        shape = architecture.describe(weights)
    if shape["size"] != arguments.size:
        raise CheckpointError(
            f"expected a network for {arguments.size} pixels (--size), found one for "
            f"{shape['size']} in {path}: " + ("a training keeps its size, so give that or another "
                                              "--output" if resumed else "give that as --size"))
    return architecture.build(weights, residual=state.get("residual")), None


def run(arguments, begun=None, keep=lambda trainer: None):
    """`begun`: the moment from which on --minutes count, loading and judging included; else they are
    those of the training alone. `keep` is called with the trainer after each checkpoint."""
    folder = pathlib.Path(arguments.output)
    path = folder / "checkpoint.pt"
    resumed = checkpoint.load(path) if path.exists() else None
    if resumed is not None and "optimizer" not in resumed:
        raise CheckpointError(f"{path} is a state dict, not a training: give it with --start")
    chosen = settings.from_arguments(arguments, resumed and resumed["settings"])
    wrong = chosen.check()
    if chosen.texture and arguments.size < losses.LEAST_SIZE:
        wrong.append(f"--texture: expected faces of {losses.LEAST_SIZE} pixels or more, found --size "
                     f"{arguments.size}: give larger ones, or --texture 0")
    if wrong:
        raise ValueError("\n".join(wrong))
    processor.check(arguments.device)
    if arguments.operations == "kernels" and (arguments.device != "cpu" or not kernels.find_compiler()):
        raise ValueError("--operations kernels: expected --device cpu and a C++ compiler (g++)")
    identity = face_networks.chosen(arguments.identity_network, face_networks.IDENTITY)
    if identity:
        identity = Identity(identity, chosen.template, arguments.size).to(arguments.device)
    elif chosen.identity or chosen.perceptual:
        raise ValueError("the identity and perceptual losses need --identity-network: give one, or "
                         f"let scripts/setup.sh install {face_networks.IDENTITY}")
    threads.set_up()
    torch.manual_seed(chosen.seed)
    start = resumed or (checkpoint.load(arguments.start) if arguments.start else None)
    if resumed and arguments.start:
        print(f"--start {arguments.start} is left aside: the training in {path} goes on (give "
              "another --output to begin anew)", file=sys.stderr, flush=True)
    network, smaller = make_network(arguments, start, path if resumed else arguments.start,
                                    resumed is not None)
    loaded, paths = faces.load_faces(arguments.faces, arguments.size), faces.list_pictures(arguments.faces)
    training, held = faces.split(len(loaded))
    if len(training) == 0:
        raise faces.FacesError(f"expected two faces or more in {arguments.faces}: every 25th is "
                               "held out")
    folder.mkdir(parents=True, exist_ok=True)
    judge = Judge(folder, loaded[held], identity, arguments.device)
    skin = None
    if arguments.parsing:
        skin = SkinMaps(arguments.parsing, [paths[index] for index in training], arguments.size)
        print(f"{skin.count} of {len(training)} faces have a label map", flush=True)
    loaded = loaded[training]
    teacher = None
    if arguments.teacher:
        from .teacher import Teacher
        teacher = Teacher(arguments.teacher, folder / "teacher", arguments.size, chosen,
                          arguments.teacher_batches)
    workers = arguments.workers or (1 if arguments.device == "cpu" else os.cpu_count())

    def make_batches(first):
        return Batches(loaded, chosen.batch, chosen.seed, first, workers,
                       teacher and arguments.teacher_batches, skin, arguments.device)
    with operations.forced(arguments.operations):
        if smaller is not None:
            with make_batches(growth.FIRST_BATCH) as batches:
                error = growth.fit_encoder(
                    network.to(arguments.device), smaller.to(arguments.device), batches,
                    arguments.fit_steps, processor.dtype(chosen.precision, arguments.device))
            print(f"grown out of {arguments.start}; its encoder fitted to an error of {error:.3f}",
                  flush=True)
        trainer = Trainer(network, chosen, identity, arguments.device)
        if resumed:
            trainer.load(resumed)
        elif start and smaller is None:
            trainer.images = int(start.get("images", 0))
        with make_batches(trainer.step_number) as batches:
            train(trainer, batches, judge, teacher, arguments, path, begun, keep)


class Extent:
    """How much of a training is over, by its images and its time."""

    def __init__(self, trainer, images, begun, minutes, reserve):
        self.trainer, self.images, self.begun = trainer, images, begun
        self.seconds = minutes and max(1e-9, minutes * 60 - reserve)

    def done(self):
        shares = [0.0]
        if self.images:
            shares.append(self.trainer.images / self.images)
        if self.seconds:
            shares.append((time.monotonic() - self.begun) / self.seconds)
        return max(shares)


def train(trainer, batches, judge, teacher, arguments, path, begun, keep):
    progress = Progress(arguments.images)
    progress.start(trainer.images)
    judging = time.monotonic()
    if trainer.step_number == 0:
        print("at the start: " + judge.evaluate(trainer, 0.0), flush=True)
    elif begun is not None:  # the curve has the row already; how long does it take?
        judge.restore(trainer)
    keep(trainer)  # what cannot be kept is told before the training
    saved_at = judged_at = time.monotonic()
    # Whoever counts the minutes from before has to leave time for the last evaluation.
    reserve = 0 if begun is None else 2 * (judged_at - judging)
    extent = Extent(trainer, arguments.images, judged_at if begun is None else begun, arguments.minutes,
                    reserve)
    judged_images = trainer.images
    sums, steps = {}, 0

    def save():
        checkpoint.save(trainer.state(), path)
        keep(trainer)

    with StopSignal() as stop:
        while not stop and extent.done() < 1:
            photos, targets, skin = next(batches)
            shown = teacher and teacher.pictures(trainer.step_number, photos)
            for name, value in trainer.step(photos, targets, shown, skin, extent.done()).items():
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
                save()
                judged_at, judged_images = time.monotonic(), trainer.images
                saved_at = judged_at
            elif now - saved_at >= arguments.checkpoint_every * 60:
                save()
                saved_at = now
    progress.end()
    checkpoint.save(trainer.state(), path)
    rate = (trainer.images - judged_images) / max(1e-9, time.monotonic() - judged_at)
    if trainer.images > judged_images:
        print(f"{trainer.images} images: " + judge.evaluate(trainer, rate))
    keep(trainer)
    print(f"stopped; the same command continues from {path}", flush=True)
