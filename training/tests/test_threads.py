"""Every thread and process that computes takes denormal numbers for zero."""

import concurrent.futures
import subprocess
import sys
import unittest
from unittest import mock

import numpy as np
import torch

from gpen_training import batches, threads
from gpen_training.network import Gpen
from gpen_training.settings import Settings
from gpen_training.trainer import Trainer

# Wide enough to be shared by all threads of an operation.
SHARED = "torch.full((1 << 20,), 1e-30) * 1e-10"


def flushes(_=None):
    return not (torch.full((64,), 1e-30) * 1e-10).count_nonzero().item()


class Backward(torch.autograd.Function):
    """Says through its gradient whether the thread of the backward pass flushes."""

    @staticmethod
    def forward(context, value):
        return value.clone()

    @staticmethod
    def backward(context, gradient):
        return gradient * flushes()


@unittest.skipUnless(torch.set_flush_denormal(True), "SKIPPED LOUDLY: this processor cannot flush")
class ThreadsTest(unittest.TestCase):
    def setUp(self):
        torch.set_flush_denormal(False)  # else new threads would inherit it from this one
        self.addCleanup(threads.set_up)

    def test_without_it_they_stay(self):
        self.assertFalse(flushes())

    def test_both_parts_of_a_batch_and_their_backward_pass(self):
        def backward(_):
            value = torch.ones(1, requires_grad=True)
            return torch.autograd.grad(Backward.apply(value), value)[0].item() == 1
        trainer = Trainer(Gpen(32, 0.125, unshuffle=2), Settings(batch=4))
        for question in (flushes, backward):
            self.assertEqual(list(trainer.pool.map(question, range(4))), [True] * 4)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:  # the question can be answered no
            self.assertEqual(list(pool.map(backward, range(1))), [False])

    def test_processes_that_degrade(self):
        def make_batch(*_):
            pictures = np.full((1, 1, 1, 3), 255 * flushes(), np.uint8)
            return pictures, pictures
        with mock.patch.object(batches, "make_batch", make_batch), \
                batches.Batches(np.zeros((1, 1, 1, 3), np.uint8), 1, 1, 0) as stream:
            self.assertEqual(next(stream)[0].min().item(), 1)

    def test_all_threads_of_an_operation(self):
        program = (f"import torch\nfrom gpen_training import threads\nthreads.set_up(2)\n"
                   f"raise SystemExit(bool(({SHARED}).count_nonzero()))")
        self.assertEqual(subprocess.run([sys.executable, "-c", program]).returncode, 0)


if __name__ == "__main__":
    unittest.main()
