"""Someone who follows the tutorials in a folder: writes their files, types their commands, runs their Python."""

import os
import re
import subprocess
import sys
import tomllib

from support.paths import ROOT

BLOCK = re.compile(r"^```(\w+)(?: title=\"([^\"]+)\")?( append)?\n(.*?)^```$", re.M | re.S)
PROGRAMS = {"zeroskip": "-m simulator.cli", "pytest": "-m pytest -p no:cacheprovider", "python": ""}


class Reader:
    """A folder, programs on the path, and what each block printed: (page, language, file name, text, output)."""

    def __init__(self, folder):
        self.folder, self.printed, self.written = folder, [], {}
        programs = folder / "bin"
        programs.mkdir()
        for name, how in PROGRAMS.items():
            (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {how} "$@"\n')
            (programs / name).chmod(0o755)
        path = f"{programs}{os.pathsep}{os.environ['PATH']}"
        modules = os.pathsep.join([str(folder), str(ROOT), os.environ.get("PYTHONPATH", "")])
        self.environment = {**os.environ, "PATH": path, "PYTHONPATH": modules}

    def follow(self, page):
        """Do what a page says, from top to bottom."""
        for language, name, append, text in BLOCK.findall((ROOT / "docs" / page).read_text("utf-8")):
            output = ""
            if name:
                self.write(page, name, text, append)
            elif language == "sh":
                for line in text.splitlines():
                    if line.startswith("pip install"):
                        self.install()
                    else:
                        output += self.run(["sh", "-c", line])
            elif language == "python":
                output = self.run([sys.executable, "-c", text])
            self.printed.append((page, language, name, text, output))

    def write(self, page, name, text, append):
        file = self.folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(file.read_text() + "\n\n" + text if append else text)
        self.written.setdefault(page, []).append(f"{name} (more lines)" if append else name)

    def install(self):
        """What `pip install -e .` leaves in an environment: the package on the path, and its entry points."""
        project = tomllib.loads((self.folder / "pyproject.toml").read_text())["project"]
        info = self.folder / f"{project['name']}-{project['version']}.dist-info"
        info.mkdir(exist_ok=True)
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
