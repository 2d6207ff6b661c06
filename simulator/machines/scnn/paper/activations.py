"""Where the zeros of real activations are, and the patches that drawn ones are fitted with.

Measured are the maps that the convolutions of opennsfw (a trained ResNet-50 with ReLU) read for six photos; nothing of
SCNN's paper enters. A map's *filling* is the share of a vector's 4 places that the non-zeros of a 2 x 2 tile take, over
the tiles with any: what the I = 4 activations of a vector on a plane of 14 are. Its *channel deviation* is the standard
deviation of the channels' densities. Its *unevenness* is 1 - mean / maximum over the tiles of an 8 x 8 array of the
vectors of all channels: what PEs would idle at one barrier for the layer.

The fit finds `Places` (see `workloads.kinds.convolution.places`) whose drawn maps, of the same shapes and densities,
have the same means: smoothing from the filling, channel_shift from the channel deviation, shared from the unevenness.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from workloads.document_types import Document
from workloads.kinds.convolution.places import Places, Share, Smoothing, draw_field
from workloads.kinds.drawing import Spread
from workloads.sources.zoo.recipes import zoo

NETWORK, SAMPLES = "opennsfw", 6
LEAST, MOST = 0.02, 0.97
"""Densities outside are left out: maps of an image, or next to nothing."""
FITTED_EVERY = 5
"""The fit draws every fifth map, to take seconds."""
PUBLISHED = {0.306: 0.602, 0.33: 0.577, 0.389: 0.554, 0.393: 0.554, 0.429: 0.563, 0.527: 0.653}
"""Density -> filling of 2 x 2 tiles that Fig 10's utilisation implies (arithmetic on measured values)."""
SCNN_SHAPE = (512, 14, 14)
LIMITS = {"smoothing": (0.0, 2.5), "channel_shift": (0.0, 2.0), "shared": (0.0, 0.5)}


class Measures(NamedTuple):
    """What a map is measured by."""

    filling: float
    channel_deviation: float
    unevenness: float


class RealMap(NamedTuple):
    """A map of a real network."""

    shape: tuple[int, int, int]
    density: float
    measures: Measures


def study(seed: int, progress: Callable[[str], object]) -> Document:
    """The maps by plane, the fit, and the fitted filling at the densities of SCNN's layers."""
    maps = list(real_maps(progress))
    fitted = fit(maps[::FITTED_EVERY], seed, progress, shared=False)
    with_shared = fit(maps[::FITTED_EVERY], seed, progress, shared=True)
    named = zoo()["vgg16-conv5_1"].activations.places
    chosen = {"anywhere": Places(), "fitted": fitted, "fitted, with a shared part": with_shared, "relu-patches": named}
    tables = [
        _by_plane(maps, fitted, seed),
        {
            "title": f"fit over {len(maps[::FITTED_EVERY])} of {len(maps)} maps",
            "columns": ["places", *LIMITS, *Measures._fields],
            "rows": [
                ["measured", "", "", "", *_texts(mean_measures(one.measures for one in maps[::FITTED_EVERY]))],
                *(
                    [name, *_numbers(one), *_texts(drawn(maps[::FITTED_EVERY], one, seed))]
                    for name, one in chosen.items()
                ),
            ],
        },
        {
            "title": "filling of 2 x 2 tiles at the densities of SCNN's layers, 512 x 14 x 14",
            "columns": ["density", "published", *chosen],
            "rows": [
                [f"{density}", f"{value:.3f}", *(f"{_filling_at(density, one, seed):.3f}" for one in chosen.values())]
                for density, value in PUBLISHED.items()
            ],
        },
    ]
    records = [{"shape": list(one.shape), "density": one.density, **one.measures._asdict()} for one in maps]
    return {"study": f"Zeros of {NETWORK}'s activations", "tables": tables, "maps": records}


def real_maps(progress: Callable[[str], object]) -> Iterator[RealMap]:
    """The distinct maps that the convolutions read. InputError where the wheel or a library is missing."""
    from workloads.sources.pretrained.networks import read_real

    for sample in range(SAMPLES):
        seen = set()
        for layer in read_real(NETWORK, sample).layers:
            mask = np.asarray(layer.activation) != 0
            key = mask.shape, int(mask.sum())
            if mask.ndim == 3 and LEAST < mask.mean() < MOST and key not in seen:
                seen.add(key)
                yield RealMap(mask.shape, float(mask.mean()), measure(mask))
        progress(f"maps of photo {sample + 1}")


