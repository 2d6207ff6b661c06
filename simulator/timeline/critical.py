"""The critical path of a run as a track: what decides each cycle of a window."""

from collections.abc import Sequence

from simulator.core.mechanisms import PathSpan
from simulator.timeline.spans import Span


def path_spans(path: Sequence[PathSpan], window: tuple[int, int], most: int) -> list[Span]:
    """The spans of a window of cycles; where there are more than `most`, in the narrowest bins of a power of two.

    No spans where not even one fits.
    """
    first, last = window
    exact = [
        Span(max(one.begin, first), min(one.begin + one.cycles, last) - max(one.begin, first), {describe(one): 0})
        for one in path
        if one.begin < last and one.begin + one.cycles > first
    ]
    exact = [one._replace(spent={one.name: one.cycles}) for one in exact]
    if len(exact) <= most or most <= 0:
        return exact if most > 0 else []
    width = 1
    while -(-(last - first) // width) > most:
        width *= 2
    return _binned(exact, window, width)


def describe(span: PathSpan) -> str:
    """`PE 3: entries`, or `broadcast`."""
    return f"{span.unit}: {span.what}" if span.unit else span.what


def _binned(spans: Sequence[Span], window: tuple[int, int], width: int) -> list[Span]:
    """Exact spans, without gaps, cut every `width` cycles."""
    first, last = window
    bins: list[dict[str, int]] = [{} for _ in range(-(-(last - first) // width))]
    for span in spans:
        now, end = span.begin, span.begin + span.cycles
        while now < end:
            place = (now - first) // width
            stop = min(end, first + (place + 1) * width)
            bins[place][span.name] = bins[place].get(span.name, 0) + stop - now
            now = stop
    return [
        Span(first + place * width, min(width, last - first - place * width), spent) for place, spent in enumerate(bins)
    ]
