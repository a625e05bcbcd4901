import os
import unittest

from gpen_training import environment

# As the commands set it for themselves (but for malloc, which would need a restart): with threads that
# spin while they wait, the tests take many times as long beside other work.
os.environ.update(environment.WANTED)

import torch  # noqa: E402  after its environment

from gpen_training import threads  # noqa: E402

threads.set_up()

TORCH_2 = int(torch.__version__.split(".")[0]) >= 2
# With PyTorch 1.13, on Debian 12, the shorter part of the tests.
takes_minutes = unittest.skipUnless(TORCH_2, "left out with PyTorch 1.13, to be short")
reads_checkpoints = unittest.skipUnless(TORCH_2, "PyTorch 1.13 reads no numbers with weights_only")
