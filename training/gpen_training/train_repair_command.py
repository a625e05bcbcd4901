"""train-repair: trains the network that finds and fills damage, or continues."""

import argparse
import csv
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

from . import checkpoint, faces, photos, processor, repair_network, repair_pairs, threads
from .errors import TrainingError
from .flags import at_least
from .train_photos_command import Trainer, train

BORDER = 16  # pixels along a patch's border that are not judged: the layers see zeros beyond
SEEN_SURELY = 0.5  # of the true mask: what counts as damaged where marks are counted
CURVE = ["images", "minutes", "found", "right", "marked_clean", "psnr_damaged", "psnr_repaired"]


def add_arguments(parser):
    parser.add_argument("photos", nargs="+", help="folders of pictures without flaws; of further ones only the first "
                        "--most are taken")
    parser.add_argument("--output", required=True, help="folder of checkpoint.pt, curve.csv and held-out.png; a "
                        "training found there is continued")
    parser.add_argument("--start", metavar="FILE", help="checkpoint or state dict to begin with")
    parser.add_argument("--most", type=at_least(1), default=400, help="pictures of each further folder [400]")
    parser.add_argument("--minutes", type=at_least(0.01, float), default=60, help="of this run; the learning rate "
                        "falls along a cosine to nothing by the last [60]")
    parser.add_argument("--steps", type=at_least(1), default=1 << 40, help="of this run, at most [no limit]")
    parser.add_argument("--fall-from", type=at_least(0, float), default=0.0, help="share of them before it falls [0]")
    parser.add_argument("--batch", type=at_least(1), default=8, help="patches in a step [8]")
    parser.add_argument("--side", type=at_least(48), default=128, help="of a patch, pixels: a multiple of "
                        f"{repair_network.RepairNetwork.unit} [128]")
    parser.add_argument("--rate", type=at_least(0, float), default=2e-3, help="learning rate [0.002]")
    parser.add_argument("--half-life", type=at_least(1), default=300, help="steps of the running average [300]")
    parser.add_argument("--seed", type=at_least(0), default=1, help="of the batches [1]")
    parser.add_argument("--threads", type=at_least(1), default=2, help="that compute [2]")
    processor.add_precision(parser)
    parser.add_argument("--evaluate-every", type=at_least(0.1, float), default=10, help="minutes [10]")
    parser.set_defaults(kind="repair", squared=False)


class RepairTrainer(Trainer):
    def loss(self, batch):
        damaged, _, masks, weights = batch
        logits = self.network(damaged.contiguous(memory_format=torch.channels_last)).float()
        logits, masks, weights = (part[:, :, BORDER:-BORDER, BORDER:-BORDER] for part in (logits, masks, weights))
        found = torch.sigmoid(logits)
        both, either = (weights * found * masks).sum(), (weights * (found.square() + masks.square())).sum()
        overlap = 1 - (2 * both + 1) / (either + 1)
        return F.binary_cross_entropy_with_logits(logits, masks, weights) + 0.1 * overlap


def psnr(error):
    return 10 * np.log10(255 ** 2 / max(float(np.mean(np.square(error, dtype=np.float32))), 1e-9))


def measure(network, pairs):
    """Of (damaged, photo, mask): the share of the damage that is found; of what is marked, the share that is damaged;
    the share of undamaged photos that is marked; PSNR of all damaged ones before and after."""
    hit = damage = right = marked = clean_marked = clean = 0
    before, after = [], []
    for damaged, photo, mask in pairs:
        made, replaced = repair_network.run_network(network, damaged)
        touched = replaced > 0
        if mask.any():
            surely = mask >= 255 * SEEN_SURELY
            hit += (touched & surely).sum()
            damage += surely.sum()
            right += (touched & (mask > 0)).sum()
            marked += touched.sum()
            before.append(psnr(damaged.astype(int) - photo))
            after.append(psnr(made.astype(int) - photo))
        else:
            clean_marked += touched.sum()
            clean += touched.size
    return (hit / max(damage, 1), right / max(marked, 1), clean_marked / max(clean, 1),
            float(np.mean(before)), float(np.mean(after)))


