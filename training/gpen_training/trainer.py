"""One step of training: a batch in, better weights and their running average out. Each thread takes
its own part of the batch through the networks with one-thread operations: threads that wait for
each other inside every operation are several times slower as soon as something else runs on the
machine. The same state and the same batches give the same weights, bit by bit."""

import concurrent.futures
import dataclasses
import math

import torch

from . import losses
from .discriminator import Discriminator

STEEPNESS_EVERY = 8  # steps; the weight is multiplied to make up for it


def channels_last(network):
    for parameter in network.parameters():
        if parameter.dim() == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return network


def finite_step(optimizer, parameters, gradients, rate):
    """Clips and steps. False, and no step, if a gradient is not finite."""
    for parameter, gradient in zip(parameters, gradients):
        parameter.grad = gradient
    norm = torch.nn.utils.clip_grad_norm_(parameters, 1.0, foreach=True)
    if not torch.isfinite(norm):
        return False
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.step()
    return True


def mean_over_parts(parts):
    total = parts[0]
    for part in parts[1:]:
        torch._foreach_add_(total, part)
    torch._foreach_div_(total, len(parts))
    return total


class Trainer:
    """`identity`: an Identity, needed only if a setting weighs it. `last_image`: where the
    learning rate has fallen to its end; None if it does not fall."""

    def __init__(self, network, settings, identity=None, last_image=None):
        self.settings, self.identity, self.last_image = settings, identity, last_image
        self.network = channels_last(network)
        self.parameters = list(network.parameters())
        self.average = [parameter.detach().clone() for parameter in self.parameters]
        self.optimizer = torch.optim.Adam(self.parameters, lr=settings.rate, betas=(0.9, 0.99),
                                          fused=True)
        self.discriminator = None
        if settings.adversarial or settings.feature_matching:
            generator_state = torch.random.get_rng_state()
            torch.manual_seed(settings.seed)
            self.discriminator = channels_last(Discriminator())
            torch.random.set_rng_state(generator_state)
            self.discriminator_parameters = list(self.discriminator.parameters())
            self.discriminator_optimizer = torch.optim.Adam(
                self.discriminator_parameters, lr=settings.discriminator_rate, betas=(0.0, 0.99),
                fused=True)
        self.dtype = getattr(torch, settings.precision)
        self.images = self.step_number = 0
        self.pool = concurrent.futures.ThreadPoolExecutor(settings.threads)

    def step(self, photos, faces, teacher=None):
        """One batch; `teacher`: its pictures for these photos. Returns the values for the log."""
        threads = self.settings.threads
        teachers = teacher.chunk(threads) if teacher is not None else [None] * threads
        parts = list(self.pool.map(self._part, range(threads), photos.chunk(threads),
                                   faces.chunk(threads), teachers))
        values = {name: sum(float(part[2][name]) for part in parts) / threads
                  for name in parts[0][2]}
        self.images += len(photos)
        self.step_number += 1
        rise = self.step_number * len(photos) / max(1, self.settings.warmup)
        factor = min(1, rise) * self._fall()
        stepped = finite_step(self.optimizer, self.parameters,
                              mean_over_parts([part[0] for part in parts]),
                              self.settings.rate * factor)
        if self.discriminator is not None:
            stepped &= finite_step(self.discriminator_optimizer, self.discriminator_parameters,
                                   mean_over_parts([part[1] for part in parts]),
                                   self.settings.discriminator_rate * factor)
        values["not finite"] = 0.0 if stepped else 1.0
        self._update_average(len(photos))
        return values

    def _fall(self):
        if not self.last_image:
            return 1
        done = min(1, self.images / self.last_image)
        end = self.settings.rate_end
        return end + (1 - end) * 0.5 * (1 + math.cos(math.pi * done))

    def _update_average(self, images):
        # A young average forgets its start sooner.
        half_life = min(self.settings.half_life, max(100, self.step_number * images / 4))
        with torch.no_grad():
            torch._foreach_lerp_(self.average, [p.detach() for p in self.parameters],
                                 1 - 0.5 ** (images / half_life))

    def _part(self, number, photos, faces, teacher):
        """(gradients of the network, of the discriminator or None, values of the losses)"""
        torch.set_num_threads(1)  # holds for this thread alone
        weights, dtype = self.settings, self.dtype
        restored = self.network(photos, dtype)
        target = faces
        if teacher is not None:
            if weights.teacher_sharpen:
                teacher = losses.as_sharp_as(teacher, faces, weights.teacher_sharpen)
            target = faces + weights.teacher_share * (teacher - faces)
        terms = {name: getattr(losses, name)(restored, aim) for name, aim
                 in (("absolute", target), ("gradient", target), ("chroma", target),
                     ("grid", faces), ("low_frequency", target), ("texture", target))
                 if getattr(weights, name)}
        if weights.identity or weights.perceptual:
            terms["identity"], terms["perceptual"] = self.identity.compare(restored, faces, dtype)
        if self.discriminator is not None:
            restored_verdicts, restored_features = self.discriminator(restored, dtype)
            face_verdicts, face_features = self.discriminator(faces, dtype)
            terms["adversarial"] = losses.deceive(restored_verdicts)
            terms["feature_matching"] = losses.feature_matching(
                restored_features, [feature.detach() for feature in face_features])
        total = sum(getattr(weights, name) * term for name, term in terms.items())
        gradients = torch.autograd.grad(total, self.parameters,
                                        retain_graph=self.discriminator is not None)
        own_gradients = None
        if self.discriminator is not None:
            terms["discriminator"] = losses.detect(restored_verdicts, face_verdicts)
            own_total = terms["discriminator"]
            if self.step_number % STEEPNESS_EVERY == 0:
                own_total = own_total + STEEPNESS_EVERY * weights.steepness * losses.steepness(
                    self.discriminator, faces, face_verdicts, self._noise(number, faces), dtype)
            own_gradients = list(torch.autograd.grad(own_total, self.discriminator_parameters))
        return (list(gradients), own_gradients,
                {name: term.detach() for name, term in terms.items()})

    def _noise(self, part, like):
        random = torch.Generator().manual_seed(
            hash((self.settings.seed, self.step_number, part)) % 2 ** 63)
        return torch.randn(like.shape, generator=random)

    def averaged_state(self):
        """The state dict of the running average."""
        state = {name: tensor.clone() for name, tensor in self.network.state_dict().items()}
        for (name, _), tensor in zip(self.network.named_parameters(), self.average):
            state[name] = tensor.clone()
        return state

    def state(self):
        state = {"network": self.network.state_dict(), "average": self.averaged_state(),
                 "optimizer": self.optimizer.state_dict(), "images": self.images,
                 "step": self.step_number, "settings": dataclasses.asdict(self.settings),
                 "residual": self.network.residual}
        if self.discriminator is not None:
            state["discriminator"] = self.discriminator.state_dict()
            state["discriminator_optimizer"] = self.discriminator_optimizer.state_dict()
        return state

    def load(self, state):
        """Continues exactly where `state` was taken. A run without a discriminator may go on with
        one, which then starts untrained."""
        self.network.load_state_dict(state["network"])
        for (name, _), tensor in zip(self.network.named_parameters(), self.average):
            tensor.copy_(state["average"][name])
        self.optimizer.load_state_dict(state["optimizer"])
        self.images, self.step_number = state["images"], state["step"]
        if self.discriminator is not None and "discriminator" in state:
            self.discriminator.load_state_dict(state["discriminator"])
            self.discriminator_optimizer.load_state_dict(state["discriminator_optimizer"])
