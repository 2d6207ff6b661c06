"""Running commands as a reader types them."""

import json
import os
import shlex
import subprocess
import sys
import tempfile
from functools import cache
from typing import Any


def answer(command: str) -> Any:
    """What a command `zeroskip ...` prints with `--json`."""
    return json.loads(printed(f"{command} --json"))


@cache
def printed(command: str) -> str:
    """What a command `[NAME=VALUE ...] zeroskip ...` prints, run once, in a folder of its own."""
    before, _, words = command.rpartition("zeroskip ")
    variables = os.environ | {"COLUMNS": "100"} | dict(word.split("=", 1) for word in before.split())
    arguments = [sys.executable, "-m", "simulator.cli", *shlex.split(words)]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(arguments, check=True, capture_output=True, text=True, cwd=folder, env=variables)
    return done.stdout
