"""Normalisations among tensors that no layer uses: they are named together, not tensor by tensor."""

from collections.abc import Iterable, Mapping

from workloads.sources.tensors.tensor import Tensor, natural

PARTS = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
"""The last parts of the names of a normalisation's tensors, as PyTorch has them."""


def name_unused(tensors: Mapping[str, Tensor], used: set[str]) -> list[str]:
    """A sentence for each tensor that is not `used`, and one for all normalisations of the same parts."""
    unused = sorted((name for name in tensors if name not in used), key=natural)
    parts: dict[str, dict[str, Tensor]] = {}
    for name in unused:
        base, _, last = name.rpartition(".")
        if base and last in PARTS:
            parts.setdefault(base, {})[last] = tensors[name]
    alike: dict[tuple[str, ...], list[str]] = {}
    for base, found in parts.items():
        if _is_normalisation(found):
            alike.setdefault(tuple(part for part in PARTS if part in found), []).append(base)
    grouped = {f"{base}.{part}" for names, bases in alike.items() for base in bases for part in names}
    others = [
        f"{name} {list(tensors[name].shape)} is no weight or bias of a layer that is known"
        for name in unused
        if name not in grouped
    ]
    return [*(_sentence(bases, names) for names, bases in alike.items()), *others]


def _is_normalisation(found: Mapping[str, Tensor]) -> bool:
    """Whether the parts are a mean and a variance, or a weight and a bias, each a number for each channel."""
    shapes = {tensor.shape for part, tensor in found.items() if part != PARTS[-1]}
    pairs = {"running_mean", "running_var"} <= found.keys() or {"weight", "bias"} <= found.keys()
    return pairs and len(shapes) == 1 and all(len(shape) == 1 for shape in shapes)


def _sentence(bases: list[str], names: Iterable[str]) -> str:
    more = f" and {len(bases) - 1:,} more" if len(bases) > 1 else ""
    return f"{bases[0]}{more}: a normalisation ({', '.join(names)}) is left out"
