"""The page of real networks, from what `zeroskip study networks --json` printed."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from docs.generate.markdown import MADE, code, table
from simulator.config.load import load_arch
from simulator.core.registry import machines

HEAD = """# Real networks

Whole networks that others trained, out of published wheels, on the default configuration of every machine: what is
read, what runs, and what it costs. Each wheel is pinned by version and sha256 (`zeroskip list` names the networks,
`workloads/sources/pretrained/wheels.py` has the hashes). The rows are the output of this command:

```sh
zeroskip study networks --json > docs/validation/networks.json
```

Inputs are photos of scikit-image, chirps, and their spectra; each layer reads what the network computes there in
floating point, with the real zeros of its ReLUs. How dense those activations are, and how their zeros cluster, is on
[SCNN's page](scnn.md).

| column | meaning |
| --- | --- |
| `float error` | the greatest difference of a layer from onnxruntime's tensor, over its greatest magnitude |
| `ran` | layers that the machine runs; cycles, time and energy are sums over these |
| `equal` | every output equals the reference kernel's, bit for bit |
| `SQNR dB` | of the network's own output, where the layers that ran have compressed weights and all else is in float |
| `s` | seconds on the computer that made the page |

Fully connected layers share weights in 16 levels, on SCNN and the dense machines as on EIE; convolutions have words of
16 bits and LSTMs of 12. Nothing is pruned here. A wake word's output is near 0 on a chirp, and its SQNR says little.

"""
LAYERS = """
## A whole ResNet-50, layer by layer

opennsfw's 53 convolutions and its last layer, unpruned, on a photo, with the activations that the network computes;
the columns *weights* and *activations* are densities; a weight below half a step of its 16 bits is a zero.
[All columns as a file](validation/opennsfw.csv), made by

```sh
zeroskip compare opennsfw --machines scnn,dcnn,dcnn_opt --csv > docs/validation/opennsfw.csv
```

"""
UNITS = ("cycles", "us", "uJ", "DRAM bytes")
TEXT = ("network", "machine", "equal")
SHOWN = (
    *("network", "layers", "left out", "float error", "machine", "ran"),
    *("cycles", "us", "uJ", "equal", "SQNR dB", "s"),
)


def pages(folder: Path) -> dict[str, str]:
    """`networks.md`."""
    content = json.loads((folder / "validation" / "networks.json").read_text("utf-8"))
    (found,) = content["tables"]
    places = [found["columns"].index(name) for name in SHOWN]
    rows = [[row[place] for place in places] for row in found["rows"] if row[found["columns"].index("ran")] != "0"]
    right = [column for column in SHOWN if column not in TEXT]
    layers = pd.read_csv(folder / "validation" / "opennsfw.csv")
    parts = table(SHOWN, rows, right), _by_layer(layers), _wheels(content["rows"]), _left_out(content["rows"])
    return {"networks.md": MADE + HEAD + _summary(content["rows"]) + "".join(parts)}


def _summary(rows: list[dict[str, Any]]) -> str:
    """What the rows show, in two sentences."""
    layers = {row["network"]: (row["layers"], row["float_error"]) for row in rows}
    ran, greatest = [row for row in rows if row["ran"]], max(error for _, error in layers.values())
    equal = sum(row["equal"] for row in ran)
    whole = next(row for row in ran if row["network"] == "opennsfw" and row["machine"].startswith("scnn"))
    kept = {row["machine"] for row in rows}
    absent = [code(name) for name, one in machines().items() if load_arch(one.default).name not in kept]
    others = f"Not in this run: {', '.join(absent)}.\n\n" if absent else ""
    return others + (
        f"{len(layers)} networks with {sum(count for count, _ in layers.values())} layers are read; no layer's float "
        f"error is above {greatest:.1e}. In {equal} of {len(ran)} runs every output is equal. A whole ResNet-50 "
        f"(opennsfw, {whole['ran']} layers) takes {whole['seconds']:.1f} s on SCNN.\n\n"
    )


def _by_layer(frame: pd.DataFrame) -> str:
    """Totals of a network on several machines, and its layers in a folded table."""
    names = list(dict.fromkeys(frame["name"]))
    sums = frame.groupby("name", sort=False)[["cycles", "time_us", "energy_uj", "dram_bytes"]].sum()
    totals = [(name, *(f"{value:,.0f}" for value in row)) for name, row in sums.iterrows()]
    columns = (
        "layer",
        "shape",
        "weights",
        "activations",
        *(f"{name} {unit}" for unit in ("us", "uJ") for name in names),
    )
    rows = []
    for layer, found in frame.groupby("layer", sort=False):
        first, by_name = found.iloc[0], found.set_index("name")
        densities = f"{first.weight_density:.2f}", f"{first.activation_density:.2f}"
        figures = [f"{by_name.loc[name, key]:,.4g}" for key in ("time_us", "energy_uj") for name in names]
        rows.append((layer, first["shape"], *densities, *figures))
    whole = table(("machine", *UNITS), totals, UNITS)
    folded = table(columns, rows, columns[2:])
    return f'{LAYERS}{whole}\n<details markdown="1"><summary>{len(rows)} layers</summary>\n\n{folded}\n</details>\n'


def _wheels(rows: list[dict[str, Any]]) -> str:
    known = {str(row["network"]): (str(row["wheel"]), str(row["licence"])) for row in rows}
    names: dict[tuple[str, str], list[str]] = {}
    for network, wheel in known.items():
        names.setdefault(wheel, []).append(network)
    lines = [(*wheel, ", ".join(networks)) for wheel, networks in names.items()]
    return "\n## Where they are from\n\n" + table(("wheel", "licence", "networks"), lines)


def _left_out(rows: list[dict[str, Any]]) -> str:
    text, seen = "\n## What is left out\n\n", set[str]()
    for row in rows:
        name, reasons = str(row["network"]), row["reasons"]
        if name in seen or not isinstance(reasons, list) or not reasons:
            continue
        seen.add(name)
        more = f" and {len(reasons) - 3} more" if len(reasons) > 3 else ""
        text += f"- {name}: {'; '.join(map(str, reasons[:3]))}{more}\n"
    return text
