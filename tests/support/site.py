"""The site of the documentation, built as a reader builds it."""

import os
import subprocess
import sys
import time

from support.paths import ROOT


def build_site(folder, **variables):
    """Build it strictly into a folder."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", **variables}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def shared_site(tmp_path_factory, seconds=600):
    """The site, built once for all processes of a run of the tests: whoever comes first builds it."""
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, done, failed = base / "site", base / "site.done", base / "site.failed"
    try:
        folder.mkdir()
    except FileExistsError:
        end = time.monotonic() + seconds
        while not done.exists():
            assert not failed.exists(), "the site is not built: another test says why"
            assert time.monotonic() < end, f"the site is not built after {seconds} s"
            time.sleep(0.2)
        return folder
    try:
        build_site(folder)
    except BaseException:
        failed.touch()
        raise
    done.touch()
    return folder
