"""evaluate-repair: judges networks of train-repair on the held-out pictures of a folder: each kind of drawn damage by
itself, all together, and photos without damage; beside doing nothing and a median filter."""

import pathlib

import cv2
import numpy as np

from . import checkpoint, faces, photo_damage, repair_network, repair_pairs, threads
from .errors import TrainingError
from .flags import at_least
from .progress import Progress
from .train_repair_command import SEEN_SURELY, middle, psnr

MEDIAN = 5  # pixels a side


def add_arguments(parser):
    parser.add_argument("photos", help="folder of pictures without flaws, as train-repair had it")
    parser.add_argument("networks", nargs="+", help="checkpoints of train-repair or .pth")
    parser.add_argument("--side", type=at_least(64), default=256, help="of the middle that is judged, pixels [256]")
    parser.add_argument("--most", type=at_least(1), default=10000, help="pictures that are judged [all]")
    parser.add_argument("--seed", type=at_least(0), default=7, help="of the damage [7]")
    parser.add_argument("--repair", type=at_least(1), default=100, metavar="PERCENT", help="as the program's [100]")
    parser.add_argument("--all-pictures", action="store_true", help="of the folder, not only those held out")
    parser.add_argument("--sheet", metavar="FILE", help="a picture: damaged, repaired, true, and the mask")
    parser.add_argument("--threads", type=at_least(1), default=2, help="that compute [2]")


class Tally:
    """What was found and made of the pairs of one kind."""

    def __init__(self):
        self.counts = dict.fromkeys(("hit", "damage", "right", "marked", "pixels", "marks hit", "marks"), 0)
        self.psnr = {name: [] for name in ("damaged", "repaired", "median", "inside before", "inside after")}

    def add(self, pair, made, replaced):
        damaged, photo, mask = pair
        touched, surely = replaced > 0, mask >= 255 * SEEN_SURELY
        for name, what in (("hit", touched & surely), ("damage", surely), ("right", touched & (mask > 0)),
                           ("marked", touched)):
            self.counts[name] += int(what.sum())
        self.counts["pixels"] += mask.size
        places, area, seen = repair_pairs.marks_of(damaged, photo, mask)
        covered = np.bincount(places.ravel(), touched.ravel(), len(area)) >= 0.5 * area
        self.counts["marks hit"] += int((covered & seen).sum())
        self.counts["marks"] += int(seen.sum())
        true = photo.astype(np.int32)
        self.psnr["damaged"].append(psnr(damaged - true))
        self.psnr["repaired"].append(psnr(made - true))
        self.psnr["median"].append(psnr(cv2.medianBlur(damaged, MEDIAN) - true))
        if surely.sum() >= 50:
            self.psnr["inside before"].append(psnr((damaged - true)[surely]))
            self.psnr["inside after"].append(psnr((made - true)[surely]))

    def share(self, part, whole):
        return 100 * self.counts[part] / self.counts[whole] if self.counts[whole] else float("nan")

    def row(self):
        values = [f"{self.share('marks hit', 'marks'):.1f}", f"{self.share('hit', 'damage'):.1f}",
                  f"{self.share('right', 'marked'):.1f}"]
        for name in ("inside before", "inside after", "damaged", "median", "repaired"):
            values.append(f"{np.mean(self.psnr[name]):.2f}" if self.psnr[name] else "")
        return values + [f"{self.share('marked', 'pixels'):.3f}"]


HEAD = ("| network | damage | visible marks found % | pixels found % | marks right % | dB inside before | after "
        "| dB damaged | median 5x5 | repaired | marked % |\n|---|---|" + 9 * "---:|")


def kinds():
    """Name to (share of clean photos, how to damage)."""
    def alone(kind):
        def damage(picture, random):
            kind(picture, random)
            np.clip(picture, 0, 255, out=picture)
        return damage
    made = {kind.__name__.replace("_", " "): (0, alone(kind)) for kind in photo_damage.KINDS}
    return {"together": (0, photo_damage.draw), "none": (1, photo_damage.draw), **made}


def load_network(path):
    weights = checkpoint.weights(checkpoint.load(path))
    if not repair_network.is_repair(weights):
        raise TrainingError(f"expected a network that repairs (train-repair), found another in {path}")
    return repair_network.build(weights)


def run(arguments):
    threads.set_up(arguments.threads)
    paths = faces.list_pictures(arguments.photos)
    if not arguments.all_pictures:
        paths = [paths[index] for index in faces.split(len(paths))[1]]
    pictures = [middle(faces.read_picture(path), arguments.side) for path in paths[:arguments.most]]
    networks = {path: load_network(path) for path in arguments.networks}
    wanted = kinds()
    progress = Progress(len(pictures) * len(wanted) * len(networks), "pictures")
    progress.start(0)
    print(HEAD)
    count, lines = 0, []
    for path, network in networks.items():
        for number, (name, (clean, damage)) in enumerate(wanted.items()):
            tally = Tally()
            for index, picture in enumerate(pictures):
                random = np.random.default_rng([arguments.seed, number, index])
                pair = repair_pairs.make_pair(picture, random, clean, damage)
                made, replaced = repair_network.run_network(network, pair[0], arguments.repair)
                tally.add(pair, made, replaced)
                if index < 2:
                    mask = np.repeat(np.uint8(replaced * 255)[..., None], 3, 2)
                    lines.append(np.concatenate([pair[0], made, pair[1], mask], 1))
                count += 1
                progress.show(count)
            print(f"| {pathlib.Path(path).name} | {name} | " + " | ".join(tally.row()) + " |", flush=True)
    progress.end()
    if arguments.sheet:
        width = max(line.shape[1] for line in lines)
        faces.write_picture(arguments.sheet, np.concatenate([line for line in lines if line.shape[1] == width], 0))
