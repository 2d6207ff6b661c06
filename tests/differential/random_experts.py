"""Random mixtures of experts, and what they come to in float64."""

import numpy as np

from workloads.kinds.experts.layer import CompressedExpert
from workloads.kinds.experts.router import draw_choice
from zeroskip import load_workload


def drawn_experts(formats, size, floats, rng):
    """Experts of arrays; size: draws a size up to a number, floats: draws numbers of a shape."""
    tokens, chosen, inputs, width = int(rng.integers(1, 7)), int(rng.integers(1, 4)), size(rng, 90), size(rng, 40)
    experts = chosen + int(rng.integers(0, 5))
    routing = str(rng.choice(["uniform", "zipf:1", "every"]))
    arrays = {
        "activation": floats(rng, tokens, inputs),
        "choice": draw_choice(tokens, experts, chosen, routing, rng),
        "share": floats(rng, tokens, chosen),
        "up": floats(rng, experts, width, inputs),
        "down": floats(rng, experts, inputs, width),
    }
    if rng.random() < 0.5:
        arrays["gate"] = floats(rng, experts, width, inputs)
    return load_workload(arrays, density=None if rng.random() < 0.5 else 0.4, formats=formats).layer


def with_any_words(layer, with_any_codes, rng):
    """The layer with matrices and tokens of all patterns of bits, where weights are not two of four."""
    layer = layer._replace(activation=with_any_codes(layer.activation, rng))
    if layer.two_of_four:
        return layer
    weights = (
        CompressedExpert(*(None if one is None else with_any_codes(one, rng) for one in expert))
        for expert in layer.weights
    )
    return layer._replace(weights=tuple(weights))


def experts_and_bounds(layer):
    """The output in float64, and how far each may be from it: both float64 [tokens x inputs].

    Of sums of absolute values, products lose at most a 64th with decoded weights; a number of 8 bits or less between
    the matrices may lose half of the greatest one of its tensor, or be zero in its place. Of numbers beyond FP16, and
    near the largest of FP32, nothing is asked.
    """
    wanted, apart = np.zeros((2, layer.tokens, layer.inputs))
    tokens = layer.activation.values()
    least, greatest = (2.0**-24, 6e4) if layer.activation.form.name == "fp16" else (1e-36, 1e37)
    narrow = 0.5 if layer.activation.form.bits <= 8 else 2.0**-8
    for expert, matrices in zip(np.unique(layer.choice), layer.weights, strict=True):
        mine, place = np.nonzero(layer.choice == expert)
        share = layer.share[mine, place].astype(float)[:, None]
        up, down = matrices.up.values(), matrices.down.values()
        sums, most = tokens[mine] @ up.T, np.abs(tokens[mine]) @ np.abs(up).T
        if matrices.gate is None:
            hidden, most = np.maximum(sums, 0) ** 2, most**2
        else:
            gate = matrices.gate.values()
            left = tokens[mine] @ gate.T
            hidden = left / (1 + np.exp(-left.clip(-500, 500))) * sums
            most = most * (np.abs(tokens[mine]) @ np.abs(gate).T)
        wanted[mine] += share * (hidden @ down.T)
        lost = 2.0**-5 * most + narrow * most.max(initial=0) + least
        apart[mine] += np.abs(share) * (lost @ np.abs(down).T)
        apart[mine] += np.where(most.max(axis=1, initial=0) > greatest, np.inf, 0)[:, None]
    return wanted.ravel(), apart.ravel() * (1 + 2.0**-6) + 1e-30
