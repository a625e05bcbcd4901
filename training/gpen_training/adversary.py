"""A discriminator, what it sees of the pictures, and its own training beside the network's."""

import dataclasses

import torch

from . import losses, optimizing
from .discriminator import Discriminator

STEEPNESS_EVERY = 8  # steps; the weight is multiplied to make up for it


@dataclasses.dataclass
class Look:
    """What it saw of one part of a batch, and what it said to that."""
    true: torch.Tensor
    restored_verdicts: torch.Tensor
    face_verdicts: torch.Tensor
    restored_features: list
    face_features: list

    def deceive(self):
        return losses.deceive(self.restored_verdicts)

    def feature_matching(self):
        return losses.feature_matching(self.restored_features,
                                       [feature.detach() for feature in self.face_features])


class Adversary:
    """`view`: gives what is seen of (restored, faces, noise, random), the same places of both."""

    def __init__(self, view, settings, device):
        self.view, self.settings = view, settings
        generator_state = torch.random.get_rng_state()
        torch.manual_seed(settings.seed)
        self.discriminator = optimizing.channels_last(Discriminator().to(device))
        torch.random.set_rng_state(generator_state)
        self.parameters = list(self.discriminator.parameters())
        self.optimizer = optimizing.adam(self.parameters, settings.discriminator_rate, (0.0, 0.99))
        self.begun = 0  # images of the training at which it came

    def look(self, restored, faces, random, dtype):
        seen, true = self.view(restored, faces, self.settings.adversary_noise, random)
        return Look(true, *(part for pair in zip(self.discriminator(seen, dtype),
                                                 self.discriminator(true, dtype)) for part in pair))

    def loss(self, look, step, random, dtype):
        """Its own: of telling, and now and then of its steepness."""
        total = telling = losses.detect(look.restored_verdicts, look.face_verdicts)
        if step % STEEPNESS_EVERY == 0:
            noise = torch.randn(look.true.shape, generator=random).to(look.true.device)
            total = total + STEEPNESS_EVERY * self.settings.steepness * losses.steepness(
                self.discriminator, look.true, look.face_verdicts, noise, dtype)
        return telling, list(torch.autograd.grad(total, self.parameters))

    def step(self, gradients, factor):
        """False, and no step, if a gradient is not finite."""
        return optimizing.finite_step(self.optimizer, self.parameters, gradients,
                                      self.settings.discriminator_rate * factor)

    def rise(self, images):
        """The share of its say: what it asks for means nothing before it has learnt to tell."""
        seen = images - self.begun
        return min(1.0, max(0.0, seen / max(1, self.settings.adversary_warmup) - 0.25) / 0.75)

    def state(self):
        return {"discriminator": self.discriminator.state_dict(),
                "optimizer": self.optimizer.state_dict(), "begun": self.begun}

    def load(self, state):
        self.discriminator.load_state_dict(state["discriminator"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.begun = state["begun"]
