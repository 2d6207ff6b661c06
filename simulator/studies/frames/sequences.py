"""The sequences that studies of frames use: truth, what the networks of a detector find, and a lower frame rate."""

from typing import NamedTuple

import numpy as np

from workloads.errors import InputError
from workloads.tracks.boxes import Boxes
from workloads.tracks.draw import KITTI_LIKE, PROPOSED, Scene, draw_detections, draw_truth
from workloads.tracks.regions import Frame
from workloads.tracks.sequences import OF_WHEEL, SIZES, load_detections, load_truth

RATE = 25.0
"""Frames a second of the published sequences: assumed, as their files state none."""
PROPOSED_SHARE = 0.8
"""Of a published sequence's detections, what a cheap network is assumed to propose."""


class Road(NamedTuple):
    """A scene at a frame rate."""

    scene: Scene
    proposed: Scene
    rate: float


SLOW = Road(KITTI_LIKE, PROPOSED, 30.0)


def _faster(scene: Scene) -> Scene:
    """The same scene at twice the rate, for 40 s at 60 frames a second."""
    return scene._replace(frames=2400, stay=2 * scene.stay, speed=scene.speed / 2, late=2 * scene.late)


FAST = Road(_faster(KITTI_LIKE), _faster(PROPOSED), 60.0)
"""The same road at twice the rate, for 40 s."""


class Sequence(NamedTuple):
    """Objects, what the expensive network finds on whole frames, what the cheap one proposes."""

    name: str
    fps: float
    frame: Frame
    truth: Boxes
    detections: Boxes
    proposals: Boxes


def drawn_sequence(seed: int, road: Road = SLOW) -> Sequence:
    """A drawn road."""
    rng, scene = np.random.default_rng(seed), road.scene
    truth = draw_truth(scene, rng)
    found = draw_detections(scene, truth, rng)
    proposals = draw_detections(road.proposed, truth, rng)
    return Sequence("drawn", road.rate, Frame(scene.width, scene.height), truth, found, proposals)


def published_sequences(seed: int) -> tuple[list[Sequence], list[str]]:
    """The sequences of the wheel, with a share of the detections as proposals; and why they cannot be had, if so."""
    found, missing = list[Sequence](), list[str]()
    for name in OF_WHEEL:
        try:
            truth, detections = load_truth(name), load_detections(name)
        except InputError as error:
            missing.append(f"sequence {name} is left out ({error})")
            continue
        rng = np.random.default_rng(seed)
        chosen = rng.random(len(detections.frame)) < PROPOSED_SHARE
        proposals = detections.choose(chosen)._replace(frames=detections.frames)
        found.append(Sequence(name, RATE, Frame(*SIZES[name]), truth, detections, proposals))
    return found, missing


def every(sequence: Sequence, skip: int) -> Sequence:
    """Every first, second, third ... frame, at a rate that is lower by as much."""
    return sequence._replace(
        fps=sequence.fps / skip,
        truth=_every(sequence.truth, skip),
        detections=_every(sequence.detections, skip),
        proposals=_every(sequence.proposals, skip),
    )


def _every(boxes: Boxes, skip: int) -> Boxes:
    chosen = boxes.choose(boxes.frame % skip == 0)
    return chosen._replace(frames=-(-boxes.frames // skip), frame=chosen.frame // skip)
