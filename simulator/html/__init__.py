"""A result or a study as one page of HTML that needs nothing else: no network, no files beside it."""

from pathlib import Path


def build(path: Path) -> str:
    """The page of what stands in a file: a command's JSON, or a study (a store, .db, or its table, .csv).

    The same file gives the same page. InputError names the file and what was expected.
    """
    from simulator.html import layer, network, sources, study
    from simulator.html import render as html
    from simulator.results.result import versions

    if path.suffix in (".csv", ".db"):
        page = study.tell_study(sources.read_table(path), path.stem)
    else:
        kind, told = sources.read_json(path)
        tell = {"layer": layer.tell_layer, "network": network.tell_network, "comparison": network.tell_comparison}
        page = sources.tell(path, tell[kind], told)
    return html.render(page, f"Made by zeroskip {versions()['zeroskip']} from {path.name}.")
