"""Places where nothing can be written: full disks, and folders without rights."""

import os
import shutil
import subprocess
from contextlib import contextmanager, suppress

import pytest

RIGHTS = "-dac_override,-dac_read_search"


@contextmanager
def small_disk(folder, kilobytes=64):
    """A file system of this size; skips the test where none can be mounted."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def full_disk(folder, **old):
    """A file system without room, with files `old`, bytes by name."""
    with small_disk(folder) as disk:
        for name, content in old.items():
            (disk / name).write_bytes(content)
        fill(disk)
        yield disk


def fill(folder):
    """Take all room that is left."""
    file = os.open(folder / "filler", os.O_CREAT | os.O_WRONLY)
    with suppress(OSError):
        while True:
            os.write(file, b"x" * 1024)
    os.close(file)


@contextmanager
def without_rights():
    """The beginning of a command that may not read what the modes of files forbid; root could otherwise."""
    if os.getuid() != 0:
        yield []
        return
    before = ["setpriv", f"--bounding-set={RIGHTS}", f"--inh-caps={RIGHTS}"]
    if not shutil.which("setpriv") or subprocess.run([*before, "true"], capture_output=True).returncode:
        pytest.skip("the rights of root cannot be dropped here")
    yield before
