"""The page of real networks, from what `zeroskip study networks --json` printed."""

import json
from pathlib import Path

from docs.generate.markdown import MADE, table

HEAD = """# Real networks

Whole networks that others trained, out of published wheels, on the default configuration of every machine: what is
read, what runs, and what it costs. Each wheel is pinned by version and sha256 (`zeroskip list` names the networks,
`workloads/sources/pretrained/wheels.py` has the hashes). The rows are the output of this command:

```sh
zeroskip study networks --json > docs/validation/networks.json
```

Inputs are photos of scikit-image, chirps, and their spectra; each layer reads what the network computes there in
floating point, with the real zeros of its ReLUs. A network's figures are sums over the layers that ran. `equal`: every
output equals the reference kernel's, bit for bit. `SQNR`: of the network's own output when the layers that ran compute
with their compressed weights, all else in floating point; EIE shares weights in 16 levels, the others have words of 12
or 16 bits, but for fully connected layers on SCNN and the dense machines, which share them, too. `s`: seconds on the
computer that made the page. What is left out is listed below the table.

"""
TEXT = ("network", "machine", "equal")
SHOWN = tuple(name for name in ("network", "layers", "left out", "machine", "ran", "cycles", "us", "uJ", "equal",
                                "SQNR dB", "s"))  # fmt: skip


def pages(folder: Path) -> dict[str, str]:
    """`networks.md`."""
    content = json.loads((folder / "validation" / "networks.json").read_text("utf-8"))
    (found,) = content["tables"]
    places = [found["columns"].index(name) for name in SHOWN]
    rows = [[row[place] for place in places] for row in found["rows"] if row[found["columns"].index("ran")] != "0"]
    right = [column for column in SHOWN if column not in TEXT]
    text = MADE + HEAD + table(SHOWN, rows, right) + _wheels(content["rows"]) + _left_out(content["rows"])
    return {"networks.md": text}


def _wheels(rows: list[dict[str, object]]) -> str:
    known = {str(row["network"]): (str(row["wheel"]), str(row["licence"])) for row in rows}
    names: dict[tuple[str, str], list[str]] = {}
    for network, wheel in known.items():
        names.setdefault(wheel, []).append(network)
    lines = [(*wheel, ", ".join(networks)) for wheel, networks in names.items()]
    return "\n## Where they are from\n\n" + table(("wheel", "licence", "networks"), lines)


def _left_out(rows: list[dict[str, object]]) -> str:
    text, seen = "\n## What is left out\n\n", set[str]()
    for row in rows:
        name, reasons = str(row["network"]), row["reasons"]
        if name in seen or not isinstance(reasons, list) or not reasons:
            continue
        seen.add(name)
        more = f" and {len(reasons) - 3} more" if len(reasons) > 3 else ""
        text += f"- {name}: {'; '.join(map(str, reasons[:3]))}{more}\n"
    return text
