"""The tutorial is executed: its files are written, its commands typed and its Python run, in the page's order."""

import os
import re
import subprocess
import sys
import tomllib
from itertools import pairwise

import pytest
from support.paths import ROOT

PAGE = (ROOT / "docs" / "add_a_machine.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\w+)(?: title=\"([^\"]+)\")?( append)?\n(.*?)^```$", re.M | re.S)
PROGRAMS = {"zeroskip": "-m simulator.cli", "pytest": "-m pytest -p no:cacheprovider"}


class Reader:
    """Someone who follows the page in a folder of his own."""

    def __init__(self, folder):
        self.folder, self.said = folder, ""
        programs = folder / "bin"
        programs.mkdir()
        for name, how in PROGRAMS.items():
            (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {how} "$@"\n')
            (programs / name).chmod(0o755)
        path = f"{programs}{os.pathsep}{os.environ['PATH']}"
        modules = os.pathsep.join([str(folder), str(ROOT), os.environ.get("PYTHONPATH", "")])
        self.environment = {**os.environ, "PATH": path, "PYTHONPATH": modules}

    def write(self, name, text, append):
        file = self.folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(file.read_text() + "\n\n" + text if append else text)

    def install(self):
        """What `pip install -e .` leaves behind: the package on the path, and its entry points."""
        project = tomllib.loads((self.folder / "pyproject.toml").read_text())["project"]
        info = self.folder / f"{project['name']}-{project['version']}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: 0.1\n")
        groups = [
            f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in points.items())
            for group, points in project["entry-points"].items()
        ]
        (info / "entry_points.txt").write_text("\n".join(groups))

    def run(self, command):
        done = subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout


@pytest.fixture(scope="module")
def followed(tmp_path_factory):
    """The folder and what each block printed, after the whole page."""
    reader, printed = Reader(tmp_path_factory.mktemp("tutorial")), []
    for language, name, append, text in BLOCK.findall(PAGE):
        said = ""
        if name:
            reader.write(name, text, append)
        elif language == "sh":
            for line in text.splitlines():
                said += reader.install() or "" if line.startswith("pip install") else reader.run(["sh", "-c", line])
        elif language == "python":
            said = reader.run([sys.executable, "-c", text])
        printed.append((language, name, text, said))
    return reader, printed


def test_every_command_and_snippet_says_something(followed):
    _, printed = followed
    told = [said for language, name, _, said in printed if language in ("sh", "python") and not name]
    assert len(told) == 3
    assert all(told)


def test_what_the_page_says_is_printed_is_printed(followed):
    _, printed = followed
    for (_, _, _, said), (language, _, text, _) in pairwise(printed):
        if language == "text" and said:
            for line in text.splitlines():
                assert line in said


def test_a_wrong_engine_is_found(followed):
    """The page's twins test is worth something: it fails when a slot is free a cycle too early."""
    reader, _ = followed
    engine = reader.folder / "dot1" / "engine.py"
    right = engine.read_text()
    engine.write_text(right.replace("pop[n - depth] + 1", "pop[n - depth]"))
    command = ["sh", "-c", "pytest -q -x -k equal_and_right test_dot1.py"]
    done = subprocess.run(command, cwd=reader.folder, env=reader.environment, capture_output=True, text=True)
    engine.write_text(right)
    assert done.returncode == 1
    assert "test_model_and_engine_are_equal_and_right" in done.stdout


def test_the_package_obeys_the_house_rules(followed):
    reader, _ = followed
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "E,F", "--line-length", "120", "."]
    reader.run(command)
