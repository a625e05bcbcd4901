"""Builds the network that a state dict holds, from its shapes alone."""

from .checkpoint import CheckpointError
from .network import Gpen


def describe(state, residual=None):
    """Gpen's arguments for this state dict. The residual leaves no trace in the shapes: `residual`
    says it, and by default a network behind a pixel unshuffle (ours) has it."""
    try:
        first, constant = state["ecd0.0.0.weight"], state["generator.input.input"]
        encoder_levels = len({name.split(".")[0] for name in state if name.startswith("ecd")})
        mapping_layers = sum(name.startswith("generator.style.") and name.endswith(".weight")
                             for name in state)
        style_width = state["final_linear.0.weight"].shape[0]
    except KeyError as error:
        raise CheckpointError("expected a GPEN state dict (ecd0.0.0.weight, "
                              f"generator.input.input, ...), found none: {error} is missing"
                              ) from None
    unshuffle = round((first.shape[1] / 3) ** 0.5)
    trunk = 2 ** (encoder_levels + 1)
    narrow = constant.shape[1] / 512
    multiplier = first.shape[0] / (16384 // trunk * narrow) if trunk > 32 else 1
    return dict(size=trunk * unshuffle, narrow=narrow, multiplier=multiplier, unshuffle=unshuffle,
                residual=unshuffle > 1 if residual is None else residual,
                style_width=style_width, mapping_layers=mapping_layers)


def build(state, residual=None):
    network = Gpen(**describe(state, residual))
    mismatch = network.load_state_dict(state, strict=False)
    if mismatch.missing_keys or mismatch.unexpected_keys:
        raise CheckpointError(f"the state dict is not a GPEN of size {network.size}: missing "
                              f"{mismatch.missing_keys[:4]}, unknown {mismatch.unexpected_keys[:4]}")
    return network


def put_behind_unshuffle(state, factor=2):
    """A network for size s becomes the trunk of one for size s·factor behind a pixel unshuffle,
    which at first does to the shrunk picture what it did before."""
    copies = factor * factor
    state = dict(state)
    for name, tensor in state.items():
        if name == "ecd0.0.0.weight":  # the sum over the copies stays, through the new scale too
            state[name] = tensor.repeat_interleave(copies, 1) / copies ** 0.5
        elif ".to_rgb" in name and (name.endswith("conv.weight") or name.endswith(".bias")
                                    and "modulation" not in name):
            state[name] = tensor.repeat_interleave(copies, 1)
    return state
