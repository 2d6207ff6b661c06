"""ONNX models out of published wheels, by name, each with an input such as it was made for."""

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

import numpy as np

from workloads.extras import import_extra
from workloads.sources.pretrained.inaspeech import CHIRPS, RATE, chirp

Inputs = Callable[[int], dict[str, np.ndarray]]
"""Arrays by the names of a model's inputs, [shapes that it declares], for the number of a sample."""
PHOTOS = ("astronaut", "chelsea", "coffee", "rocket", "retina", "hubble_deep_field")
"""Photos of scikit-image: a person, a cat, a cup, a rocket, an eye, galaxies."""
QUIET = 1e-6
"""Added to power before its logarithm is taken."""


Arrays = Mapping[str, np.ndarray]
_RATE: Arrays = {"sr": np.array(RATE, np.int64)}


class OnnxMember(NamedTuple):
    """A model in a wheel."""

    wheel: str  # a key of `WHEELS`
    member: str
    about: str
    inputs: Inputs


def photo(name: str, shape: tuple[int, int, int, int], low: float, high: float, sample: int) -> dict[str, np.ndarray]:
    """A photo of `PHOTOS`, float32 of a shape [1, 3, height, width], with black at `low` and white at `high`.

    InputError where Pillow or scikit-image is not installed.
    """
    pixels = getattr(import_extra("skimage.data", "real", "a photo"), PHOTOS[sample])()
    images = import_extra("PIL.Image", "real", "a photo")
    image = images.fromarray(pixels).convert("RGB").resize((shape[3], shape[2]), images.Resampling.BILINEAR)
    values = np.asarray(image, np.float32).transpose(2, 0, 1)[None] / 255
    return {name: (low + (high - low) * values).astype(np.float32)}


def sound(name: str, shape: tuple[int, ...], states: Arrays, sample: int) -> dict[str, np.ndarray]:
    """A chirp at 16 kHz, float32 [shape], as many samples as that has numbers, and what else the model reads."""
    return {name: chirp(*CHIRPS[sample], math.prod(shape)).reshape(shape), **states}


