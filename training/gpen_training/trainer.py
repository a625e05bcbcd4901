"""The training loop: batches in, a network and its running average out. Each thread takes its own
part of the batch through the network with one-thread operations: threads that wait for each other
inside every operation are several times slower as soon as something else runs on the machine."""

import concurrent.futures
import dataclasses
import time

import torch

from . import checkpoint, losses
from .network import Gpen


@dataclasses.dataclass
class Settings:
    batch: int = 16
    rate: float = 2e-3
    warmup: int = 2000
    half_life: int = 10000
    seed: int = 1
    threads: int = 2
    precision: str = "bfloat16"
    absolute: float = 1.0
    gradient: float = 1.0
    low_frequency: float = 1.0


def channels_last(network):
    for parameter in network.parameters():
        if parameter.dim() == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return network


class Trainer:
    def __init__(self, network, settings):
        self.settings = settings
        self.network = channels_last(network)
        self.parameters = list(network.parameters())
        self.average = [parameter.detach().clone() for parameter in self.parameters]
        self.optimizer = torch.optim.Adam(self.parameters, lr=settings.rate, betas=(0.9, 0.99),
                                          fused=True)
        self.dtype = getattr(torch, settings.precision)
        self.images = self.step_number = 0
        self.pool = concurrent.futures.ThreadPoolExecutor(settings.threads)

    def step(self, photos, faces):
        """One batch. Returns the losses' values for the log."""
        settings = self.settings
        parts = list(self.pool.map(self._part, photos.chunk(settings.threads),
                                   faces.chunk(settings.threads)))
        gradients, values = parts[0]
        for other_gradients, other_values in parts[1:]:
            torch._foreach_add_(gradients, other_gradients)
            values = {name: values[name] + other_values[name] for name in values}
        torch._foreach_div_(gradients, len(parts))
        values = {name: float(value) / len(parts) for name, value in values.items()}
        for parameter, gradient in zip(self.parameters, gradients):
            parameter.grad = gradient
        norm = torch.nn.utils.clip_grad_norm_(self.parameters, 1.0, foreach=True)
        self.images += len(photos)
        self.step_number += 1
        values["skipped"] = 0.0
        if not torch.isfinite(norm):
            values["skipped"] = 1.0
            return values
        for group in self.optimizer.param_groups:
            group["lr"] = settings.rate * min(1, self.step_number * settings.batch
                                              / max(1, settings.warmup))
        self.optimizer.step()
        # A young average forgets its start sooner.
        half_life = min(settings.half_life, max(100, self.step_number * settings.batch / 4))
        keep = 0.5 ** (len(photos) / half_life)
        with torch.no_grad():
            torch._foreach_lerp_(self.average, [p.detach() for p in self.parameters], 1 - keep)
        values["norm"] = norm.item()
        return values

    def _part(self, photos, faces):
        torch.set_num_threads(1)
        settings = self.settings
        restored = self.network(photos, self.dtype)
        values = {"absolute": losses.absolute(restored, faces),
                  "gradient": losses.gradient(restored, faces),
                  "low_frequency": losses.low_frequency(restored, faces)}
        total = sum(getattr(settings, name) * value for name, value in values.items())
        gradients = torch.autograd.grad(total, self.parameters)
        return list(gradients), {name: value.detach() for name, value in values.items()}

    def averaged_state(self):
        names = [name for name, _ in self.network.named_parameters()]
        state = {name: tensor.clone() for name, tensor in self.network.state_dict().items()}
        state.update(zip(names, [tensor.clone() for tensor in self.average]))
        return state

    def state(self):
        return {"network": self.network.state_dict(), "average": self.averaged_state(),
                "optimizer": self.optimizer.state_dict(), "images": self.images,
                "step": self.step_number, "settings": dataclasses.asdict(self.settings)}

    def load(self, state):
        self.network.load_state_dict(state["network"])
        for (name, _), tensor in zip(self.network.named_parameters(), self.average):
            tensor.copy_(state["average"][name])
        self.optimizer.load_state_dict(state["optimizer"])
        self.images, self.step_number = state["images"], state["step"]
