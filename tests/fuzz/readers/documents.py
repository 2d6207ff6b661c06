"""What commands print as JSON and CSV, of small layers, as inputs of other commands."""

import contextlib
import io
import json
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path


@cache
def printed(*words: str) -> str:
    """What a command prints on standard output."""
    from simulator.cli.commands import app

    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with contextlib.redirect_stdout(out):
        app(list(words), prog_name="zeroskip", standalone_mode=False)
    out.seek(0)
    return out.read()


def compact(text: str) -> bytes:
    """JSON without spaces, in which changes hit more often; long lists are cut to a few of their items."""
    return json.dumps(_short(json.loads(text))).encode()


def _short(tree: object, most: int = 12) -> object:
    if isinstance(tree, list):
        return [_short(one) for one in tree[:most]]
    if isinstance(tree, dict):
        return {key: _short(one) for key, one in tree.items()}
    return tree


def written(words: Sequence[str], name: str) -> str:
    """What a command writes to a file of this name."""
    from ..commands import call

    with tempfile.TemporaryDirectory() as folder:
        call([*words, "-o", name], Path(folder))
        return (Path(folder) / name).read_text()
