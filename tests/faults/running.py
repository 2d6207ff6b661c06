"""Commands in this process and as processes, and what they say of a fault."""

import subprocess
import sys

from support.results.sweeping import ENVIRONMENT

from simulator.cli import main


def run(monkeypatch, capsys, *arguments):
    """Run a command in this process; its exit code, output and errors."""
    monkeypatch.setattr(sys, "argv", ["zeroskip", *map(str, arguments)])
    capsys.readouterr()
    code = 0
    try:
        main()
    except SystemExit as stop:
        code = stop.code or 0
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def is_sentence(code, output, errors):
    """Whether a command said in one sentence what is wrong, and nothing else."""
    one = errors.startswith("zeroskip: ") and errors.count("\n") == 1 and "; expected " in errors
    return code == 2 and output == "" and one and "Traceback" not in errors


def shell(text, cwd, **more):
    """A command line with `zeroskip` in it, in a shell."""
    text = text.replace("zeroskip", f"{sys.executable} -P -m simulator.cli", 1)
    environment = {**ENVIRONMENT, **more}
    return subprocess.run(["sh", "-c", text], cwd=cwd, env=environment, capture_output=True, timeout=180)