def spectrum(name: str, shape: tuple[int, ...], states: Arrays, sample: int) -> dict[str, np.ndarray]:
    """The logarithm of a chirp's power, of mean 0 and deviation 1, and what else the model reads.

    shape: of the float32 array, [..., frames, bins] or [..., frames, bins, 1].
    """
    frames, bins = [size for size in shape if size != 1][-2:]
    width = 2 * bins
    signal = chirp(*CHIRPS[sample], (frames - 1) * (width // 2) + width)
    windows = np.lib.stride_tricks.sliding_window_view(signal, width)[:: width // 2] * np.hanning(width)
    power = np.log(np.abs(np.fft.rfft(windows))[:, :bins] ** 2 + QUIET)
    scaled = ((power - power.mean()) / power.std()).astype(np.float32)
    flat = scaled[..., None] if shape[-1] == 1 else scaled
    return {name: np.broadcast_to(flat, shape).copy(), **states}


def _silero(file: str, about: str, samples: int = 512, rate: bool = True) -> OnnxMember:
    states = {"state": np.zeros((2, 1, 128), np.float32), **(_RATE if rate else {})}
    return OnnxMember("silero-vad", f"silero_vad/data/{file}", about, partial(sound, "input", (1, samples), states))


def _wake_word(word: str, frames: int, name: str = "onnx::Flatten_0") -> OnnxMember:
    file = f"openwakeword/resources/models/{word}_v0.1.onnx"
    return OnnxMember("openwakeword", file, f"hears {word}", partial(spectrum, name, (1, frames, 96), {}))


def _quality(file: str, about: str, inputs: Inputs) -> OnnxMember:
    return OnnxMember("speechmos", f"speechmos/{file}.onnx", about, inputs)


_OCR = "rapidocr_onnxruntime/models"
_STATE = {"h": np.zeros((1, 1, 128), np.float32), "c": np.zeros((1, 1, 128), np.float32)}
_OLD_STATE = {**_RATE, **{name: np.zeros((2, 1, 64), np.float32) for name in ("h", "c")}}
_RATER = {"rater_embed": np.zeros((1, 64), np.float32)}
_ECHO = {"h0": np.zeros((4, 1, 64), np.float32)}
_MODELS = "openwakeword/resources/models"

ONNX_MODELS: dict[str, OnnxMember] = {
    "rapidocr-det": OnnxMember(
        "rapidocr",
        f"{_OCR}/ch_PP-OCRv4_det_infer.onnx",
        "finds text in a photo",
        partial(photo, "x", (1, 3, 320, 320), -1, 1),
    ),
    "rapidocr-rec": OnnxMember(
        "rapidocr",
        f"{_OCR}/ch_PP-OCRv4_rec_infer.onnx",
        "reads a line of text",
        partial(photo, "x", (1, 3, 48, 320), -1, 1),
    ),
    "rapidocr-cls": OnnxMember(
        "rapidocr",
        f"{_OCR}/ch_ppocr_mobile_v2.0_cls_infer.onnx",
        "sees whether a line is upside down",
        partial(photo, "x", (1, 3, 48, 192), -1, 1),
    ),
    "nudenet": OnnxMember(
        "nudenet", "nudenet/320n.onnx", "a YOLOv8n detector", partial(photo, "images", (1, 3, 320, 320), 0, 1)
    ),
    "ddddocr-det": OnnxMember(
        "ddddocr", "ddddocr/common_det.onnx", "a YOLOX detector", partial(photo, "images", (1, 3, 416, 416), 0, 255)
    ),
    "basic-pitch": OnnxMember(
        "basic-pitch",
        "basic_pitch/saved_models/icassp_2022/nmp.onnx",
        "hears notes",
        partial(sound, "serving_default_input_2:0", (1, 43844, 1), {}),
    ),
    "silero-vad": _silero("silero_vad.onnx", "hears whether somebody speaks: convolutions and an LSTM"),
    "silero-vad-op15": _silero("silero_vad_16k_op15.onnx", "the same for 16 kHz"),
    "silero-vad-half": _silero("silero_vad_half.onnx", "the same in float16", rate=False),
    "silero-vad-op18": _silero("silero_vad_op18_ifless.onnx", "the same with its LSTM as matrices"),
    "silero-vad-openvino": _silero("silero_vad_openvino_16k.onnx", "the same for one chunk", 576, rate=False),
    "silero-vad-sequence": OnnxMember(
        "silero-vad",
        "silero_vad/data/silero_vad_16k_sequence.onnx",
        "the same for chunks in a row",
        partial(sound, "input", (20, 576), _STATE),
    ),
    "silero-vad-v4": OnnxMember(
        "openwakeword",
        f"{_MODELS}/silero_vad.onnx",
        "an earlier one: convolutions and two LSTMs",
        partial(sound, "input", (1, 1536), _OLD_STATE),
    ),
    "wakeword-mel": OnnxMember(
        "openwakeword",
        f"{_MODELS}/melspectrogram.onnx",
        "a mel spectrogram as convolutions",
        partial(sound, "input", (1, 12400), {}),
    ),
    "wakeword-embedding": OnnxMember(
        "openwakeword",
        f"{_MODELS}/embedding_model.onnx",
        "convolutions that describe a second of sound",
        partial(spectrum, "input_1", (1, 76, 32, 1), {}),
    ),
    "wakeword-alexa": _wake_word("alexa", 16),
    "wakeword-jarvis": _wake_word("hey_jarvis", 16, "x.1"),
    "wakeword-mycroft": _wake_word("hey_mycroft", 16),
    "wakeword-rhasspy": _wake_word("hey_rhasspy", 16),
    "wakeword-timer": _wake_word("timer", 34),
    "wakeword-weather": _wake_word("weather", 22),
    "dnsmos": _quality(
        "dnsmos_models/sig_bak_ovr",
        "how good speech sounds: convolutions",
        partial(sound, "input_1", (1, 144160), {}),
    ),
    "dnsmos-sig": _quality("dnsmos_models/sig", "the speech alone", partial(spectrum, "input_1", (1, 901, 161), {})),
    "dnsmos-bak": _quality("dnsmos_models/bak_ovr", "the noise", partial(spectrum, "input_1", (1, 901, 161), {})),
    "dnsmos-p808": _quality(
        "dnsmos_models/model_v8", "as listeners rate", partial(spectrum, "input_1", (1, 900, 120), {})
    ),
    "plcmos": _quality(
        "plcmos_models/plcmos_v2",
        "how lost packets sound: dilated convolutions and GRUs",
        partial(spectrum, "degraded_audio", (1, 1, 200, 257), _RATER),
    ),
    "aecmos": _quality(
        "aecmos_models/Run_1663829550_Stage_0",
        "how an echo sounds: convolutions and GRUs",
        partial(spectrum, "input", (1, 3, 200, 160), _ECHO),
    ),
}
"""Names are in the order in which `list` shows them."""
