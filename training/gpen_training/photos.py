"""The training photos: a folder of pictures of any size, every 25th of which is held out, and batches of patches of
them. Batch number k depends on the seed and k alone."""

import atexit
import multiprocessing
import os
import queue
import signal

import cv2
import numpy as np
import torch

from . import bicubic, faces, photo_degradation, threads

LEAST = 128  # pixels of a side
MOST_MIRRORED = 32  # pixels beyond a photo: see kMostMirrored of src/restore/photo_strips.cc


def load(folder, unit):
    """(for training, held out): uint8 pictures, cut to whole multiples of `unit`."""
    paths = faces.list_pictures(folder)
    pictures = []
    for path in paths:
        picture = faces.read_picture(path)
        height, width = (length // unit * unit for length in picture.shape[:2])
        pictures.append(np.ascontiguousarray(picture[:height, :width]))
    training, held_out = ([pictures[index] for index in part] for part in faces.split(len(paths)))
    return [picture for picture in training if min(picture.shape[:2]) >= LEAST], held_out


def halved(pictures, unit):
    """Reduced to a half, which is sharper than what a camera or its JPEG gives at full size."""
    made = []
    for picture in pictures:
        small = bicubic.to_bytes(bicubic.resize(picture, 0.5))
        height, width = (length // unit * unit for length in small.shape[:2])
        if min(height, width) >= 2 * LEAST:
            made.append(np.ascontiguousarray(small[:height, :width]))
    return made


def continued(photo, network):
    """(uint8 RGB `photo` of any size, continued beyond its border by mirroring as far as `network` sees, MOST_MIRRORED
    at most, and to sides that are multiples of its unit; how many pixels lie before it), as in use."""
    unit = network.unit
    margin = -(-min(network.reach, MOST_MIRRORED) // unit) * unit
    sides = [(margin, margin + -length % unit) for length in photo.shape[:2]]
    return np.pad(photo, (*sides, (0, 0)), mode="symmetric"), margin


def turned(picture, turn):
    picture = picture[:, ::-1] if turn & 4 else picture
    return np.ascontiguousarray(np.rot90(picture, turn & 3))


class Pairs:
    """Patches of the pictures and of the photos that they are to be made of. `scales`: of a network, with shares;
    `side`: of a patch in pixels of the photo; `plain`: share of the pairs without flaws; `degrade`: as that of
    photo_degradation."""

    def __init__(self, pictures, scales, shares, side, count, seed, plain, degrade=photo_degradation.degrade):
        self.pictures, self.scales, self.shares, self.degrade = pictures, scales, shares, degrade
        self.side, self.count, self.seed, self.plain = side, count, seed, plain
        self.reduced = {scale: [bicubic.to_bytes(bicubic.resize(picture, 1 / scale)) for picture in pictures]
                        for scale in scales if scale > 1}

    def batch(self, number):
        """(scale, photos, pictures, amounts): uint8 N x H x W x 3, float32 N."""
        random = np.random.default_rng([self.seed, number])
        scale = int(random.choice(self.scales, p=self.shares))
        photos, targets, amounts = [], [], []
        while len(photos) < self.count:
            index = int(random.integers(len(self.pictures)))
            picture = self.pictures[index]
            reduced = self.reduced[scale][index] if scale > 1 else picture
            if min(reduced.shape[:2]) < self.side:
                continue
            top, left = (int(random.integers(length - self.side + 1)) for length in reduced.shape[:2])
            amount = photo_degradation.draw_amount(random, self.plain)
            small = reduced[top:top + self.side, left:left + self.side]
            large = picture[top * scale:(top + self.side) * scale, left * scale:(left + self.side) * scale]
            if scale == 1:
                large = small = photo_degradation.as_print(large, random)
            elif random.random() < 0.08:  # gray photos are common in albums
                large, small = (cv2.cvtColor(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
                                for part in (large, small))
            photo = self.degrade(large, small, scale, amount, random)
            turn = int(random.integers(8))
            photos.append(turned(photo, turn))
            targets.append(turned(large, turn))
            amounts.append(amount)
        return scale, np.stack(photos), np.stack(targets), np.asarray(amounts, np.float32)

    @staticmethod
    def as_tensors(batch):
        scale, photos, targets, amounts = batch
        return scale, to_tensor(photos), to_tensor(targets), torch.from_numpy(amounts)


def to_tensor(pictures):
    """uint8 N x H x W x 3 to float32 in [0, 1], N x 3 x H x W, channels last."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255


def _work(output, pairs, number, parent):
    for signal_number in (signal.SIGINT, signal.SIGTERM):  # may go to the whole group: the parent decides
        signal.signal(signal_number, signal.SIG_IGN)
    cv2.setNumThreads(1)
    threads.set_up()
    while os.getppid() == parent:
        batch = pairs.batch(number)
        while os.getppid() == parent:
            try:
                output.put(batch, timeout=2)
                break
            except queue.Full:
                pass
        number += 1
    output.cancel_join_thread()


class Batches:
    """Yields the batches of `pairs` (Pairs, RepairPairs) from number `first` on as tensors, made by a process of its
    own."""

    def __init__(self, pairs, first):
        self._as_tensors = pairs.as_tensors
        context = multiprocessing.get_context("fork")
        self._queue = context.Queue(maxsize=4)
        self._process = context.Process(target=_work, daemon=True, args=(self._queue, pairs, first, os.getpid()))
        self._process.start()
        atexit.register(self.close)

    def __iter__(self):
        return self

    def __next__(self):
        while True:
            try:
                return self._as_tensors(self._queue.get(timeout=2))
            except queue.Empty:
                if not self._process.is_alive():
                    raise RuntimeError("the process that makes the patches has died (out of memory?): "
                                       "resume the training") from None

    def close(self):
        atexit.unregister(self.close)
        self._process.kill()
        self._process.join()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
