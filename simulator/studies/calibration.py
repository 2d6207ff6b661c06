"""Calibration of attention that skips blocks: the share that each factor of lambda skips, by length of the call.

All blocks of all attention layers count together, as one factor belongs to a whole network.
"""

from collections.abc import Callable, Iterator, Sequence
from numbers import Integral
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from workloads.document_types import Document
from workloads.errors import InputError, refuse
from workloads.kinds.attention.calibration import (
    LAMBDAS,
    Fit,
    fit,
    shorten,
    skipped_share,
    thousandths_for,
)
from workloads.kinds.attention.format import AttentionFormat
from workloads.kinds.attention.layer import THOUSANDTHS, CompressedAttention
from workloads.kinds.attention.reference import layer_margins
from workloads.model import Origin, describe, open_model
from workloads.number_formats import find_format
from workloads.workload import Model

if TYPE_CHECKING:
    import pandas as pd

Tile = tuple[int, int]
"""Rows of queries, and keys of a block."""
Watch = Callable[[str], object]
MOST_CURVES, MOST_SIDE = 256, 1 << 12


class Curve(NamedTuple):
    """One size of tiles at one length of the call."""

    tile: Tile
    keys: int
    blocks: int
    shares: tuple[float, ...]  # of blocks that each lambda of LAMBDAS skips
    fit: Fit | None  # of factors, lambda x keys; None: too few shares are within its limits
    thousandths: int | None  # that skip the wanted share; None: no lambda below 1 does
    layers: dict[str, float]  # layer -> the share of its blocks that those skip

    @property
    def factors(self) -> list[float]:
        """Of each lambda of LAMBDAS: lambda x keys."""
        return [one * self.keys for one in LAMBDAS]


class Spread(NamedTuple):
    """How well one factor holds for all lengths: one size of tiles."""

    tile: Tile
    thousandths: int | None  # the geometric mean of those of all lengths
    spread: float | None  # the greatest factor over the least
    shares: tuple[float, float] | None  # the least and the greatest share that the mean skips, of any length
    fit: Fit | None  # of the points of all lengths


class Calibration(NamedTuple):
    """Curves of a workload."""

    workload: str
    target: float
    cache_format: str
    curves: tuple[Curve, ...]
    spreads: tuple[Spread, ...]  # of each size of tiles

    def to_dict(self) -> Document:
        """As a study: tables, points of curves, and what was fitted."""
        from simulator.studies.calibration_tables import document

        return document(self)

    def to_frame(self) -> "pd.DataFrame":
        """A row for each point."""
        import pandas as pd

        return pd.DataFrame(self.to_dict()["points"])


def calibrate(
    source: Origin,
    *,
    lengths: Sequence[int] = (),
    tiles: Sequence[Tile] = ((128, 128),),
    target: float = 0.5,
    cache_format: str = "bf16",
    progress: Watch = lambda _: None,
    **options: Any,
) -> Calibration:
    """The curves of the attention layers of a workload, with the kernel's own scores.

    >>> found = calibrate("qwen3-attention-decode", scale=0.02, tiles=[(8, 8)])
    >>> [curve.keys for curve in found.curves], found.curves[0].shares[0] < found.curves[0].shares[-1]
    ([163], True)

    lengths: of the calls; a recipe is drawn at each, of other layers the first tokens are taken; none: all keys.
    tiles: rows of queries and keys of a block. target: the wanted share of skipped blocks. cache_format: of keys and
    values. options: fields of `WorkloadOptions`. InputError where the workload has no attention, or an argument cannot
    be used.
    """
    _check(lengths, tiles, target)
    find_format(cache_format)
    formats = {"attention": AttentionFormat(cache_format)}
    model = open_model(source, **{**options, "formats": formats})
    layers = list(_attentions(model, source, progress))
    curves, held = list[Curve](), dict[tuple[Tile, int], np.ndarray]()
    for keys in lengths or sorted({layer.keys for layer in layers}):
        calls = list(_at_length(model, layers, keys, bool(lengths)))
        for tile in tiles:
            progress(f"{model.name}: {keys:,} keys, tiles of {tile[0]} x {tile[1]}")
            found = {one.name: layer_margins(one._replace(tile_queries=tile[0], block_keys=tile[1])) for one in calls}
            held[tile, keys] = np.concatenate(list(found.values()))
            curves.append(_curve(tile, keys, found, target))
    spreads = tuple(_spread(tile, [one for one in curves if one.tile == tile], held) for tile in tiles)
    return Calibration(model.name, target, cache_format, tuple(curves), spreads)


