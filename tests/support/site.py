"""The site of the documentation, built as a reader builds it."""

import os
import subprocess
import sys

from support.paths import ROOT


def build_site(folder, **variables):
    """Build it strictly into a folder."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", **variables}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder
