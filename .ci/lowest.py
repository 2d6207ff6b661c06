"""Prints a constraint for each dependency of pyproject.toml: exactly its lower bound. `.ci/run` tests with them."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BOUND = re.compile(r"(?P<name>[\w.-]+)>=(?P<version>[\d.]+)(,<[\d.]+)?")


def lowest(project: dict) -> list[str]:
    """`name==version` of each requirement, in their order. ValueError where one is not `name>=version[,<version]`."""
    found = []
    for group in (project["dependencies"], *project["optional-dependencies"].values()):
        for requirement in group:
            if requirement.startswith(f"{project['name']}["):  # other groups of this list
                continue
            bound = BOUND.fullmatch(requirement)
            if bound is None:
                raise ValueError(f"pyproject.toml: {requirement!r}; expected NAME>=VERSION or NAME>=VERSION,<VERSION")
            found.append(f"{bound['name']}=={bound['version']}")
    return found


if __name__ == "__main__":
    print("\n".join(lowest(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"])))