def measure(mask: np.ndarray) -> Measures:
    """The measures of a map, bool [channels, height, width]."""
    tiles = tile_counts(mask, 2, 2)
    high, wide = mask.shape[1:]
    vectors = (-(-tile_counts(mask, -(-high // 8), -(-wide // 8)) // 4)).sum(axis=0)
    filling = float(tiles.sum() / (4 * max(1, int(np.count_nonzero(tiles)))))
    uneven = float(1 - vectors.mean() / max(1, int(vectors.max())))
    return Measures(filling, float(mask.mean(axis=(1, 2)).std()), uneven)


def tile_counts(mask: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Non-zeros of each tile of `rows` x `columns`, int64 [channels, tiles down, tiles across]; the last may be cut."""
    channels, high, wide = mask.shape
    down, across = -(-high // rows), -(-wide // columns)
    padded = np.zeros((channels, down * rows, across * columns), bool)
    padded[:, :high, :wide] = mask
    counted: np.ndarray = padded.reshape(channels, down, rows, across, columns).sum(axis=(2, 4))
    return counted


def draw_mask(shape: tuple[int, int, int], density: float, places: Places, rng: np.random.Generator) -> np.ndarray:
    """Exactly round(density x size) non-zeros, bool [channels, height, width]; shape: these sizes."""
    field = rng.random(shape, dtype=np.float32) if places.anywhere else draw_field(places, shape, rng)
    mask = np.zeros(field.size, bool)
    kept = round(density * mask.size)
    mask[np.argpartition(-field, kept - 1, axis=None)[:kept]] = True
    return mask.reshape(shape)


def drawn(maps: Sequence[RealMap], places: Places, seed: int) -> Measures:
    """The mean measures of drawn maps with the shapes and densities of `maps`."""
    return mean_measures(
        measure(draw_mask(one.shape, one.density, places, np.random.default_rng([seed, number])))
        for number, one in enumerate(maps)
    )


def mean_measures(found: Iterator[Measures]) -> Measures:
    """The mean of each measure."""
    return Measures(*(float(column) for column in np.mean(list(found), axis=0)))


def fit(maps: Sequence[RealMap], seed: int, progress: Callable[[str], object], *, shared: bool) -> Places:
    """The `Places` whose drawn maps have the mean measures of `maps`, each by bisection, twice in turn."""
    target = mean_measures(one.measures for one in maps)
    found = {"smoothing": 0.7, "channel_shift": 0.5, "shared": 0.0}
    for _ in range(2):
        for number, (name, (low, high)) in enumerate(LIMITS.items()):
            if name == "shared" and not shared:
                continue
            for _ in range(8):
                found[name] = (low + high) / 2
                below = drawn(maps, places_of(**found), seed)[number] < target[number]
                low, high = (found[name], high) if below else (low, found[name])
            progress(f"fit: {name} {found[name]:.3f}")
    return places_of(**found)


def places_of(smoothing: float, channel_shift: float, shared: float) -> Places:
    """`Places` with these numbers."""
    return Places(
        smoothing=Smoothing(value=smoothing, source="fitted"),
        channel_shift=Spread(value=channel_shift, source="fitted"),
        shared=Share(value=shared, source="fitted"),
    )


def _by_plane(maps: Sequence[RealMap], places: Places, seed: int) -> Document:
    rows = []
    for plane in sorted({one.shape[1] for one in maps}, reverse=True):
        these = [one for one in maps if one.shape[1] == plane]
        density = sum(one.density for one in these) / len(these)
        measured = mean_measures(one.measures for one in these)
        patches, anywhere = drawn(these[::2], places, seed), drawn(these[::2], Places(), seed)
        pairs = (f"{a:.3f} / {b:.3f} / {c:.3f}" for a, b, c in zip(measured, patches, anywhere, strict=True))
        rows.append([f"{plane} x {plane}", str(len(these)), f"{density:.3f}", *pairs])
    return {
        "title": "maps by plane: measured / fitted patches / zeros anywhere",
        "columns": ["plane", "maps", "density", *Measures._fields],
        "rows": rows,
    }


def _filling_at(density: float, places: Places, seed: int) -> float:
    return measure(draw_mask(SCNN_SHAPE, density, places, np.random.default_rng(seed))).filling


def _numbers(places: Places) -> list[str]:
    return [f"{getattr(places, name).value:.3f}" for name in LIMITS]


def _texts(found: Measures) -> list[str]:
    return [f"{value:.3f}" for value in found]
