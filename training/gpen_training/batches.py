"""Degraded batches, made by processes of their own. Batch number k depends on the seed and k alone,
so that a resumed training sees exactly the batches that it would have seen."""

import atexit
import concurrent.futures
import contextlib
import multiprocessing
import os
import queue
import signal

import cv2
import numpy as np
import torch

from . import threads
from .degradation import degrade


def make_batch(faces, size, seed, number, skin=None):
    """uint8 (photos, faces) of batch `number`, with SkinMaps of the faces also where there is skin."""
    random = np.random.default_rng([seed, number])
    made = [degrade(faces[index], random, mask=None if skin is None else skin[index])
            for index in random.integers(0, len(faces), size)]
    return tuple(map(np.stack, zip(*made)))


def to_tensor(pictures, device="cpu"):
    """uint8 N x H x W x 3 to float32 in [-1, 1], N x 3 x H x W, channels last."""
    return torch.from_numpy(pictures).to(device).permute(0, 3, 1, 2).float() / 127.5 - 1


def to_masks(masks, device="cpu"):
    """uint8 N x H x W to float32 N x 1 x H x W."""
    return torch.from_numpy(masks).to(device)[:, None].float()


def to_pictures(tensor):
    rounded = ((tensor.detach().float() + 1) * 127.5).round().clamp(0, 255).byte()
    return rounded.permute(0, 2, 3, 1).contiguous().cpu().numpy()


def _put(output, batch, parent):
    """False if the parent has died (was killed) meanwhile: nobody would take the batch, ever."""
    while os.getppid() == parent:
        with contextlib.suppress(queue.Full):
            output.put(batch, timeout=2)
            return True
    output.cancel_join_thread()
    return False


def _work(output, faces, skin, size, seed, first, stride, repeat, parent):
    for number in (signal.SIGINT, signal.SIGTERM):  # may go to the whole group: the parent decides
        signal.signal(number, signal.SIG_IGN)
    cv2.setNumThreads(1)
    threads.set_up()
    os.nice(1)
    number = first
    while _put(output, make_batch(faces, size, seed, number % repeat if repeat else number, skin),
               parent):
        number += stride


class Batches:
    """Yields batches from number `first` on, as (photos, faces, skin or None); `repeat`: only so many
    different ones; `skin`: SkinMaps of the faces. Close it (or use `with`) to end its processes. The
    next batch is on its way to the device while the last is computed with."""

    def __init__(self, faces, size, seed, first, workers=1, repeat=None, skin=None, device="cpu"):
        context = multiprocessing.get_context("fork")
        self._queues = [context.Queue(maxsize=max(1, 4 // workers)) for _ in range(workers)]
        self._processes = [
            context.Process(target=_work, daemon=True,
                            args=(output, faces, skin, size, seed, first + index, workers, repeat,
                                  os.getpid()))
            for index, output in enumerate(self._queues)]
        self._next, self._device, self._closed = 0, device, False
        for process in self._processes:
            process.start()
        self._fetcher = concurrent.futures.ThreadPoolExecutor(1, initializer=threads.set_up)
        self._fetched = self._fetcher.submit(self._fetch)
        atexit.register(self.close)  # what multiprocessing sends at the end is ignored by them

    def __iter__(self):
        return self

    def __next__(self):
        batch = self._fetched.result()
        self._fetched = self._fetcher.submit(self._fetch)
        return batch

    def _fetch(self):
        turn = self._next % len(self._queues)
        self._next += 1
        while not self._closed:
            try:
                photos, faces, *skin = self._queues[turn].get(timeout=0.5)
                return (to_tensor(photos, self._device), to_tensor(faces, self._device),
                        to_masks(*skin, self._device) if skin else None)
            except queue.Empty:
                if not self._processes[turn].is_alive():
                    raise RuntimeError("the process that degrades faces has died (out of "
                                       "memory?): resume the training") from None

    def close(self):
        atexit.unregister(self.close)
        self._closed = True
        self._fetcher.shutdown()
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.join()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
