"""A result or a study as a single HTML file, which needs neither a network nor other files."""

from pathlib import Path


def build(path: Path) -> str:
    """The HTML page of a file: a command's JSON, a sweep's store (.db), or its table (.csv).

    The same file gives the same page. InputError names the file and what was expected, where it is none of these.
    """
    from simulator.html import layer, network, sources, study
    from simulator.html import render as html
    from simulator.results.result import versions

    if path.suffix in (".csv", ".db"):
        page = study.study_page(sources.read_table(path), path.stem)
    else:
        kind, content = sources.read_json(path)
        pages = {"layer": layer.layer_page, "network": network.network_page, "comparison": network.comparison_page}
        page = sources.tell(path, pages[kind], content)
    return html.render(page, f"Made by zeroskip {versions()['zeroskip']} from {path.name}.")
