"""The process's environment, which must be set before anything is loaded: the program starts itself
again with it."""

import os
import sys

GIGABYTE = 1 << 30
WANTED = {
    # Keep freed memory: mapping and clearing it anew at every step halves the speed. One arena,
    # since only the main one can hold large blocks.
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(8 * GIGABYTE),
    "MALLOC_TRIM_THRESHOLD_": str(16 * GIGABYTE),
    "MALLOC_TOP_PAD_": str(GIGABYTE // 4),
    # The threads of the trainer are the only ones: no waiting for each other inside operations.
    "OMP_WAIT_POLICY": "passive",
    "OPENBLAS_NUM_THREADS": "1",
}
MARK = "GPEN_TRAINING_ENVIRONMENT"


def without():
    """The environment of a process whose memory is to be measured."""
    return {name: value for name, value in os.environ.items() if name not in WANTED}


def ensure():
    if os.environ.get(MARK) == "set":
        return
    os.environ.update(WANTED)
    os.environ[MARK] = "set"
    os.execv(sys.executable, [sys.executable, "-m", "gpen_training", *sys.argv[1:]])
