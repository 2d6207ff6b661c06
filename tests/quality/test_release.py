"""A release is refused where the tree is dirty or versions differ, and built where all is well. In a clone."""

import re
import shutil
import subprocess
import sys

import pytest
from support.paths import ROOT

VERSION = "0.1.0"
HEADING = f"## {VERSION} (2026-12-31)"


def git(folder, *arguments):
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def clone(tmp_path):
    """A repository with the files of a release that is ready, all committed."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no checkout")
    folder = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "--no-hardlinks", ROOT, folder], check=True)
    for name in (".ci/release", "pyproject.toml", "CITATION.cff", "CHANGELOG.md", "simulator/zeroskip.pyi"):
        shutil.copy(ROOT / name, folder / name)
    change(folder, "CHANGELOG.md", r"\A# Changelog\n\n## .*", f"# Changelog\n\n{HEADING}")
    change(folder, "pyproject.toml", r'^version = ".*"', f'version = "{VERSION}"')
    change(folder, "CITATION.cff", r"^version: .*", f"version: {VERSION}")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "ready")
    return folder


def change(folder, name, pattern, text):
    before = (folder / name).read_text()
    after, found = re.subn(pattern, text, before, count=1, flags=re.M)
    assert found == 1
    (folder / name).write_text(after)


def release(folder, *arguments):
    command = [sys.executable, folder / ".ci" / "release", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def refused(folder, sentence):
    done = release(folder, "--skip-tests")
    assert done.returncode == 2, done.stdout + done.stderr
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (folder / "dist").exists()


def test_a_dirty_tree_is_refused(clone):
    (clone / "README.md").write_text("changed")
    refused(clone, "the tree is dirty (README.md is changed)")
    git(clone, "checkout", "-q", "README.md")
    (clone / "new.txt").write_text("new")
    refused(clone, "the tree is dirty (new.txt is new)")


@pytest.mark.parametrize(
    ("name", "pattern", "text", "sentence"),
    [
        ("CITATION.cff", r"^version: .*", "version: 0.0.9", "pyproject.toml has 0.1.0 and CITATION.cff 0.0.9"),
        ("pyproject.toml", r'^version = ".*"', 'version = "0.2.0"', "pyproject.toml has 0.2.0 and CITATION.cff 0.1.0"),
        ("CHANGELOG.md", r"^## .*", "## Unreleased: more", "'Unreleased: more'; expected '## 0.1.0 (YYYY-MM-DD)'"),
        ("CHANGELOG.md", r"^## .*", "## 0.2.0 (2026-12-31)", "'0.2.0 (2026-12-31)'; expected '## 0.1.0"),
        ("CHANGELOG.md", r"^## .*", f"## 0.2.0 (2027-01-31)\n\n{HEADING}", "0.1.0 is released already"),
    ],
)
def test_versions_that_differ_or_are_released_are_refused(clone, name, pattern, text, sentence):
    change(clone, name, pattern, text)
    git(clone, "commit", "-qam", "changed")
    refused(clone, sentence)


def test_a_version_with_a_tag_is_refused(clone):
    git(clone, "tag", f"v{VERSION}")
    refused(clone, "0.1.0 is released already")


def test_an_unknown_option_is_refused(clone):
    assert release(clone, "--upload").returncode == 2


def test_the_versions_of_the_project_are_one():
    version = re.search(r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text(), re.M)[1]
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text()


@pytest.mark.slow
def test_a_rehearsal_builds_both_files(clone):
    done = release(clone, "--skip-tests")
    assert done.returncode == 0, done.stdout + done.stderr
    names = sorted(path.name for path in (clone / "dist").iterdir())
    assert names == [f"zeroskip-{VERSION}-py3-none-any.whl", f"zeroskip-{VERSION}.tar.gz"]
    assert "upload" not in done.stdout
    status = subprocess.run(["git", "status", "--porcelain"], cwd=clone, check=True, capture_output=True, text=True)
    assert status.stdout == ""
