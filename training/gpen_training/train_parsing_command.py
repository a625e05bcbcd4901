"""train-parsing: trains the network that tells face, hair and the rest apart, or continues."""

import csv
import math
import pathlib
import time

import cv2
import numpy as np
import torch
import torch.nn.functional as F

from . import checkpoint, faces, parsing, parsing_examples, parsing_network, processor, threads
from .batches import to_tensor
from .errors import TrainingError
from .flags import at_least
from .progress import Progress, StopSignal

CURVE = ["images", "minutes", "error", *(f"iou_{name.split()[0]}" for name in parsing.CLASS_NAMES), "iou_mask"]
COLOURS = np.array([(0, 0, 0), (230, 120, 90), (80, 90, 230), (70, 180, 80)], np.float32)  # of the classes


def add_arguments(parser):
    parser.add_argument("faces", help="folder of faces, as prepare makes them")
    parser.add_argument("maps", help="folder of their label maps, in CelebAMask-HQ's order; faces without are left out")
    parser.add_argument("--output", required=True, help="folder of checkpoint.pt, curve.csv and held-out.png; a "
                        "training found there is continued")
    parser.add_argument("--start", metavar="FILE", help="checkpoint or state dict to begin with")
    parser.add_argument("--minutes", type=at_least(0.01, float), default=40, help="of this run; the learning rate "
                        "falls along a cosine to nothing by the last [40]")
    parser.add_argument("--steps", type=at_least(1), default=1 << 40, help="of this run, at most [no limit]")
    parser.add_argument("--batch", type=at_least(1), default=16, help="faces in a step [16]")
    parser.add_argument("--rate", type=at_least(0, float), default=3e-3, help="learning rate [0.003]")
    parser.add_argument("--half-life", type=at_least(1), default=200, help="steps of the running average [200]")
    parser.add_argument("--seed", type=at_least(0), default=1, help="of the batches [1]")
    parser.add_argument("--threads", type=at_least(1), default=1, help="that compute [1]")
    processor.add_precision(parser)
    parser.add_argument("--evaluate-every", type=at_least(0.1, float), default=5, help="minutes [5]")


class Trainer:
    def __init__(self, network, rate, half_life, dtype):
        self.dtype = dtype
        self.network, self.rate, self.half_life = network.to(memory_format=torch.channels_last), rate, half_life
        self.average = parsing_network.build(network.state_dict()).requires_grad_(False)
        self.optimizer = torch.optim.Adam(network.parameters(), rate, betas=(0.9, 0.99))
        self.step_number, self.images, self.minutes = 0, 0, 0.0

    def step(self, batch, share_left):
        """`share_left`: of the learning rate. Returns the loss."""
        photos, shares = batch
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * share_left * min(1.0, (self.step_number + 1) / 100)
        with processor.layers_in(self.dtype):
            scores = self.network(to_tensor(photos)).float()
        loss = F.cross_entropy(scores, torch.from_numpy(shares))
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        if torch.isfinite(norm):  # one bad batch must not cost the training
            self.optimizer.step()
        self.step_number += 1
        self.images += len(photos)
        keep = min(0.5 ** (1 / self.half_life), 1 - 1 / (1 + self.step_number / 4))
        with torch.no_grad():
            for mean, value in zip(self.average.parameters(), self.network.parameters()):
                mean.lerp_(value, 1 - keep)
        return float(loss.detach())

    def state(self):
        return {"network": self.network.state_dict(), "average": self.average.state_dict(),
                "optimizer": self.optimizer.state_dict(), "step": self.step_number, "images": self.images,
                "minutes": self.minutes}

    def load(self, state):
        for part in ("network", "average", "optimizer"):
            getattr(self, part).load_state_dict(state[part])
        self.step_number, self.images, self.minutes = state["step"], state["images"], state["minutes"]


def overlap(found, true):
    """Intersection over union of two masks; 1 where both are empty."""
    union = np.logical_or(found, true).sum()
    return np.logical_and(found, true).sum() / union if union else 1.0


