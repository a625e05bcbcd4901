"""evaluate-photos: judges networks of train-photos on a folder of pictures: reduced bicubically, as the standard sets
of super-resolution are, or with the flaws of photos of an album. PSNR and SSIM of luma, without a border."""

import pathlib

import numpy as np

from . import bicubic, checkpoint, faces, photo_degradation, photo_metrics, photo_network, threads
from .errors import TrainingError
from .flags import at_least
from .progress import Progress
from .train_photos_command import UNIT, run_network


def add_arguments(parser):
    parser.add_argument("pictures", help="folder of pictures without flaws")
    parser.add_argument("networks", nargs="+", help="checkpoints of train-photos or .pth; bicubic enlargement is "
                        "always in the table")
    parser.add_argument("--amount", type=at_least(0, float), default=0.0, help="of flaws and of cleaning, 0 to 1: 0 "
                        "reduces bicubically and no more [0]")
    parser.add_argument("--seed", type=at_least(0), default=7, help="of the flaws [7]")
    parser.add_argument("--most", type=at_least(1), default=10000, help="pictures that are judged [all]")
    parser.add_argument("--sheet", metavar="FILE", help="a picture of the middles, before, after and true")
    parser.add_argument("--threads", type=at_least(1), default=2, help="that compute [2]")


def load_network(path):
    weights = checkpoint.weights(checkpoint.load(path))
    if "trunk.0.weight" not in weights:
        raise TrainingError(f"expected a network for photos (train-photos), found another in {path}")
    return photo_network.build(weights)


def make_pair(picture, scale, amount, seed):
    """uint8 (photo, picture): the picture cut to whole multiples."""
    height, width = (length // UNIT * UNIT for length in picture.shape[:2])
    true = np.ascontiguousarray(picture[:height, :width])
    reduced = bicubic.to_bytes(bicubic.resize(true, 1 / scale)) if scale > 1 else true
    return photo_degradation.degrade(true, reduced, scale, amount, np.random.default_rng(seed)), true


def run(arguments):
    threads.set_up(arguments.threads)
    paths = faces.list_pictures(arguments.pictures)[:arguments.most]
    networks = {path: load_network(path) for path in arguments.networks}
    scales = sorted({scale for network in networks.values() for scale in network.scales})
    progress = Progress(len(paths) * len(scales), "pictures")
    progress.start(0)
    print("| scale | network | PSNR dB | SSIM | over bicubic dB |\n|---:|---|---:|---:|---:|")
    lines, count = [], 0
    for scale in scales:
        judged = {name: [] for name in ["bicubic"] + [path for path, network in networks.items()
                                                      if scale in network.scales]}
        for index, path in enumerate(paths):
            photo, true = make_pair(faces.read_picture(path), scale, arguments.amount, [arguments.seed, index])
            line = []
            for name, values in judged.items():
                made = (bicubic.to_bytes(bicubic.resize(photo, scale)) if name == "bicubic"
                        else run_network(networks[name], photo, arguments.amount, scale))
                values.append((photo_metrics.psnr(made, true, scale), photo_metrics.ssim(made, true, scale)))
                line.append(made)
            lines.append(line + [true])
            count += 1
            progress.show(count)
        plain = np.mean([psnr for psnr, _ in judged["bicubic"]])
        for name, values in judged.items():
            psnr, ssim = np.mean(values, 0)
            print(f"| x{scale} | {pathlib.Path(name).name} | {psnr:.2f} | {ssim:.4f} | {psnr - plain:+.2f} |",
                  flush=True)
    progress.end()
    if arguments.sheet:
        write_sheet(arguments.sheet, lines)


def write_sheet(path, lines, side=240, most=8):
    shown = []
    for line in lines[:most]:
        top, left = ((length - side) // 2 for length in line[-1].shape[:2])
        if min(top, left) >= 0:
            shown.append(np.concatenate([made[top:top + side, left:left + side] for made in line], 1))
    widths = {line.shape[1] for line in shown}
    faces.write_picture(path, np.concatenate([line for line in shown if line.shape[1] == max(widths)], 0))
