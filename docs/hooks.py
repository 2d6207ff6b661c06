"""Hooks of MkDocs: files outside `docs` become part of the site, and notebooks become pages."""

import json
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]
PLAIN = ("arch_configs/*.yaml", "simulator/hardware/sram/*.csv")
"""Files that pages link to, copied as they are."""
NOTEBOOKS = "notebooks/*.ipynb"
WRITTEN = {"CONTRIBUTING.md": "contributing.md", "SECURITY.md": "security.md", "CHANGELOG.md": "changelog.md"}
"""Pages at the top of the repository, and their names in the site."""
LICENCE = """# Licence and citation

zeroskip is free software under the MIT licence:

```text
{licence}
```

To cite it, use the fields of `CITATION.cff`, and cite the papers of the machines that you simulate:

```yaml
{citation}
```
"""
BRANCH = "main"
APPENDED = re.compile(r'^(```\w+ title="[^"]+)" append$', re.M)
"""The first line of a block whose text goes to the end of a file, as the tests of the tutorials read it."""


def on_config(config: Any) -> Any:
    """Each page links to its source where the site's publisher names a repository."""
    if config.repo_url:
        config.edit_uri = f"edit/{BRANCH}/docs/"
    return config


def on_files(files: Files, config: Any) -> Files:
    """Add the files outside `docs` to the site."""
    for path in sorted(path for pattern in PLAIN for path in ROOT.glob(pattern)):
        files.append(File.generated(config, path.relative_to(ROOT).as_posix(), abs_src_path=str(path)))
    for path in sorted(ROOT.glob(NOTEBOOKS)):
        name = path.relative_to(ROOT).with_suffix(".md").as_posix()
        files.append(File.generated(config, name, content=notebook_page(json.loads(path.read_text("utf-8")))))
    for name, page in WRITTEN.items():
        text = (ROOT / name).read_text("utf-8")
        files.append(File.generated(config, page, content=re.sub(r"\]\(docs/", "](", text)))
    licence, citation = ((ROOT / name).read_text("utf-8").strip() for name in ("LICENSE", "CITATION.cff"))
    files.append(File.generated(config, "licence.md", content=LICENCE.format(licence=licence, citation=citation)))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Change links that leave `docs` in the repository to the places of the same files in the site, and name blocks."""
    text = markdown.replace("](../README.md", "](index.md").replace("](../", "](").replace(".ipynb)", ".md)")
    for name, page in WRITTEN.items():
        text = text.replace(f"]({name}", f"]({page}")
    text = text.replace("](LICENSE)", "](licence.md)").replace("](CITATION.cff)", "](licence.md)")
    return APPENDED.sub(r'\1, at the end"', text)


def notebook_page(notebook: dict[str, Any]) -> str:
    """A notebook with its outputs, in Markdown."""
    parts = []
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(source)
        else:
            parts.append(f"```python\n{source}\n```")
            parts.extend(_output(output) for output in cell["outputs"])
    return "\n\n".join(parts) + "\n"


def _output(output: dict[str, Any]) -> str:
    """The output of a cell: a picture, a table, or text."""
    data = {kind: "".join(content) for kind, content in output.get("data", {}).items()}
    if "image/png" in data:
        return f'<p><img alt="what the cell above draws" src="data:image/png;base64,{data["image/png"].strip()}"></p>'
    if "text/html" in data:
        _, _, table = data["text/html"].partition("<table")
        return f'<div class="frame"><table{table.partition("</table>")[0]}</table></div>'
    text = data.get("text/plain") or "".join(output.get("text", []))
    return f"```text\n{text.rstrip()}\n```"
