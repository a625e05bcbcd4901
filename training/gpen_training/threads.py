"""How a thread that computes is set up; each thread and each process does it before it begins."""

import numpy as np
import torch


def set_up(threads=1):
    """`threads`: that share one operation. Numbers too small for a normalised float32 (denormals)
    count as zero from here on: with them a processor takes up to a hundred times as long."""
    for kind in (np.float32, np.float64):
        np.finfo(kind)  # looked up before: it would warn that the smallest denormal is zero
    torch.set_flush_denormal(True)  # first: threads that start later inherit it
    torch.set_num_threads(threads)
