"""What this machine's processors are good at."""

import pathlib
import re

import torch

from .errors import TrainingError

DEVICES = ["cpu", "cuda"]
PRECISIONS = ["auto", "bfloat16", "float32"]
CPU_INFO = pathlib.Path("/proc/cpuinfo")
# Before, its transposed convolutions of bfloat16 fail on CPUs.
FIRST_TORCH_WITH_BFLOAT16 = 2
BFLOAT16_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}  # x86, x86, ARM


def has_bfloat16(information):
    """`information`: what CPU_INFO holds."""
    flags = re.search(r"^(?:flags|Features)\s*:(.*)$", information, re.MULTILINE)
    return flags is not None and bool(BFLOAT16_FLAGS & set(flags[1].split()))


def dtype(precision, device="cpu"):
    """The type for the inside of the networks. Where a CPU has to emulate bfloat16, it is many times
    slower than float32."""
    if precision == "auto":
        if device == "cuda":
            native = torch.cuda.is_bf16_supported()
        else:
            native = (int(torch.__version__.split(".")[0]) >= FIRST_TORCH_WITH_BFLOAT16 and CPU_INFO.exists() and
                      has_bfloat16(CPU_INFO.read_text()))
        precision = "bfloat16" if native else "float32"
    return getattr(torch, precision)


def add_precision(parser):
    parser.add_argument("--precision", choices=PRECISIONS, default="auto", help="of the layers; auto: bfloat16 where "
                        "the processor has it [auto]")


def layers_in(dtype):
    """Within it the layers of a network on the CPU compute with that type; their weights stay float32."""
    return torch.autocast("cpu", torch.bfloat16, enabled=dtype == torch.bfloat16)


def check(device):
    if device == "cuda" and not torch.cuda.is_available():
        raise TrainingError("expected a GPU that this PyTorch can use, found none (torch.cuda.is_available() "
                            "says no): install PyTorch's CUDA build and NVIDIA's driver, or leave out "
                            "--device cuda")
