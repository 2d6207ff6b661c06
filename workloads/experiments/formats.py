"""Number formats on the same pruned weights: bits a weight, and how far decoded weights are from the given ones."""

import numpy as np

from workloads.compression.masks import by_density
from workloads.document_types import Document
from workloads.number_formats import number_formats
from workloads.sources.zoo.recipes import draw_any, zoo
from workloads.study import Progress

LAYERS = ("alexnet-fc8", "nt-we")
COLUMNS = ("layer", "format", "bits a weight", "error %", "what it is")


def study(seed: int, progress: Progress) -> Document:
    """Every format on drawn layers, pruned to their published densities."""
    rows, points = [], []
    for layer in LAYERS:
        weight = draw_any(layer, zoo()[layer], 1.0, seed).weight
        weight = weight * by_density(weight, zoo()[layer].weight_density.value)
        for name, one in number_formats().items():
            encoded = one.encode(weight)
            bits = one.storage_bits(encoded) / weight.size
            error = float(np.linalg.norm(one.decode(encoded) - weight) / np.linalg.norm(weight))
            rows.append([layer, name, f"{bits:.3f}", f"{100 * error:.2f}", one.about])
            points.append({"layer": layer, "format": name, "bits_per_weight": bits, "error": error})
            progress(f"{name} on {layer}")
    title = f"number formats, zeros stored as codes too, seed {seed}; error: |w' - w| / |w|"
    table = {"title": title, "columns": list(COLUMNS), "rows": rows}
    return {"study": "Number formats", "tables": [table], "points": points}
