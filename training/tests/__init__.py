import os

from gpen_training import environment

# As the commands set it for themselves (but for malloc, which would need a restart): with threads that
# spin while they wait, the tests take many times as long beside other work.
os.environ.update(environment.WANTED)

import torch  # noqa: E402  after its environment

torch.set_num_threads(1)
