"""One step of training: a batch in, better weights and their running average out. Each thread takes
its own part of the batch through the networks with one-thread operations: threads that wait for
each other inside every operation are several times slower as soon as something else runs on the
machine. The same state and the same batches give the same weights, bit by bit."""

import concurrent.futures
import dataclasses
import functools
import math

import torch

from . import losses, processor, threads, views
from .adversary import Adversary
from .optimizing import adam, channels_last, finite_step, mean_over_parts

WEIGH_EVERY = 8  # steps; how a balanced loss's gradient compares with that of the others
TEXTURE, STEEPNESS, ADVERSARY = range(3)  # purposes of random numbers; those of later adversaries follow


@dataclasses.dataclass
class Part:
    """What one thread found out on its part of a batch."""
    gradients: list
    adversary_gradients: dict  # of each adversary
    values: dict  # of the losses, for the log
    last_layer: dict  # gradients there: of each balanced loss, and of all others under None


# What the log calls an adversary's own loss, by the network's side of the game.
TELLING = {"adversarial": "discriminator", "component_adversarial": "component_discriminator"}
BALANCED = ["texture", *TELLING]


class BalancedWeight:
    """The weight of a loss whose gradient at the network's last layer is to be `share` times as large
    as that of all losses that are not balanced. It follows their `ratio` slowly, within bounds."""

    FOLLOW, BOUNDS = 0.03, (0.01, 15.0)

    def __init__(self, share):
        self.share, self.ratio = share, None

    def measured(self, gradient, others):
        """The ratio, within its bounds; not a number if a gradient is none."""
        low, high = self.BOUNDS
        ratio = (others.norm() / gradient.norm().clamp_min(1e-12)).item()
        return min(max(ratio, low), high)

    def follow(self, gradient, others):
        ratio = self.measured(gradient, others)
        if math.isfinite(ratio):
            self.ratio = ratio if self.ratio is None \
                else self.ratio + self.FOLLOW * (ratio - self.ratio)


