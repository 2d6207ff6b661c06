"""From stored files to data frames, as pictures are drawn of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.results.fit import with_fits
from workloads.document_types import Document
from workloads.errors import refuse

if TYPE_CHECKING:
    import pandas as pd

    from simulator.results.files import StoredFile

BINS = 120
"""Of the histogram of a file's own weights."""


def results(files: Sequence[StoredFile]) -> tuple[pd.DataFrame, str]:
    """A row for each result in the files: of a run, of each layer of a network and a machine; and a title.

    Layers that did not run are left out. A column `fits` says whether a result fits its machine.
    """
    import pandas as pd

    frames = [_result_rows(file) for file in files]
    filled = [one for one in frames if len(one)] or frames[:1]
    frame = filled[0].reset_index(drop=True) if len(filled) == 1 else pd.concat(filled, ignore_index=True)
    if "cycles" in frame and not (has_run := frame["cycles"].notna()).all():
        frame = frame[has_run].reset_index(drop=True)
    frame = with_fits(frame.copy())  # in few blocks, as columns are added
    workloads = list(dict.fromkeys(frame["workload"].astype(str))) if "workload" in frame else []
    configs = list(dict.fromkeys(frame["config"].astype(str))) if "config" in frame else []
    named = [
        names[0] if len(names) == 1 else f"{len(names)} {what}"
        for names, what in ((workloads, "workloads"), (configs, "configurations"))
        if names
    ]
    return frame, " on ".join(named)


def _result_rows(file: StoredFile) -> pd.DataFrame:
    import pandas as pd

    content = file.content
    if file.kind == "rows":
        return content
    if file.kind == "network":
        rows = _layers(content, content["config"])
    elif file.kind == "comparison":
        every = [row for name, one in content["machines"].items() for row in _layers(one, name)]
        rows = sorted(every, key=lambda row: content["layers"].index(row["layer"]))
    elif file.kind == "study":
        rows = content.get("points", [])
    else:
        rows = [{key: value for key, value in content.items() if key != "tables"}]
    frame = pd.json_normalize(rows)
    return frame.map(lambda value: "; ".join(map(str, value)) if isinstance(value, list) else value)


def _layers(network: Document, name: str) -> list[Document]:
    """The layers of a network, each with its machine."""
    about = {key: network[key] for key in ("workload", "machine", "config") if key in network} | {"name": name}
    return [{**about, **row} for row in network["layers"]]


def study_points(files: Sequence[StoredFile]) -> tuple[pd.DataFrame, str]:
    """The points of studies or rows of a table; and the study's name."""
    frame, title = results(files)
    return frame, files[0].content["study"] if files[0].kind == "study" else title


def validations(files: Sequence[StoredFile]) -> tuple[pd.DataFrame, str]:
    """The rows of `validate --csv`, and the papers that they are of."""
    import pandas as pd

    frame = pd.concat([file.content for file in files if file.kind == "rows"] or [pd.DataFrame()], ignore_index=True)
    papers = list(dict.fromkeys(frame["paper"].astype(str))) if "paper" in frame else []
    return frame, f"simulated and published: {', '.join(papers)}"


def schedule(files: Sequence[StoredFile]) -> tuple[pd.DataFrame, str]:
    """The table `schedule` of one result."""
    import pandas as pd

    tables = files[0].content.get("tables", []) if files[0].kind == "layer" else []
    for table in tables:
        if str(table["title"]).startswith("schedule"):
            title = f"{table['title']} on {files[0].content['config']}"
            return pd.DataFrame(table["rows"], columns=table["columns"]), title
    return pd.DataFrame(), ""


def pe_spans(files: Sequence[StoredFile]) -> tuple[pd.DataFrame, str]:
    """The spans of the units that the machine calls PEs, in one timeline."""
    import pandas as pd

    if files[0].kind != "timeline":
        return pd.DataFrame(), ""
    about, events = files[0].content["otherData"], files[0].content["traceEvents"]
    pes = {e["pid"] for e in events if e["name"] == "process_name" and e["args"]["name"].endswith(": PE")}
    working = set(about["working"].get("PE", []))
    rows = []
    for event in events:
        if event["ph"] == "X" and event["pid"] in pes:
            args = event["args"]
            spent = args.get("spent", {event["name"]: args["cycles"]})
            done = sum(cycles for reason, cycles in spent.items() if reason in working)
            rows.append((event["tid"], args["cycle"], args["cycles"], done))
    return pd.DataFrame(rows, columns=["unit", "cycle", "cycles", "working"]), _timeline_title(about)


