"""Scores at which a detector is used: by its false positives, or by its precision."""

from typing import NamedTuple

import numpy as np

from workloads.tracks.boxes import Boxes, Pairs

RATES = 0.1, 0.2, 0.4, 0.8, 1.6, 3.2
"""False positives for each box of the truth, at the six operating points of average delay (Mao et al., ICCV 2019)."""


class Ranked(NamedTuple):
    """The detections from the highest score on, and which are right, each box of the truth found once."""

    score: np.ndarray  # float64 [n], descending
    right: np.ndarray  # bool [n]
    label: np.ndarray  # int64 [n], of the detector's labels


def rank(truth: Boxes, found: Boxes, pairs: Pairs) -> Ranked:
    """Each detection, from the highest score on, is right where the box that it overlaps most was not found before."""
    best = np.full(len(found.frame), -1, np.int64)
    by_overlap = np.argsort(pairs.overlap, kind="stable")
    best[pairs.found[by_overlap]] = pairs.truth[by_overlap]  # the last one written overlaps most
    order = np.argsort(-found.score, kind="stable")
    right, taken = np.zeros(len(order), bool), np.zeros(len(truth.frame), bool)
    for place, row in enumerate(order.tolist()):
        box = best[row]
        if box >= 0 and not taken[box]:
            right[place] = taken[box] = True
    return Ranked(found.score[order], right, found.label[order])


def ends_of_scores(ranked: Ranked) -> np.ndarray:
    """How many detections each distinct score keeps, int64 [scores], ascending: equal scores are kept together."""
    if not len(ranked.score):
        return np.zeros(0, np.int64)
    ends: np.ndarray = np.append(np.flatnonzero(ranked.score[1:] != ranked.score[:-1]) + 1, len(ranked.score))
    return ends


def score_at_rate(ranked: Ranked, boxes: int, rate: float) -> float:
    """The lowest score with at most `rate` false positives for each of `boxes`; infinite where there is none.

    A rate that is never reached keeps all detections.
    """
    ends = ends_of_scores(ranked)
    wrong = np.cumsum(~ranked.right)
    fits = ends[wrong[ends - 1] <= rate * boxes] if len(ends) else ends
    return float(ranked.score[fits[-1] - 1]) if len(fits) else float("inf")


def score_at_precision(ranked: Ranked, precision: float) -> float | None:
    """The lowest score with this precision, the mean over the labels found; None where no score has it."""
    ends = ends_of_scores(ranked)
    if not len(ends):
        return None
    shares = []
    for label in np.unique(ranked.label):
        mine = ranked.label == label
        count, right = np.cumsum(mine)[ends - 1], np.cumsum(mine & ranked.right)[ends - 1]
        shares.append(np.where(count > 0, right / np.maximum(count, 1), np.nan))
    means = np.nanmean(np.array(shares), axis=0)
    fits = ends[means >= precision - 1e-12]
    return float(ranked.score[fits[-1] - 1]) if len(fits) else None