class Trainer:
    """`identity`: an Identity, needed only if a setting weighs it. `device`: where all of it is
    computed, on a GPU in one part."""

    def __init__(self, network, settings, identity=None, device="cpu"):
        self.settings, self.identity = settings, identity
        self.device, self.parts = device, settings.threads if device == "cpu" else 1
        self.network = channels_last(network.to(device))
        self.parameters = list(network.parameters())
        self.average = [parameter.detach().clone() for parameter in self.parameters]
        self.optimizer = adam(self.parameters, settings.rate, (0.9, 0.99))
        self.adversaries = {name: Adversary(view, settings, device)
                            for name, view in self._views().items()}
        self.balanced = {name: BalancedWeight(getattr(settings, name))
                         for name in BALANCED if getattr(settings, name)}
        self.dtype = processor.dtype(settings.precision, device)
        self.images = self.step_number = 0
        self.pool = concurrent.futures.ThreadPoolExecutor(self.parts,
                                                          initializer=threads.set_up)

    def _views(self):
        """What each adversary that is wanted sees, by the network's side of the game."""
        found = {}
        if self.settings.adversarial or self.settings.feature_matching:
            found["adversarial"] = views.part
        if self.settings.component_adversarial:
            found["component_adversarial"] = functools.partial(views.eyes_and_mouth,
                                                               template=self.settings.template)
        return found

    def step(self, photos, faces, teacher=None, skin=None, done=0.0):
        """One batch; `teacher`: its pictures for these photos; `skin`: 1 where the face shows some;
        `done`: share of the training that is over, on which the learning rate depends. Returns the
        values for the log."""
        count = self.parts
        parts = list(self.pool.map(self._part, range(count), *(
            [None] * count if pictures is None else pictures.to(self.device).chunk(count)
            for pictures in (photos, faces, teacher, skin))))
        values = {name: sum(float(part.values[name]) for part in parts) / count
                  for name in parts[0].values}
        self._follow([part.last_layer for part in parts])
        self.images += len(photos)
        self.step_number += 1
        rise = self.step_number * len(photos) / max(1, self.settings.warmup)
        factor = min(1, rise) * self._fall(done)
        stepped = finite_step(self.optimizer, self.parameters,
                              mean_over_parts([part.gradients for part in parts]),
                              self.settings.rate * factor)
        for name, adversary in self.adversaries.items():
            stepped &= adversary.step(mean_over_parts([part.adversary_gradients[name] for part in parts]),
                                      factor)
        values["not finite"] = 0.0 if stepped else 1.0
        self._update_average(len(photos))
        return values

    def _fall(self, done):
        begin, end = self.settings.fall_from, self.settings.rate_end
        share = min(1, max(0, done - begin) / (1 - begin))
        return end + (1 - end) * 0.5 * (1 + math.cos(math.pi * share))

    def _update_average(self, images):
        # A young average forgets its start sooner.
        half_life = min(self.settings.half_life, max(100, self.step_number * images / 4))
        keep = 0.5 ** (images / half_life)
        torch._foreach_mul_(self.average, keep)
        torch._foreach_add_(self.average, [p.detach() for p in self.parameters], alpha=1 - keep)

    def _part(self, number, photos, faces, teacher, skin):
        weights, dtype = self.settings, self.dtype
        restored = self.network(photos, dtype)
        picture = restored.detach().requires_grad_()  # each loss goes back to here, once
        target = faces if teacher is None else faces + weights.teacher_share * (teacher - faces)
        terms = {name: getattr(losses, name)(picture, aim) for name, aim
                 in (("absolute", target), ("gradient", target), ("chroma", target),
                     ("grid", faces), ("low_frequency", target)) if getattr(weights, name)}
        if skin is not None and weights.skin_colour:
            terms["skin_colour"] = losses.skin_colour(picture, faces, skin)
        if weights.identity or weights.perceptual:
            terms["identity"], terms["perceptual"] = self.identity.compare(picture, faces, dtype)
        looks = {name: adversary.look(picture, faces, self._random(number, ADVERSARY + 2 * at), dtype)
                 for at, (name, adversary) in enumerate(self.adversaries.items())}
        for name, look in looks.items():
            terms[name] = look.deceive()
        if weights.feature_matching:
            terms["feature_matching"] = looks["adversarial"].feature_matching()
        if weights.texture:
            terms["texture"] = losses.texture(picture, target, self._random(number, TEXTURE))
        gradients, last_layer = self._gradients(restored, picture, terms)
        own_gradients = {}
        for at, (name, look) in enumerate(looks.items()):
            telling, own_gradients[name] = self.adversaries[name].loss(
                look, self.step_number, self._random(number, STEEPNESS + 2 * at), dtype)
            terms[TELLING[name]] = telling
        return Part(list(gradients), own_gradients,
                    {name: term.detach() for name, term in terms.items()}, last_layer)

    def _gradients(self, restored, picture, terms):
        """Of the parameters, and now and then those at the last layer that balance the weights."""
        plain = sum(getattr(self.settings, name) * term for name, term in terms.items()
                    if name not in self.balanced)
        keep = bool(self.adversaries)
        slopes = {None: torch.autograd.grad(plain, picture, retain_graph=keep)[0]}
        for name in self.balanced:
            slopes[name], = torch.autograd.grad(terms[name], picture, retain_graph=keep)
        last_layer = {}
        if self.step_number % WEIGH_EVERY == 0 or any(
                weight.ratio is None for weight in self.balanced.values()):
            last_layer = {name: torch.autograd.grad(restored, self.network.last_layer(), slope,
                                                    retain_graph=True)[0]
                          for name, slope in slopes.items()}
        slope = slopes[None]
        for name, weight in self.balanced.items():
            ratio = weight.ratio
            if ratio is None:
                ratio = weight.measured(last_layer[name], last_layer[None])
            slope = slope + weight.share * self._rise(name) * ratio * slopes[name]
        return torch.autograd.grad(restored, self.parameters, slope), last_layer

    def _rise(self, name):
        return self.adversaries[name].rise(self.images) if name in self.adversaries else 1.0

    def _follow(self, parts):
        if parts[0]:
            means = {name: mean_over_parts([[part[name]] for part in parts])[0] for name in parts[0]}
            for name, weight in self.balanced.items():
                weight.follow(means[name], means[None])

    def _random(self, part, purpose):
        return torch.Generator().manual_seed(
            hash((self.settings.seed, self.step_number, part, purpose)) % 2 ** 63)

    def averaged_state(self):
        """The state dict of the running average."""
        state = {name: tensor.clone() for name, tensor in self.network.state_dict().items()}
        for (name, _), tensor in zip(self.network.named_parameters(), self.average):
            state[name] = tensor.clone()
        return state

    def state(self):
        return {"network": self.network.state_dict(), "average": self.averaged_state(),
                 "optimizer": self.optimizer.state_dict(), "images": self.images,
                 "step": self.step_number, "settings": dataclasses.asdict(self.settings),
                 "ratios": {name: weight.ratio for name, weight in self.balanced.items()},
                 "residual": self.network.residual,
                 "adversaries": {name: adversary.state()
                                 for name, adversary in self.adversaries.items()}}

    def load(self, state):
        """Continues exactly where `state` was taken. An adversary that is new to the run starts untrained."""
        self.network.load_state_dict(state["network"])
        for (name, _), tensor in zip(self.network.named_parameters(), self.average):
            tensor.copy_(state["average"][name])
        self.optimizer.load_state_dict(state["optimizer"])
        self.images, self.step_number = state["images"], state["step"]
        for name, weight in self.balanced.items():
            weight.ratio = state.get("ratios", {}).get(name)
        for name, adversary in self.adversaries.items():
            adversary.begun = self.images
            if name in state.get("adversaries", {}):
                adversary.load(state["adversaries"][name])
