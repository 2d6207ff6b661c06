"""Videos: another process decodes them, within limits of memory and time, and opens no other file."""

from pathlib import Path

import numpy as np

from workloads.errors import refuse
from workloads.extras import check_extra
from workloads.isolated.asking import EndedError, Isolated, LateError, Limits
from workloads.yaml_files import LONGEST_SHOWN, shorten

DECODING = Isolated(Path(__file__).with_name("decoding.py"))
FORMATS = {
    "mov": "mp4, mov", "matroska": "mkv, webm", "avi": "avi", "mpegts": "ts", "mpeg": "mpg", "ogg": "ogg",
    "yuv4mpegpipe": "y4m", "gif": "gif",
}  # fmt: skip
"""Containers by FFmpeg's name: those that hold their frames, where others (concat, hls, dash, sdp) name files."""
VIDEOS = "a video (" + ", ".join(FORMATS.values()) + ")"
EXPECTED = f"frames as an array (.npy, .npz) or {VIDEOS}"
MOST_PIXELS, MOST_SIDE = 1 << 28, 8192
"""Of a clip and of a frame's side."""
MOST_BYTES = 3 << 29
"""More than the process has before it decodes."""
LEAST_SECONDS, MOST_SECONDS, SECONDS_A_BYTE = 8.0, 300.0, 2e-6
"""Of processor time, and what each byte of the file allows."""
WAITING = 3
"""Times as long may it take, as other processes run as well."""


def decode(path: Path) -> tuple[np.ndarray, list[str]]:
    """The luma of a video's frames, uint8 [frames, height, width], and notes on frames that are damaged or missing.

    InputError where it cannot be decoded.
    """
    check_extra("av", "video", path)
    seconds = min(MOST_SECONDS, LEAST_SECONDS + SECONDS_A_BYTE * path.stat().st_size)
    asked = {
        "path": str(path.absolute()), "formats": list(FORMATS), "most_pixels": MOST_PIXELS, "most_side": MOST_SIDE,
    }  # fmt: skip
    try:
        fields, arrays = DECODING.ask(asked, Limits(MOST_BYTES, seconds, WAITING * seconds))
    except LateError:
        expected = f"{LEAST_SECONDS:g} s and {SECONDS_A_BYTE * 1e6:g} for each MB of the file"
        refuse(path, f"it takes more than {seconds:.3g} s to decode", expected)
    except EndedError as error:
        fields, arrays = {"error": f"PyAV ended with {error}"}, {}
    if "no room" in fields:
        refuse(path, f"it takes more than {MOST_BYTES >> 20:,} MiB to decode", "a video that takes less")
    if "what" in fields:
        refuse(path, fields["what"], fields["expected"] or EXPECTED)
    if "error" in fields:
        refuse(path, f"it cannot be decoded ({shorten(fields['error'], LONGEST_SHOWN)})", EXPECTED)
    return arrays["frames"], [f"{path}: {damage}" for damage in fields["damage"]]
