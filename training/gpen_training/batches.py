"""Degraded batches, made by processes of their own. Batch number k depends on the seed and k alone,
so that a resumed training sees exactly the batches that it would have seen."""

import atexit
import contextlib
import multiprocessing
import os
import queue
import signal

import cv2
import numpy as np
import torch

from .degradation import degrade


def make_batch(faces, size, seed, number):
    """uint8 (photos, faces) of batch `number`."""
    random = np.random.default_rng([seed, number])
    pairs = [degrade(faces[index], random) for index in random.integers(0, len(faces), size)]
    return np.stack([pair[0] for pair in pairs]), np.stack([pair[1] for pair in pairs])


def to_tensor(pictures):
    """uint8 N x H x W x 3 to float32 in [-1, 1], N x 3 x H x W, channels last."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 127.5 - 1


def to_pictures(tensor):
    rounded = ((tensor.detach().float() + 1) * 127.5).round().clamp(0, 255).byte()
    return rounded.permute(0, 2, 3, 1).contiguous().numpy()


def _put(output, batch, parent):
    """False if the parent has died (was killed) meanwhile: nobody would take the batch, ever."""
    while os.getppid() == parent:
        with contextlib.suppress(queue.Full):
            output.put(batch, timeout=2)
            return True
    output.cancel_join_thread()
    return False


def _work(output, faces, size, seed, first, stride, repeat, parent):
    for number in (signal.SIGINT, signal.SIGTERM):  # may go to the whole group: the parent decides
        signal.signal(number, signal.SIG_IGN)
    cv2.setNumThreads(1)
    os.nice(1)
    number = first
    while _put(output, make_batch(faces, size, seed, number % repeat if repeat else number), parent):
        number += stride


class Batches:
    """Yields batches from number `first` on; `repeat`: only so many different ones. Close it (or
    use `with`) to end its processes."""

    def __init__(self, faces, size, seed, first, workers=1, repeat=None):
        context = multiprocessing.get_context("fork")
        self._queues = [context.Queue(maxsize=max(1, 4 // workers)) for _ in range(workers)]
        self._processes = [
            context.Process(target=_work, daemon=True,
                            args=(output, faces, size, seed, first + index, workers, repeat,
                                  os.getpid()))
            for index, output in enumerate(self._queues)]
        self._next = 0
        for process in self._processes:
            process.start()
        atexit.register(self.close)  # what multiprocessing sends at the end is ignored by them

    def __iter__(self):
        return self

    def __next__(self):
        turn = self._next % len(self._queues)
        self._next += 1
        while True:
            try:
                photos, faces = self._queues[turn].get(timeout=10)
                return to_tensor(photos), to_tensor(faces)
            except queue.Empty:
                if not self._processes[turn].is_alive():
                    raise RuntimeError("the process that degrades faces has died (out of "
                                       "memory?): resume the training") from None

    def close(self):
        atexit.unregister(self.close)
        for process in self._processes:
            process.kill()
        for process in self._processes:
            process.join()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