class Judge:
    """Intersection over union on held-out faces, degraded with a fixed seed: of the classes, and of face with hair,
    which is what the mask of a restored face is made of."""

    def __init__(self, held_out, folder):
        self.folder = folder
        pictures, classes = held_out
        examples = [parsing_examples.example(pictures, classes, index, np.random.default_rng([7, index]))
                    for index in range(len(pictures))]
        self.photos, self.shares = map(np.stack, zip(*examples))

    def judge(self, trainer):
        with torch.no_grad():
            parts = [part for part in np.array_split(self.photos, 8) if len(part)]
            scores = torch.cat([trainer.average(to_tensor(part)) for part in parts])
            error = float(F.cross_entropy(scores, torch.from_numpy(self.shares)))
        found, true = scores.argmax(1).numpy(), self.shares.argmax(1)
        kinds = range(len(parsing.CLASS_NAMES))
        ious = [overlap(found == kind, true == kind) for kind in kinds]
        person = (parsing.FACE, parsing.HAIR)
        ious.append(overlap(np.isin(found, person), np.isin(true, person)))
        path = self.folder / "curve.csv"
        fresh = not path.exists()
        with open(path, "a", newline="") as file:
            writer = csv.writer(file)
            if fresh:
                writer.writerow(CURVE)
            writer.writerow([trainer.images, f"{trainer.minutes:.1f}", f"{error:.4f}", *(f"{iou:.4f}" for iou in ious)])
        self._draw(scores.softmax(1).numpy())
        return f"error {error:.4f}, overlap " + ", ".join(
            f"{name} {iou:.3f}" for name, iou in zip([*parsing.CLASS_NAMES, "mask"], ious))

    def _draw(self, found):
        rows = []
        for photo, *maps in zip(self.photos[:24], found, self.shares):
            drawn = [(photo * 0.4 + 0.6 * np.tensordot(part, COLOURS, (0, 0))).astype(np.uint8) for part in maps]
            rows.append(np.concatenate([photo, *drawn], 1))
        height = -(-len(rows) // 3)
        rows += [np.zeros_like(rows[0])] * (3 * height - len(rows))
        columns = [np.concatenate(rows[start:start + height], 0) for start in range(0, 3 * height, height)]
        faces.write_picture(self.folder / "held-out.png", np.concatenate(columns, 1))


def run(arguments):
    threads.set_up(arguments.threads)
    cv2.setNumThreads(1)
    torch.manual_seed(arguments.seed)
    folder = pathlib.Path(arguments.output)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "checkpoint.pt"
    resumed = checkpoint.load(path) if path.exists() else None
    start = resumed or (checkpoint.load(arguments.start) if arguments.start else None)
    if start and not parsing_network.is_parsing(checkpoint.weights(start)):
        raise TrainingError("expected a network for parsing (train-parsing), found another in "
                            f"{path if resumed else arguments.start}")
    network = parsing_network.build(checkpoint.weights(start)) if start else parsing_network.ParsingNetwork()
    trainer = Trainer(network, arguments.rate, arguments.half_life, processor.dtype(arguments.precision))
    if resumed:
        trainer.load(resumed)
    training, held_out = parsing.load_classes(arguments.faces, arguments.maps, parsing_examples.SIZE)
    print(f"{network.parameter_count} parameters, {len(training[0])} faces, {len(held_out[0])} held out", flush=True)
    train(trainer, training, Judge(held_out, folder), arguments, path)


def train(trainer, training, judge, arguments, path):
    progress = Progress()
    progress.start(trainer.images)
    begun = judged_at = time.monotonic()
    before, last_step = trainer.minutes, trainer.step_number + arguments.steps
    total = steps = 0

    def keep():
        checkpoint.save(trainer.state(), path)
        print(f"{trainer.images} images: " + judge.judge(trainer), flush=True)

    with StopSignal() as stop:
        while not stop and trainer.step_number < last_step:
            now = time.monotonic()
            over = (now - begun) / 60 / arguments.minutes
            if over >= 1:
                break
            batch = parsing_examples.make_batch(*training, arguments.batch, arguments.seed, trainer.step_number)
            total += trainer.step(batch, 0.5 * (1 + math.cos(math.pi * over)))
            steps += 1
            trainer.minutes = before + (time.monotonic() - begun) / 60
            progress.show(trainer.images, f"error {total / steps:.4f}")
            if steps >= 200:
                total = steps = 0
            if now - judged_at >= arguments.evaluate_every * 60:
                keep()
                judged_at = time.monotonic()
    progress.end()
    keep()
    print(f"stopped; the same command continues from {path}", flush=True)