def middle(picture, side):
    top, left = (max(0, length - side) // 2 for length in picture.shape[:2])
    return np.ascontiguousarray(picture[top:top + side, left:left + side])


class Judge:
    """On the middles of some held-out pictures, damaged and not; evaluate-repair judges by all."""

    SIDE, MOST = 192, 12

    def __init__(self, pictures, folder):
        self.folder, self.pairs = folder, []
        for index, picture in enumerate(pictures[:self.MOST]):
            for clean in (0, 1):
                self.pairs.append(repair_pairs.make_pair(middle(picture, self.SIDE), np.random.default_rng([7, index]),
                                                         clean))

    def judge(self, trainer):
        found, right, marked_clean, before, after = measure(trainer.average, self.pairs)
        path = self.folder / "curve.csv"
        fresh = not path.exists()
        with open(path, "a", newline="") as file:
            writer = csv.writer(file)
            if fresh:
                writer.writerow(CURVE)
            writer.writerow([trainer.images, f"{trainer.minutes:.1f}", f"{found:.4f}", f"{right:.4f}",
                             f"{marked_clean:.6f}", f"{before:.3f}", f"{after:.3f}"])
        sheet = [self.line(trainer.average, pair) for pair in self.pairs[:24:2]]
        half = len(sheet) // 2
        faces.write_picture(self.folder / "held-out.png",
                            np.concatenate([np.concatenate(sheet[:half], 0), np.concatenate(sheet[half:2 * half], 0)],
                                           1) if half else sheet[0])
        return (f"finds {100 * found:.1f} % of the damage, {100 * right:.1f} % of the marks are right, marks "
                f"{100 * marked_clean:.3f} % of clean photos; {before:.2f} dB damaged, {after:.2f} dB repaired")

    @staticmethod
    def line(network, pair):
        made, replaced = repair_network.run_network(network, pair[0])
        gray = np.repeat(np.uint8(replaced * 255)[..., None], 3, 2)
        return np.concatenate([pair[0], made, pair[1], gray], 1)


def begin(arguments, state):
    if state is None:
        return repair_network.RepairNetwork()
    weights = checkpoint.weights(state)
    if not repair_network.is_repair(weights):
        raise TrainingError("expected a network that repairs (train-repair), found another in "
                            f"{arguments.start or arguments.output}")
    return repair_network.build(weights)


def load(arguments):
    """(for training, held out: of the first folder alone)."""
    training, held_out = [], []
    for number, folder in enumerate(arguments.photos):
        paths = faces.list_pictures(folder)
        chosen, left_out = ([paths[index] for index in part] for part in faces.split(len(paths)))
        if number == 0:
            held_out = [faces.read_picture(path) for path in left_out]
        else:
            chosen = chosen[::max(1, len(chosen) // arguments.most)]
        training += chosen
    return repair_pairs.Pictures(training), held_out


def run(arguments: argparse.Namespace):
    if arguments.side % repair_network.RepairNetwork.unit:
        raise TrainingError(f"expected --side to be a multiple of {repair_network.RepairNetwork.unit}, found "
                            f"{arguments.side}")
    threads.set_up(arguments.threads)
    torch.manual_seed(arguments.seed)
    folder = pathlib.Path(arguments.output)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "checkpoint.pt"
    resumed = checkpoint.load(path) if path.exists() else None
    network = begin(arguments, resumed or (checkpoint.load(arguments.start) if arguments.start else None))
    network = network.to(memory_format=torch.channels_last)
    average = repair_network.build(network.state_dict()).requires_grad_(False)
    trainer = RepairTrainer(network, average, arguments.rate, arguments.half_life,
                            dtype=processor.dtype(arguments.precision))
    if resumed:
        trainer.load(resumed)
    training, held_out = load(arguments)
    print(f"{network.parameter_count} parameters, {len(training)} pictures, {len(held_out)} held out", flush=True)
    judge = Judge(held_out, folder)
    pairs = repair_pairs.RepairPairs(training, arguments.side, arguments.batch, arguments.seed)
    with photos.Batches(pairs, trainer.step_number) as batches:
        train(trainer, batches, judge, arguments, path)
