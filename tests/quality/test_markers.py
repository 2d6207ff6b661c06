"""Each marker of pyproject.toml chooses tests, and the files that it names are there."""

import subprocess
import sys
import tomllib

import pytest
from support.markers import MARKED
from support.paths import ROOT


def test_every_marker_of_files_is_declared_and_has_files():
    options = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    assert {line.split(":")[0] for line in options["markers"]} == {*MARKED, "slow"}
    for patterns in MARKED.values():
        for pattern in patterns:
            assert list((ROOT / "tests").glob(pattern)), pattern


@pytest.mark.parametrize("chosen", ["laws", "laws and not modes", "modes"])
def test_a_marker_chooses_the_tests_of_its_files(chosen):
    files = {"laws": "tests/laws/test_clock.py", "modes": "tests/quality/test_plain_python.py"}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--collect-only",
        "-p",
        "no:cacheprovider",
        "-m",
        chosen,
        *files.values(),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = {line.split(":")[0] for line in done.stdout.splitlines() if "::" in line}
    assert found == {files[chosen.split()[0]]}
