"""train-photos: trains the network that cleans, sharpens or enlarges what is not a face, or continues."""

import csv
import dataclasses
import math
import pathlib
import time

import numpy as np
import torch
import torch.nn.functional as F

from . import (bicubic, checkpoint, faces, photo_degradation, photo_metrics, photo_network, photos, processor,
               threads)
from .errors import TrainingError
from .flags import at_least
from .losses import luma
from .progress import Progress, StopSignal

BORDER = 4  # pixels of the photo along a patch's border that are not judged: the layers see zeros beyond
CLUMP = 4  # pixels of the result
EVEN = 0.016  # deviation, of 1, at which a part is half even
CURVE = ["images", "minutes", "scale", "amount", "psnr_bicubic", "psnr"]
KINDS = {"enlarge": {"scales": (2, 4), "shares": (0.6, 0.4), "unshuffle": 1, "width": 32, "depth": 8,
                     "coarse": None, "plain": photo_degradation.PLAIN, "degrade": photo_degradation.degrade},
         "clean": {"scales": (1,), "shares": (1.0,), "unshuffle": 2, "width": 48, "depth": 10,
                   "coarse": photo_network.COARSE, "plain": 0.0, "degrade": photo_degradation.degrade},
         "sharpen": {"scales": (1,), "shares": (1.0,), "unshuffle": 2, "width": 48, "depth": 10,
                     "coarse": None, "plain": 0.1, "degrade": photo_degradation.make_soft}}
UNIT = 4


def add_arguments(parser):
    parser.add_argument("photos", help="folder of pictures without flaws")
    parser.add_argument("--kind", choices=list(KINDS), default="enlarge",
                        help="enlarge: a trunk with heads for x2 and x4; clean, sharpen: x1 [enlarge]")
    parser.add_argument("--output", required=True, help="folder of checkpoint.pt, curve.csv and held-out.png; a "
                        "training found there is continued")
    parser.add_argument("--start", metavar="FILE", help="checkpoint or state dict to begin with; what "
                        "it lacks (heads for other scales, coarser maps) is new")
    parser.add_argument("--minutes", type=at_least(0.01, float), default=60, help="of this run; the learning rate "
                        "falls along a cosine to nothing by the last [60]")
    parser.add_argument("--steps", type=at_least(1), default=1 << 40, help="of this run, at most [no limit]")
    parser.add_argument("--fall-from", type=at_least(0, float), default=0.0, help="share of them before it falls [0]")
    parser.add_argument("--batch", type=at_least(1), default=8, help="patches in a step [8]")
    parser.add_argument("--side", type=at_least(16), default=64, help="of a patch, pixels of the photo [64]")
    parser.add_argument("--rate", type=at_least(0, float), default=2e-3, help="learning rate [0.002]")
    parser.add_argument("--squared", action="store_true", help="aim at the squared error, which PSNR counts, for "
                        "the last part of a training")
    parser.add_argument("--even", type=at_least(0, float), default=0.0, help="how many times more an error counts "
                        "where the true picture is even, since it is seen there [0]")
    parser.add_argument("--plain", type=at_least(0, float), help="share of the pairs without any cleaning")
    parser.add_argument("--half-life", type=at_least(1), default=400, help="steps of the running average [400]")
    parser.add_argument("--seed", type=at_least(0), default=1, help="of the batches [1]")
    parser.add_argument("--threads", type=at_least(1), default=2, help="that compute [2]")
    processor.add_precision(parser)
    parser.add_argument("--evaluate-every", type=at_least(0.1, float), default=10, help="minutes [10]")


def evenness(pictures):
    """1 where a picture is even over 9x9 pixels, less the more its luma varies there."""
    brightness = luma(pictures)
    mean, square = (F.avg_pool2d(values, 9, 1, 4, count_include_pad=False)
                    for values in (brightness, brightness.square()))
    return EVEN / (EVEN + (square - mean.square()).clamp_min(0).sqrt())


