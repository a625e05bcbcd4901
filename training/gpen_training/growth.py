"""A network for twice the size, grown out of a smaller one of the same kind behind a pixel unshuffle. The
inner levels are taken over as they are, the last level of the generator begins nearly silent, and the
two outer levels of the encoder are fitted to give what the smaller network's first one gave."""

import torch
import torch.nn.functional as F

from . import architecture
from .network import Gpen

SILENCE = 0.02  # factor of the new level's picture
RATE, STEPS = 4e-3, 250
FIRST_BATCH = 1 << 32  # far behind those of the training


def grow(smaller):
    """The network for twice the size, its encoder not fitted yet."""
    shape = architecture.describe(smaller.state_dict(), smaller.residual)
    network = Gpen(**{**shape, "size": 2 * shape["size"]})
    state = network.state_dict()
    for name, value in smaller.state_dict().items():
        level, _, rest = name.partition(".")
        if level == "ecd0":
            continue
        if level.startswith("ecd"):
            name = f"ecd{int(level[3:]) + 1}.{rest}"
        state[name] = value
    network.load_state_dict(state)
    with torch.no_grad():
        network.last_layer().mul_(SILENCE)
    return network


def fit_encoder(network, smaller, batches, steps, dtype=torch.float32):
    """Returns the error, as a share of what is to be given."""
    parameters = [*network.ecd0.parameters(), *network.ecd1.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=RATE, betas=(0.9, 0.99))
    error = torch.tensor(float("nan"))
    for _ in range(steps):
        photos = next(batches)[0]
        with torch.no_grad():
            shrunk = F.pixel_unshuffle(F.avg_pool2d(photos, 2).to(dtype), smaller.unshuffle)
            aim = smaller.ecd0(shrunk).float()
        given = network.ecd1(network.ecd0(F.pixel_unshuffle(photos.to(dtype), network.unshuffle)))
        error = (given.float() - aim).square().mean() / aim.square().mean()
        for parameter, gradient in zip(parameters, torch.autograd.grad(error, parameters)):
            parameter.grad = gradient
        optimizer.step()
    for parameter in parameters:
        parameter.grad = None
    return error.item()