def _check(lengths: Sequence[int], tiles: Sequence[Tile], target: float) -> None:
    """Refuse what cannot be used (InputError)."""
    if isinstance(target, bool) or not isinstance(target, int | float) or not 0 < target < 1:
        refuse("target", f"it is {target!r}", "a share above 0 and below 1")
    for name, sizes, most in (("lengths", lengths, 1 << 32), ("tiles", [n for one in tiles for n in one], MOST_SIDE)):
        for size in sizes:
            if isinstance(size, bool) or not isinstance(size, Integral) or not 1 <= size <= most:
                refuse(name, f"it has {size!r}", f"integers from 1 to {most:,}")
    for name, given in (("lengths", list(lengths)), ("tiles", [tuple(one) for one in tiles])):
        if len(set(given)) < len(given):
            refuse(name, "it has a value twice", "each value once")
    if not tiles or any(len(one) != 2 for one in tiles):
        refuse("tiles", f"it is {tiles!r}", "pairs of rows and keys")
    if len(tiles) * max(1, len(lengths)) > MOST_CURVES:
        refuse("lengths", f"there are {len(lengths)}, and {len(tiles)} tiles", f"at most {MOST_CURVES} pairs of both")


def _attentions(model: Model, source: Origin, progress: Watch) -> Iterator[CompressedAttention]:
    """All attention layers of a model. InputError where there is none."""
    kinds, none = list[str](), True
    for layer in model.layers:
        if layer.kind not in (None, "attention"):
            kinds.append(str(layer.kind))
            continue
        progress(f"{model.name}: loading {layer.name}")
        workload = layer.load(model.options.formats)
        loaded = workload.layer
        if isinstance(loaded, CompressedAttention):
            if workload.sample is not None:
                refuse(f"{describe(source)}: {layer.name}", "it has a shape and no values", "attention with values")
            none = False
            yield loaded
    if none:
        what = ", ".join(dict.fromkeys(kinds)) or "none"
        raise InputError(f"{describe(source)}: it has no attention (kinds of its layers: {what}); expected some")


def _at_length(
    model: Model, layers: Sequence[CompressedAttention], keys: int, wanted: bool
) -> Iterator[CompressedAttention]:
    """The layers with that many keys: drawn, or their first tokens; without a wanted length, those that have it."""
    for layer in layers:
        if layer.keys == keys:
            yield layer
        elif wanted and model.inputs == "drawn" and not model.network and keys < layer.keys:
            scale = model.options.scale * (keys + 1e-3) / layer.keys
            (again,) = open_model(model, scale=scale).layers
            yield again.load(model.options.formats).layer
        elif wanted:
            yield shorten(layer, keys)


def _curve(tile: Tile, keys: int, margins: dict[str, np.ndarray], target: float) -> Curve:
    """The curve of some layers; margins: float32 [blocks] by layer."""
    every = np.concatenate(list(margins.values()))
    shares = tuple(skipped_share(every, one) for one in LAMBDAS)
    thousandths = thousandths_for(every, keys, target)
    at = None if thousandths is None else thousandths / THOUSANDTHS / keys
    layers = {} if at is None else {name: skipped_share(one, at) for name, one in margins.items()}
    return Curve(tile, keys, every.size, shares, fit([one * keys for one in LAMBDAS], shares), thousandths, layers)


def _spread(tile: Tile, curves: Sequence[Curve], margins: dict[tuple[Tile, int], np.ndarray]) -> Spread:
    """What the curves of one tile have in common; margins: float32 [blocks] by tile and length."""
    factors = [factor for curve in curves for factor in curve.factors]
    whole = fit(factors, [share for curve in curves for share in curve.shares])
    found = [curve.thousandths for curve in curves if curve.thousandths is not None]
    if len(found) < len(curves):
        return Spread(tile, None, None, None, whole)
    mean = round(float(np.exp(np.log(found).mean())))
    shares = [
        skipped_share(margins[tile, one.keys], mean / THOUSANDTHS / one.keys)
        for one in curves
        if mean < THOUSANDTHS * one.keys
    ]
    return Spread(tile, mean, max(found) / min(found), (min(shares), max(shares)) if shares else None, whole)
