"""Sentences about layers, put together so that a network of many layers has few of them."""

import re
from collections.abc import Iterator, Mapping, Sequence

NUMBER = re.compile(r"[0-9]+(?:[.,e+-]+[0-9]+)*")
MOST = 3
"""Layers with sentences that differ in their numbers only, from which on the first is shown for all."""

MOST_NAMED = 9
"""Layers with one sentence that are all named."""


def merge_notes(found: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """One sentence for each that layers have, after their names; of those that differ in numbers only, the first one.

    >>> list(merge_notes({"2 of 9 weights are lost": ["a", "b"], "3 of 7 weights are lost": ["c", "d"]}))
    ['a - 2 of 9 weights are lost; the like in 3 more layers (b, c, ...)']
    >>> list(merge_notes({"it does not fit": ["a", "b"]}))
    ['a, b - it does not fit']

    found: sentence -> layers. What is left out here is in the rows of the layers.
    """
    alike: dict[str, list[str]] = {}
    for sentence in found:
        alike.setdefault(NUMBER.sub("#", sentence), []).append(sentence)
    for sentences in alike.values():
        layers = list(dict.fromkeys(layer for sentence in sentences for layer in found[sentence]))
        if len(sentences) == 1 or len(layers) <= MOST:
            yield from (f"{names_of_layers(found[sentence])} - {sentence}" for sentence in sentences)
            continue
        first, *others = layers
        yield f"{first} - {sentences[0]}; the like in {len(others)} more layers ({', '.join(others[:2])}, ...)"


def names_of_layers(layers: Sequence[str]) -> str:
    """The names of layers; of many, the first ones and how many more there are."""
    if len(layers) <= MOST_NAMED:
        return ", ".join(layers)
    return f"{', '.join(layers[:MOST])} and {len(layers) - MOST:,} more"
