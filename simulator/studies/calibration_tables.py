"""A calibration as a document: the form of a study, which `plot` and other readers of results know."""

from simulator.studies.calibration import Calibration, Curve
from workloads.document_types import Document
from workloads.kinds.attention.calibration import LAMBDAS, Fit
from workloads.kinds.attention.layer import THOUSANDTHS

FIT = ("a", "b", "fit off %")
UNKNOWN = "-"


def document(found: Calibration) -> Document:
    """Tables of fits, of lengths and of shares, and the points of all curves."""
    tables = [_fits(found)]
    if len({curve.keys for curve in found.curves}) > 1:
        tables.append(_lengths(found))
    tables += [_shares(found, spread.tile) for spread in found.spreads]
    return {
        "study": f"Calibration of {found.workload}: blocks of keys that attention skips",
        "workload": found.workload,
        "target": found.target,
        "cache_format": found.cache_format,
        "tables": tables,
        "fits": [_fit(curve) for curve in found.curves],
        "lengths": [
            {"tile": _tile(one.tile), **one._asdict(), "fit": one.fit and one.fit._asdict()} for one in found.spreads
        ],
        "points": [point for curve in found.curves for point in _points(curve)],
    }


def _points(curve: Curve) -> list[Document]:
    """A point for each threshold."""
    known = dict.fromkeys(("a", "b")) if curve.fit is None else {"a": curve.fit.a, "b": curve.fit.b}
    return [
        {"tile": _tile(curve.tile), "keys": curve.keys, "lambda": one, "factor": factor, "share": share, **known}
        for one, factor, share in zip(LAMBDAS, curve.factors, curve.shares, strict=True)
    ]


def _fit(curve: Curve) -> Document:
    return {
        "tile": _tile(curve.tile),
        "keys": curve.keys,
        "blocks": curve.blocks,
        "fit": curve.fit and curve.fit._asdict(),
        "skip_thousandths": curve.thousandths,
        "layers": curve.layers,
    }


def _fits(found: Calibration) -> Document:
    rows = []
    for curve in found.curves:
        shares = curve.layers.values()
        of_layers = [f"{100 * share:.1f}" for share in (min(shares, default=0.0), max(shares, default=0.0))]
        chosen = [UNKNOWN] * 3
        if curve.thousandths is not None:
            lambda_ = curve.thousandths / THOUSANDTHS / curve.keys
            chosen = [f"{curve.thousandths:,}", f"{lambda_:.3g}", " to ".join(dict.fromkeys(of_layers))]
        greatest = f"{100 * max(curve.shares):.1f}"
        rows.append([_tile(curve.tile), f"{curve.keys:,}", f"{curve.blocks:,}", *_cells(curve.fit), greatest, *chosen])
    wanted = f"{100 * found.target:g} %"
    columns = [f"skip_thousandths for {wanted}", "lambda", "skipped % of layers"]
    return {
        "title": f"factor = lambda x keys = a exp(b S), S: share of blocks skipped; cache in {found.cache_format}",
        "columns": ["tile", "keys", "blocks", *FIT, "most skipped %", *columns],
        "rows": rows,
    }


def _lengths(found: Calibration) -> Document:
    rows = []
    for one in found.spreads:
        spread = UNKNOWN if one.spread is None else f"{one.spread:.2f}"
        shares = UNKNOWN if one.shares is None else " to ".join(f"{100 * share:.1f}" for share in one.shares)
        mean = UNKNOWN if one.thousandths is None else f"{one.thousandths:,}"
        rows.append([_tile(one.tile), *_cells(one.fit), mean, spread, shares])
    return {
        "title": f"one factor for all lengths, for {100 * found.target:g} %",
        "columns": ["tile", *FIT, "skip_thousandths, mean", "greatest / least", "skipped % with the mean"],
        "rows": rows,
    }


def _shares(found: Calibration, tile: tuple[int, int]) -> Document:
    curves = [curve for curve in found.curves if curve.tile == tile]
    rows = [
        [
            f"{one:.2e}",
            *(cell for curve in curves for cell in (f"{one * curve.keys:.3g}", f"{100 * curve.shares[n]:.1f}")),
        ]
        for n, one in enumerate(LAMBDAS)
    ]
    heads = [head for curve in curves for head in (f"factor, {curve.keys:,} keys", "skipped %")]
    return {"title": f"shares with tiles of {_tile(tile)}", "columns": ["lambda", *heads], "rows": rows}


def _tile(tile: tuple[int, int]) -> str:
    return f"{tile[0]}x{tile[1]}"


def _cells(found: Fit | None) -> list[str]:
    return [UNKNOWN] * 3 if found is None else [f"{found.a:.4g}", f"{found.b:.4g}", _short(100 * found.worst)]


def _short(value: float) -> str:
    """Three digits, or a whole number."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
