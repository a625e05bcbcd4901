"""What a training run can be told, each with its default. Saved in its checkpoints."""

import argparse
import dataclasses
import math

from .templates import TEMPLATES

LOSSES = ["absolute", "gradient", "low_frequency", "chroma", "grid", "feature_matching",
          "identity", "perceptual"]  # beside texture and adversary, which are weighed against them


def setting(default, text):
    return dataclasses.field(default=default, metadata={"help": text})


@dataclasses.dataclass
class Settings:
    batch: int = setting(8, "images in a step")
    rate: float = setting(4e-3, "learning rate")
    rate_end: float = setting(1.0, "factor of the learning rate that it falls to, along a "
                                   "cosine, by the last of --images or --minutes")
    fall_from: float = setting(0.0, "share of --images or --minutes after which it begins to fall")
    warmup: int = setting(2000, "images over which the learning rate rises from nothing")
    half_life: int = setting(2500, "images after which a weight counts half in the average")
    seed: int = setting(1, "of the batches")
    template: str = setting("ffhq", "that the faces were cut by: ffhq or gpen")
    threads: int = setting(2, "parts of a batch that are computed side by side")
    precision: str = setting("auto", "bfloat16, float32 or auto: bfloat16 where the processor has "
                                     "instructions for it")
    absolute: float = setting(1.0, "weight of the mean absolute error")
    gradient: float = setting(1.0, "weight of the error of the gradients")
    low_frequency: float = setting(1.0, "weight of the error over 8x8 pixels")
    chroma: float = setting(0.0, "weight of the error of the colour apart from brightness")
    skin_colour: float = setting(1.0, "weight of the error of tone and colour over skin, where --parsing "
                                      "says where that is")
    grid: float = setting(0.0, "weight of patterns that alternate from pixel to pixel")
    texture: float = setting(2.0, "gradient of the texture loss at the network's last layer, as a "
                                  "multiple of that of all other losses; 0: none")
    adversarial: float = setting(0.0, "gradient of deceiving the discriminator, as --texture; 0: none")
    component_adversarial: float = setting(0.0, "the same, of one that sees the eyes and the mouth alone; 0: none")
    adversary_noise: float = setting(0.1, "deviation of the noise under which it sees pictures; 0: none, "
                                          "and all of each picture")
    adversary_warmup: int = setting(8000, "images over which it learns to tell; in the first quarter it "
                                          "asks for nothing, then for more and more")
    feature_matching: float = setting(0.0, "weight of the distance of its feature maps")
    steepness: float = setting(1.0, "weight of the discriminator's gradient penalty")
    discriminator_rate: float = setting(2e-3, "its learning rate")
    identity: float = setting(0.0, "weight of 1 - cosine of the identity network's vectors")
    perceptual: float = setting(0.0, "weight of the distance of its early feature maps")
    teacher_share: float = setting(0.5, "share of the teacher's picture in the target")

    def check(self):
        """A list of what is wrong with them; empty if nothing."""
        wrong = [f"--{name.replace('_', '-')}: expected a number of 0 or more, found {value}"
                 for name, value in dataclasses.asdict(self).items()
                 if isinstance(value, (int, float)) and not 0 <= value < math.inf]
        if self.threads < 1 or self.batch < 1 or self.batch % max(1, self.threads):
            wrong.append(f"--batch: expected a multiple of --threads ({self.threads}), found "
                         f"{self.batch}")
        if self.fall_from >= 1:
            wrong.append(f"--fall-from: expected a share below 1, found {self.fall_from}")
        if self.half_life == 0:
            wrong.append("--half-life: expected a number above 0, found 0")
        if self.precision not in ("auto", "bfloat16", "float32"):
            wrong.append(f"--precision: expected auto, bfloat16 or float32, found {self.precision}")
        if self.template not in TEMPLATES:
            wrong.append(f"--template: expected {' or '.join(TEMPLATES)}, found {self.template}")
        if not any(getattr(self, name) for name in LOSSES):
            wrong.append("expected a loss with a weight above 0 beside the texture, found none: give one "
                         "of " + ", ".join("--" + name.replace("_", "-") for name in LOSSES))
        return wrong


def add_arguments(parser: argparse.ArgumentParser):
    """A flag for each setting. Not given, it keeps the checkpoint's value or the default."""
    group = parser.add_argument_group("settings (a resumed run keeps its own unless told)")
    for field in dataclasses.fields(Settings):
        group.add_argument("--" + field.name.replace("_", "-"), type=field.type,
                           default=argparse.SUPPRESS, metavar=field.type.__name__.upper(),
                           help=f"{field.metadata['help']} [{field.default}]")


def from_arguments(arguments, base=None):
    """Settings of the command line over `base` (a checkpoint's) over the defaults."""
    known = {field.name for field in dataclasses.fields(Settings)}
    values = {name: value for name, value in (base or {}).items() if name in known}
    if values.get("texture") and base.keys() - known and "texture" not in vars(arguments):
        raise ValueError("expected a training of this version, found one whose --texture weighs the "
                         "amount of fine structure: give --texture anew (2, say), which is something else")
    if values.get("adversarial") and "adversary_noise" not in base and "adversarial" not in vars(arguments):
        raise ValueError("expected a training of this version, found one whose --adversarial is a weight and no share "
                         "of the gradient: give --adversarial anew (0.5, say), which is something else")
    values.update({name: value for name, value in vars(arguments).items() if name in known})
    return Settings(**values)
