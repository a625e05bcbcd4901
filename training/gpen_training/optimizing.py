"""Steps of the optimizer, of the network and of its adversaries."""

import math

import torch


def channels_last(network):
    for parameter in network.parameters():
        if parameter.dim() == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return network


def adam(parameters, rate, betas):
    """In one pass over memory, where this PyTorch can do that."""
    try:
        return torch.optim.Adam(parameters, lr=rate, betas=betas, fused=True)
    except RuntimeError:  # PyTorch 1.13 on a CPU
        return torch.optim.Adam(parameters, lr=rate, betas=betas)


def finite_step(optimizer, parameters, gradients, rate):
    """Clips and steps. False, and no step, if a gradient is not finite."""
    norm = torch.stack([gradient.norm() for gradient in gradients]).norm().item()
    if not math.isfinite(norm):
        return False
    if norm > 1:
        torch._foreach_mul_(gradients, 1 / norm)
    for parameter, gradient in zip(parameters, gradients):
        parameter.grad = gradient
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
