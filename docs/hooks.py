"""What MkDocs cannot do by itself: take files that stand beside `docs` into the site."""

from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[1]
BESIDE = ("arch_configs/*.yaml", "notebooks/*.ipynb")


def on_files(files: Files, config: Any) -> Files:
    """Files beside `docs` get a place in the site."""
    for pattern in BESIDE:
        for path in sorted(ROOT.glob(pattern)):
            name = path.relative_to(ROOT).as_posix()
            files.append(File.generated(config, name, abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """A link that leads out of `docs` in the repository leads to that place in the site."""
    for pattern in BESIDE:
        folder = pattern.partition("/")[0]
        markdown = markdown.replace(f"](../{folder}/", f"]({folder}/")
    return markdown