@dataclasses.dataclass
class Trainer:
    network: photo_network.PhotoNetwork
    average: photo_network.PhotoNetwork
    rate: float
    half_life: int
    squared: bool = False
    even: float = 0.0
    dtype: torch.dtype = torch.float32
    step_number: int = 0
    images: int = 0
    minutes: float = 0.0

    def __post_init__(self):
        self.optimizer = torch.optim.Adam(self.network.parameters(), self.rate, betas=(0.9, 0.99))

    def step(self, batch, share_left):
        """`share_left`: of the learning rate. Returns the loss."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate * share_left * min(1.0, (self.step_number + 1) / 100)
        with processor.layers_in(self.dtype):
            loss = self.loss(batch)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        if torch.isfinite(norm):  # one bad batch must not cost the training
            self.optimizer.step()
        self.step_number += 1
        self.images += len(batch[1])
        keep = max(0.5 ** (1 / self.half_life), 0) if self.step_number > 10 else 0.0
        keep = min(keep, 1 - 1 / (1 + self.step_number / 4))
        with torch.no_grad():
            for mean, value in zip(self.average.parameters(), self.network.parameters()):
                mean.lerp_(value, 1 - keep)
        return float(loss.detach())

    def loss(self, batch):
        scale, pictures, targets, amounts = batch
        made = self.network(pictures.contiguous(memory_format=torch.channels_last), amounts, scale)
        edge = BORDER * scale
        error = (made - targets)[:, :, edge:-edge, edge:-edge]
        of_luma = luma(error)
        if self.even:
            weights = 1 + self.even * evenness(targets)[:, :, edge:-edge, edge:-edge]
            error, of_luma = error * weights, of_luma * weights
        # Clumps that are left in even parts are seen long before they count among the pixels.
        in_clumps = F.avg_pool2d(of_luma, CLUMP)
        if self.squared:
            return 50 * (error.square().mean() + 2 * of_luma.square().mean() + 2 * in_clumps.square().mean())
        return error.abs().mean() + 2 * of_luma.abs().mean() + 2 * in_clumps.abs().mean()

    def state(self, kind):
        return {"network": self.network.state_dict(), "average": self.average.state_dict(),
                "optimizer": self.optimizer.state_dict(), "kind": kind, "step": self.step_number,
                "images": self.images, "minutes": self.minutes}

    def load(self, state):
        self.network.load_state_dict(state["network"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step_number, self.images, self.minutes = state["step"], state["images"], state["minutes"]


def run_network(network, photo, amount, scale):
    """uint8 RGB of any size."""
    height, width = photo.shape[:2]
    padded, margin = photos.continued(photo, network)
    with torch.no_grad():
        made = network(photos.to_tensor(padded[None]), torch.tensor([float(amount)]), scale)[0]
    made = bicubic.to_bytes(made.permute(1, 2, 0).numpy() * 255)
    top = margin * scale
    return made[top:top + height * scale, top:top + width * scale]


class Judge:
    """PSNR on the middle of each held-out picture, beside a plain bicubic enlargement."""

    SIDE = 256

    def __init__(self, pictures, network, folder, degrade):
        self.folder, self.cases = folder, []
        amounts = [amount for amount in (0.0, 0.5, 1.0) if amount or network.scales != (1,)]
        for scale in network.scales:
            for amount in amounts:
                pairs = []
                for index, picture in enumerate(pictures):
                    top, left = ((length - self.SIDE) // 2 // UNIT * UNIT for length in picture.shape[:2])
                    true = np.ascontiguousarray(picture[top:top + self.SIDE, left:left + self.SIDE])
                    reduced = bicubic.to_bytes(bicubic.resize(true, 1 / scale)) if scale > 1 else true
                    random = np.random.default_rng([7, index])
                    pairs.append((degrade(true, reduced, scale, amount, random), true))
                plain = np.mean([photo_metrics.psnr(bicubic.to_bytes(bicubic.resize(photo, scale)), true, scale)
                                 for photo, true in pairs])
                self.cases.append((scale, amount, pairs, plain))

    def judge(self, trainer):
        parts, rows, sheet = [], [], []
        for scale, amount, pairs, plain in self.cases:
            made = [run_network(trainer.average, photo, amount, scale) for photo, _ in pairs]
            found = np.mean([photo_metrics.psnr(picture, true, scale)
                             for picture, (_, true) in zip(made, pairs)])
            parts.append(f"x{scale} clean {amount:.1f}: {found:.2f} dB ({found - plain:+.2f})")
            rows.append([trainer.images, f"{trainer.minutes:.1f}", scale, amount, f"{plain:.3f}", f"{found:.3f}"])
            bicubics = [bicubic.to_bytes(bicubic.resize(photo, scale)) for photo, _ in pairs]
            for line in zip(bicubics[:6], made, [true for _, true in pairs]):
                sheet.append(np.concatenate(line, 1))
        path = self.folder / "curve.csv"
        fresh = not path.exists()
        with open(path, "a", newline="") as file:
            writer = csv.writer(file)
            if fresh:
                writer.writerow(CURVE)
            writer.writerows(rows)
        width = max(len(sheet) // 3, 1)
        columns = [np.concatenate(sheet[start:start + width], 0) for start in range(0, 3 * width, width)
                   if start + width <= len(sheet)]
        faces.write_picture(self.folder / "held-out.png", np.concatenate(columns, 1))
        return "; ".join(parts)


def begin(arguments, state, kind):
    """The network of `state`, with new heads and coarser maps where it has none of `kind`."""
    weights = checkpoint.weights(state)
    if "trunk.0.weight" not in weights:
        raise TrainingError("expected a network for photos (train-photos), found another in "
                            f"{arguments.start or arguments.output}")
    found = photo_network.build(weights)
    coarse = found.coarse_shape or kind["coarse"]
    if set(kind["scales"]) == set(found.scales) and coarse == found.coarse_shape:
        return found
    network = photo_network.PhotoNetwork(kind["scales"], found.unshuffle, found.width, found.depth, coarse)
    kept = {name: tensor for name, tensor in weights.items()
            if not name.startswith("heads.") or int(name.split(".")[1]) in network.scales}
    network.load_state_dict({**network.state_dict(), **kept})
    return network


def run(arguments):
    threads.set_up(arguments.threads)
    torch.manual_seed(arguments.seed)
    folder = pathlib.Path(arguments.output)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "checkpoint.pt"
    kind = KINDS[arguments.kind]
    resumed = checkpoint.load(path) if path.exists() else None
    if resumed and resumed["kind"] != arguments.kind:
        raise TrainingError(f"expected a training of --kind {resumed['kind']} in {folder}: give that, or another "
                            "--output")
    start = resumed or (checkpoint.load(arguments.start) if arguments.start else None)
    network = begin(arguments, start, kind) if start else photo_network.PhotoNetwork(
        kind["scales"], kind["unshuffle"], kind["width"], kind["depth"], kind["coarse"])
    network = network.to(memory_format=torch.channels_last)
    average = photo_network.build(network.state_dict()).requires_grad_(False)
    trainer = Trainer(network, average, arguments.rate, arguments.half_life, arguments.squared, arguments.even,
                      dtype=processor.dtype(arguments.precision))
    if resumed:
        trainer.load(resumed)
    training, held_out = photos.load(arguments.photos, UNIT)
    training += photos.halved(training, UNIT)
    held_out = [picture for picture in held_out if min(picture.shape[:2]) >= Judge.SIDE]
    plain = kind["plain"] if arguments.plain is None else arguments.plain
    pairs = photos.Pairs(training, kind["scales"], kind["shares"], arguments.side, arguments.batch, arguments.seed,
                         plain, kind["degrade"])
    print(f"{network.parameter_count} parameters, {len(training)} pictures, {len(held_out)} held out", flush=True)
    judge = Judge(held_out, network, folder, kind["degrade"])
    with photos.Batches(pairs, trainer.step_number) as batches:
        train(trainer, batches, judge, arguments, path)


def train(trainer, batches, judge, arguments, path):
    progress = Progress(unit="patches")
    progress.start(trainer.images)
    begun = judged_at = time.monotonic()
    before, last_step = trainer.minutes, trainer.step_number + arguments.steps
    total = steps = 0
    if trainer.step_number == 0:
        print("at the start: " + judge.judge(trainer), flush=True)

    def keep():
        checkpoint.save(trainer.state(arguments.kind), path)
        print(f"{trainer.images} patches: " + judge.judge(trainer), flush=True)

    with StopSignal() as stop:
        while not stop and trainer.step_number < last_step:
            now = time.monotonic()
            over = (now - begun) / 60 / arguments.minutes
            if over >= 1:
                break
            falling = max(0.0, (over - arguments.fall_from) / (1 - arguments.fall_from))
            total += trainer.step(next(batches), 0.5 * (1 + math.cos(math.pi * falling)))
            steps += 1
            trainer.minutes = before + (time.monotonic() - begun) / 60
            progress.show(trainer.images, f"error {total / steps:.5f}")
            if steps >= 200:
                total = steps = 0
            if now - judged_at >= arguments.evaluate_every * 60:
                keep()
                judged_at = time.monotonic()
    progress.end()
    keep()
    print(f"stopped; the same command continues from {path}", flush=True)
