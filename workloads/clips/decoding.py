"""What decodes videos with PyAV, in a process of its own: a script, which imports nothing of this project.

FFmpeg gets an open file, and can open no other: its formats are those that are asked for, no protocol is allowed, and
the system lets this process open nothing while it decodes.
"""

import contextlib
import errno
import importlib
import pkgutil
from collections.abc import Iterator
from typing import IO, Any

import numpy as np

with contextlib.suppress(ImportError):
    import resource
with contextlib.suppress(Exception):  # else the answer says so
    import av  # type: ignore[import-not-found, unused-ignore]

    for module in pkgutil.walk_packages(av.__path__, "av."):  # PyAV imports some late, when nothing can be opened
        if module.name.rpartition(".")[2] not in ("__main__", "datasets"):
            with contextlib.suppress(ImportError):
                importlib.import_module(module.name)


class RefusedError(Exception):
    """A video cannot be used: what is wrong, and what is expected ("" for any video)."""

    def __init__(self, what: str, expected: str = "") -> None:
        super().__init__(what)
        self.what, self.expected = what, expected


def answer(
    fields: dict[str, Any], _content: bytes, _given: dict[str, np.ndarray]
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """`frames`, uint8 [frames, height, width], of the video `path`, and `damage`; or fields that say what is wrong."""
    try:
        with open(fields["path"], "rb") as file, _nothing_else_opened():  # noqa: PTH123 - a path as text
            frames, damage = decode(file, fields["formats"], fields["most_pixels"], fields["most_side"])
            return {"damage": damage}, {"frames": frames}
    except RefusedError as error:
        return {"what": error.what, "expected": error.expected}, {}
    except Exception as error:  # PyAV has an exception for each code of FFmpeg
        if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
            return {"no room": True}, {}
        return {"error": getattr(error, "strerror", None) or str(error) or type(error).__name__}, {}


def decode(file: IO[bytes], formats: list[str], most_pixels: int, most_side: int) -> tuple[np.ndarray, list[str]]:
    """The luma of the first stream's frames, uint8 [frames, height, width], and what shows that frames are damaged.

    formats: FFmpeg's names of containers. RefusedError where frames are too many or too large, or none can be decoded.
    """
    frames, pixels, first = list[np.ndarray](), 0, None
    times, damaged = list[float](), 0
    with _open(file, formats, most_side) as container:
        for frame in container.decode(_stream(container, most_side)):
            size = frame.height, frame.width
            _check_side(size, most_side)
            first = first or size
            if size != first:
                what = f"it has frames of {first[0]} x {first[1]} and of {size[0]} x {size[1]}"
                raise RefusedError(what, "frames of one size")
            pixels += frame.height * frame.width
            if pixels > most_pixels:
                raise RefusedError(f"it has more than {most_pixels:,} pixels", "fewer")
            frames.append(frame.to_ndarray(format="gray"))
            damaged += frame.is_corrupt
            if frame.time is not None:
                times.append(frame.time)
        length = container.duration
    if not frames:
        raise RefusedError("no frame of it can be decoded")
    damage = [f"{damaged} of its {len(frames)} frames cannot be decoded in full"] if damaged else []
    return np.stack(frames), damage + _missing(times, length)


def _missing(times: list[float], length: int | None) -> list[str]:
    """What shows that frames are missing at the end. times: of frames, in s. length: of the video by its header, in us.

    Containers round: two frames may be missing without a word.
    """
    if len(times) < 2 or length is None:
        return []
    first, last, header = min(times), max(times), length / 1e6
    each = (last - first) / (len(times) - 1)
    if header <= last - first + 3 * each:
        return []
    return [f"its frames end after {last - first + each:.2f} s, its header gives {header:.2f} s"]


def _open(file: IO[bytes], formats: list[str], most_side: int) -> Any:
    av.logging.set_level(av.logging.ERROR)  # an exception then has the last line of FFmpeg's log
    allowed = {"format_whitelist": ",".join(formats), "protocol_whitelist": "", "max_pixels": str(most_side**2)}
    try:
        return av.open(file, options=allowed)
    except av.FFmpegError as error:
        line: Any = error.log  # level, part of FFmpeg, text
        if line and "whitelist" in line[2]:
            raise RefusedError(f"its container, {line[1]}, is none of those that are read") from None
        raise


def _stream(container: Any, most_side: int) -> Any:
    """The first video stream, whose decoder takes no larger frames and one thread."""
    stream = next(iter(container.streams.video), None)
    if stream is None:
        raise RefusedError("it has no video, only other streams or none")
    context = stream.codec_context
    if context is None:
        raise RefusedError("there is no decoder for it")
    _check_side((context.height, context.width), most_side)
    context.options, context.thread_count = {"max_pixels": str(most_side**2)}, 1
    return stream


def _check_side(size: tuple[int, int], most_side: int) -> None:
    if max(size) > most_side:
        raise RefusedError(f"it has frames of {size[0]} x {size[1]}", f"sides of 1 to {most_side}")


@contextlib.contextmanager
def _nothing_else_opened() -> Iterator[None]:
    """Let the system refuse each further file or connection in the body."""
    if "resource" not in globals():
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
