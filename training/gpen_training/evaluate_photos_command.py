"""evaluate-photos: judges networks of train-photos on a folder of pictures: reduced bicubically, as the standard sets
of super-resolution are, or with the flaws of photos of an album. PSNR and SSIM of luma, without a border, and how far
the texture of the middles is from the true one. Photos with flaws are also cleaned by non-local means."""

import pathlib

import cv2
import numpy as np

from . import bicubic, checkpoint, faces, metrics, photo_degradation, photo_metrics, photo_network, photos, threads
from .errors import TrainingError
from .flags import at_least
from .progress import Progress
from .train_photos_command import KINDS, UNIT, run_network


def add_arguments(parser):
    parser.add_argument("pictures", help="folder of pictures without flaws")
    parser.add_argument("networks", nargs="+", help="checkpoints of train-photos or .pth; nothing but bicubic "
                        "enlargement is always in the table, and with --amount non-local means before it")
    parser.add_argument("--amount", type=at_least(0, float), default=0.0, help="of flaws and of cleaning, 0 to 1: 0 "
                        "reduces bicubically and no more [0]")
    parser.add_argument("--kind", choices=list(KINDS), default="enlarge", help="whose flaws: those of sharpen are "
                        "a blur by --amount and little else [enlarge]")
    parser.add_argument("--seed", type=at_least(0), default=7, help="of the flaws [7]")
    parser.add_argument("--most", type=at_least(1), default=10000, help="pictures that are judged [all]")
    parser.add_argument("--sheet", metavar="FILE", help="a picture of the middles, before, after and true")
    parser.add_argument("--threads", type=at_least(1), default=2, help="that compute [2]")


def load_network(path):
    weights = checkpoint.weights(checkpoint.load(path))
    if "trunk.0.weight" not in weights:
        raise TrainingError(f"expected a network for photos (train-photos), found another in {path}")
    return photo_network.build(weights)


def make_pair(picture, scale, amount, seed, degrade=photo_degradation.degrade):
    """uint8 (photo, picture): the picture cut to whole multiples."""
    height, width = (length // UNIT * UNIT for length in picture.shape[:2])
    true = np.ascontiguousarray(picture[:height, :width])
    reduced = bicubic.to_bytes(bicubic.resize(true, 1 / scale)) if scale > 1 else true
    return degrade(true, reduced, scale, amount, np.random.default_rng(seed)), true


def non_local_means(photo):
    """As strong as the photo's noise asks for: its deviation, by the median of the finest details' sizes."""
    grey = photo.mean(2)
    details = cv2.filter2D(grey, -1, np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]]) / 6)
    deviation = float(np.median(np.abs(details)) / 0.6745)
    return cv2.fastNlMeansDenoisingColored(photo, None, deviation, deviation, 7, 21)


class Scores:
    """Of one way of making pictures, over a set."""

    SIDE = 256  # of the middles whose texture is compared

    def __init__(self):
        self.measures, self.middles = [], []

    def add(self, made, true, scale):
        self.measures.append((photo_metrics.psnr(made, true, scale), photo_metrics.ssim(made, true, scale)))
        top, left = ((length - self.SIDE) // 2 for length in true.shape[:2])
        if min(top, left) >= 0:
            self.middles.append([picture[top:top + self.SIDE, left:left + self.SIDE] for picture in (made, true)])

    @property
    def means(self):
        return np.mean(self.measures, 0)

    @property
    def texture(self):
        """By level, the finest first; of sets without a picture that is large enough a dash."""
        if not self.middles:
            return "-"
        made, true = (photos.to_tensor(np.stack(middles)) * 2 - 1 for middles in zip(*self.middles))
        return " / ".join(f"{distance:.0f}" for distance in metrics.texture_distances(made, true).values())


def run(arguments):
    threads.set_up(arguments.threads)
    paths = faces.list_pictures(arguments.pictures)[:arguments.most]
    networks = {path: load_network(path) for path in arguments.networks}
    scales = sorted({scale for network in networks.values() for scale in network.scales})
    progress = Progress(len(paths) * len(scales), "pictures")
    progress.start(0)
    print("| scale | network | PSNR dB | SSIM | over the first | SWD 256 / 128 / 64 px |")
    print("|---:|---|---:|---:|---:|---|")
    lines, count = [], 0
    for scale in scales:
        plain = "bicubic" if scale > 1 else "as it is"
        ways = {plain: lambda photo, to=scale: bicubic.to_bytes(bicubic.resize(photo, to))}
        if arguments.amount:
            ways["non-local means"] = lambda photo, to=scale: bicubic.to_bytes(
                bicubic.resize(non_local_means(photo), to))
        for path, network in networks.items():
            if scale in network.scales:
                ways[path] = lambda photo, to=scale, by=network: run_network(by, photo, arguments.amount, to)
        judged = {name: Scores() for name in ways}
        for index, path in enumerate(paths):
            photo, true = make_pair(faces.read_picture(path), scale, arguments.amount,
                                    [arguments.seed, index], KINDS[arguments.kind]["degrade"])
            line = []
            for name, way in ways.items():
                line.append(way(photo))
                judged[name].add(line[-1], true, scale)
            lines.append(line + [true])
            count += 1
            progress.show(count)
        for name, scores in judged.items():
            psnr, ssim = scores.means
            gain = psnr - judged[plain].means[0]
            name = pathlib.Path(name).name
            print(f"| x{scale} | {name} | {psnr:.2f} | {ssim:.4f} | {gain:+.2f} | {scores.texture} |", flush=True)
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