def queue_fills(files: Sequence[StoredFile]) -> tuple[pd.DataFrame, str]:
    """What the queues of one timeline hold, from each change on. InputError where it has no clock."""
    import pandas as pd

    if files[0].kind != "timeline":
        return pd.DataFrame(), ""
    about, events = files[0].content["otherData"], files[0].content["traceEvents"]
    if not about["clock_mhz"] > 0:
        refuse(files[0].path, f"clock_mhz is {about['clock_mhz']}", "a number above 0")
    a_cycle = max(1.0, 1000 / about["clock_mhz"])
    rows = [
        (event["name"], round(1000 * event["ts"] / a_cycle), event["args"]["slots in use"])
        for event in events
        if event["ph"] == "C" and "slots in use" in event["args"]
    ]
    if not rows:
        return pd.DataFrame(), ""
    frame = pd.DataFrame(rows, columns=["queue", "cycle", "held"])
    return frame.assign(slots=about["queue_slots"], last=about["window"][1]), _timeline_title(about)


def _timeline_title(about: Document) -> str:
    return f"{about['workload']} on {about['config']}: {about['note'].partition(' so that')[0]}"


def stages(files: Sequence[StoredFile]) -> tuple[pd.DataFrame, str]:
    """The layers of `compress --json`, without their total."""
    import pandas as pd

    rows = files[0].content["layers"] if files[0].kind == "stages" else []
    layers = [row for row in rows if row["layer"] != "total"]
    return pd.DataFrame(layers or rows), f"storage by stage, {files[0].path.stem}"


def steps(files: Sequence[StoredFile]) -> tuple[pd.DataFrame, str]:
    """The steps of a design, in order: all energy after each, and the paper's factor where there is one.

    `over` is the step to which a step's factor refers.
    """
    import pandas as pd

    content = files[0].content
    if files[0].kind == "rows":
        return content, files[0].path.stem
    if files[0].kind != "steps":
        return pd.DataFrame(), ""
    frame = pd.DataFrame(content["steps"])
    title = " on ".join(str(content[key]) for key in ("workload", "config") if key in content) or files[0].path.stem
    if "energy_pj" not in frame:
        return frame, title
    paper = [f" (paper: {factor:g}x)" if factor == factor else "" for factor in frame["published"].astype(float)]
    columns = {"step": frame["name"] + paper, "energy_uj": frame["energy_pj"] / 1e6, "factor": frame["energy_factor"]}
    if "over" in frame:
        columns["over"] = frame["over"].map(dict(zip(frame["name"], columns["step"], strict=True)))
    return pd.DataFrame(columns), title


def levels(files: Sequence[StoredFile]) -> tuple[pd.DataFrame, str]:
    """The centroids of `inspect --json`, and a histogram of the weights that are not zero in given .npz files.

    InputError where an .npz file has none of the layers.
    """
    import pandas as pd

    rows: list[tuple[str, str, float, float, float]] = []
    layers = [layer for file in files if file.kind == "compressed" for layer in file.content["layers"]]
    for layer in layers:
        for value, count in zip(layer["codebook"], layer["code_counts"], strict=True):
            if count:
                rows.append((layer["name"], "centroid", value, count, 0.0))
    for file in files:
        if file.kind == "weights" and layers:
            rows += _histogram(file, layers)
    return pd.DataFrame(rows, columns=["layer", "what", "value", "count", "width"]), f"centroids, {files[0].path.stem}"


def _histogram(file: StoredFile, layers: list[Document]) -> list[tuple[str, str, float, float, float]]:
    """The weights of an .npz file, as the layer of the same name or the only one."""
    import numpy as np

    names = [layer["name"] for layer in layers]
    name = names[0] if len(names) == 1 else file.path.stem
    if "weight" not in file.content or name not in names:
        refuse(
            file.path, f"it is none of the layers {', '.join(names)}", "an array `weight` in a file of a layer's name"
        )
    values = file.content["weight"].ravel()
    count, edges = np.histogram(values[values != 0], BINS)
    width = float(edges[1] - edges[0])
    return [(name, "weights", float(e) + width / 2, float(n), width) for e, n in zip(edges, count, strict=False)]
