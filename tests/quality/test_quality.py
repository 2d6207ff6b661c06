"""The house rules, checked by the tools that know them."""

import subprocess
import sys
from pathlib import Path

import pytest
from support.paths import ROOT

TOOLS = {
    "lint": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "types": ["mypy"],
    "imports": ["lint-imports"],
}


@pytest.mark.parametrize("tool", TOOLS)
def test_tool(tool):
    command, *arguments = TOOLS[tool]
    done = subprocess.run([Path(sys.executable).parent / command, *arguments], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("package", ["simulator", "workloads", "kernels_ref", "docs"])
def test_files_and_functions_stay_small(package):
    import ast

    for path in (ROOT / package).rglob("*.py"):
        text = path.read_text()
        assert text.count("\n") <= 260, f"{path}: more than 260 lines"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                begin = node.body[0].end_lineno if ast.get_docstring(node) else node.lineno
                length = node.end_lineno - begin
                assert length <= 42, f"{path}: {node.name} has {length} lines"
