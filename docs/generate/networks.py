"""The page of real networks, from what `zeroskip study networks --json` printed."""

import json
from pathlib import Path
from typing import Any

from docs.generate.markdown import MADE, table

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
TEXT = ("network", "machine", "equal")
SHOWN = (
    "network",
    "layers",
    "left out",
    "float error",
    "machine",
    "ran",
    "cycles",
    "us",
    "uJ",
    "equal",
    "SQNR dB",
    "s",
)


def pages(folder: Path) -> dict[str, str]:
    """`networks.md`."""
    content = json.loads((folder / "validation" / "networks.json").read_text("utf-8"))
    (found,) = content["tables"]
    places = [found["columns"].index(name) for name in SHOWN]
    rows = [[row[place] for place in places] for row in found["rows"] if row[found["columns"].index("ran")] != "0"]
    right = [column for column in SHOWN if column not in TEXT]
    text = (
        MADE
        + HEAD
        + _summary(content["rows"])
        + table(SHOWN, rows, right)
        + _wheels(content["rows"])
        + _left_out(content["rows"])
    )
    return {"networks.md": text}


def _summary(rows: list[dict[str, Any]]) -> str:
    """What the rows show, in two sentences."""
    layers = {row["network"]: (row["layers"], row["float_error"]) for row in rows}
    ran, greatest = [row for row in rows if row["ran"]], max(error for _, error in layers.values())
    equal = sum(row["equal"] for row in ran)
    whole = next(row for row in ran if row["network"] == "opennsfw" and row["machine"].startswith("scnn"))
    return (
        f"{len(layers)} networks with {sum(count for count, _ in layers.values())} layers are read; no layer's float "
        f"error is above {greatest:.1e}. In {equal} of {len(ran)} runs every output is equal. A whole ResNet-50 "
        f"(opennsfw, {whole['ran']} layers) takes {whole['seconds']:.1f} s on SCNN.\n\n"
    )


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
