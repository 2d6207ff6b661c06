"""A mixture of experts divided over chips: each has some experts, and the sequences of its own for all else.

Expert parallel, after Lepikhin et al., GShard (arXiv 2006.16668): a chip sends the vector of a token to the chip of
each expert that the token chooses, and gets the result back; both are all-to-alls of uneven shares. A token that
chooses two experts of a chip is two rows there. All weights but those of routed experts are on every chip.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from workloads.division import ALL_TO_ALL, NO_LAYER, Division, Exchange, LayerStage
from workloads.errors import refuse
from workloads.kinds.drawing import generator
from workloads.options import Formats
from workloads.sources.language.layers import layer_of
from workloads.sources.language.parts import Experts, Part
from workloads.sources.language.precision import forms_of, notes_on
from workloads.sources.language.samples import make_sample
from workloads.sources.language.shapes import KINDS, Making, choose_experts
from workloads.sources.language.split import EXCHANGED_BYTES, Place, base_of, model_of, ordered
from workloads.words import counted
from workloads.workload import Layer, Workload

BEFORE = ("latent-down", "router")
"""The part after which tokens are sent to experts: the first of these that a block has."""


def divide_experts(making: Making, place: str, chips: int) -> Division:
    """Experts and sequences on several chips. InputError where they do not divide."""
    own = making._replace(task=_own_task(making, chips))
    found, stages, chosen = list[Layer](), list[LayerStage](), dict[str, np.ndarray]()
    places = ordered(making)
    for number, one in enumerate(places):
        block = [other for other in places if _same_block(one, other)]
        experts = next((other for other in block if base_of(other.part) == "experts"), None)
        if experts is not None and _title(experts) not in chosen:
            chosen[_title(experts)] = _choice(making, experts)
        shares = _shares(experts.part, chosen[_title(experts)], chips) if experts is not None and chips > 1 else ()
        if base_of(one.part) == "experts":
            layers = list(_expert_layers(making, one, place, _pairs(one.part, chosen[_title(one)], chips), len(found)))
            found += [layer for layer, _ in layers if layer is not None]
            ids, about = tuple(where for _, where in layers), one.part.about
            name = _title(one)
        else:
            layer = layer_of(own, one.part, one.number, place)
            ids, name, about = (len(found),) * chips, layer.name, layer.group
            found.append(layer._replace(group=""))
        exchange, reader = _exchange(base_of(one.part), [base_of(other.part) for other in block], shares)
        followed = [base_of(other.part) for other in places[number + 1 : number + 2]] == [base_of(one.part)]
        needed = _place_of(places, number, one, reader)
        stages.append(LayerStage(name, about, ids, None if followed else exchange, needed))
    return Division(model_of(making, found), tuple(stages), () if chips == 1 else _notes(making, chips))


def _own_task(making: Making, chips: int) -> Any:
    """A chip's share of the sequences. InputError where they or the experts do not divide."""
    model, task = making.model, making.task
    if model.experts is None:
        refuse(making.name, "it has no experts", "a mixture of experts, or --split tensor")
    if task.sequences % chips:
        what = f"its batch of {counted(task.sequences, 'sequence')} does not split evenly over {chips} chips"
        refuse(making.name, what, f"--batch with a multiple of {chips}, or --split tensor")
    experts = model.experts.experts.value
    if experts % chips:
        what = f"its {experts:,} experts do not split evenly over {chips} chips"
        refuse(making.name, what, f"a number of chips that divides {experts:,}")
    return task._replace(sequences=task.sequences // chips, tokens=task.tokens / chips)


def _same_block(one: Place, other: Place) -> bool:
    return (one.number, one.part.draft, one.part.block) == (other.number, other.part.draft, other.part.block)


def _choice(making: Making, one: Place) -> np.ndarray:
    """Which experts all tokens choose, int64 [tokens, chosen], as on one chip."""
    return choose_experts(making, one.part, generator(_title(one), making.options.seed))


def _title(one: Place) -> str:
    """As the layer of a run on one chip is called."""
    begin = f"draft{one.number}-" if one.part.draft else ""
    return f"{begin}{one.part.block}-{one.part.name}"


def _pairs(part: Part, choice: np.ndarray, chips: int) -> list[np.ndarray]:
    """Of each chip, which of its experts its rows choose, int64 [rows, 1]; choice: int64 [tokens, chosen]."""
    assert isinstance(part.shape, Experts)
    chosen, each = choice.ravel(), part.shape.sizes.experts.value // chips
    return [chosen[chosen // each == chip][:, None] % each for chip in range(chips)]


def _shares(part: Part, choice: np.ndarray, chips: int) -> tuple[tuple[int, ...], ...]:
    """Bytes that chip i sends to the experts of chip j; choice: int64 [tokens, chosen]."""
    assert isinstance(part.shape, Experts)
    each, size = part.shape.sizes.experts.value // chips, part.shape.inputs * EXCHANGED_BYTES
    source = np.repeat(np.arange(len(choice)) * chips // len(choice), choice.shape[1])
    counts = np.zeros((chips, chips), np.int64)
    np.add.at(counts, (source, choice.ravel() // each), 1)
    np.fill_diagonal(counts, 0)
    return tuple(map(tuple, (counts * size).tolist()))


def _exchange(
    name: str, block: Sequence[str], shares: tuple[tuple[int, ...], ...]
) -> tuple[Exchange | None, str | None]:
    """What follows a part, and the part that reads it; None: the next one."""
    if not shares:
        return None, None
    if name == next(one for one in BEFORE if one in block):
        return Exchange(ALL_TO_ALL, shares=shares), "experts"
    if name == "experts":
        back = tuple(zip(*shares, strict=True))
        return Exchange(ALL_TO_ALL, shares=back), "latent-up" if "latent-up" in block else None
    return None, None


def _place_of(places: Sequence[Place], number: int, one: Place, reader: str | None) -> int:
    """The place of the part that reads an exchange; without a name, of the first part after the block."""
    for place in range(number + 1, len(places)):
        same = _same_block(places[place], one)
        if (base_of(places[place].part) == reader and same) or not same:
            return place
    return len(places)


def _expert_layers(
    making: Making, one: Place, place: str, pairs: Sequence[np.ndarray], first: int
) -> Iterator[tuple[Layer | None, int]]:
    """Each chip's layer, and its place among all layers; none where no token chooses one of its experts."""
    for chip, choice in enumerate(pairs):
        if len(pairs) == 1:
            yield layer_of(making, one.part, one.number, place)._replace(group=""), first
        elif len(choice):
            title = f"{_title(one)} on chip {chip}"
            load = partial(_load, making, one.part, title, place, choice, len(pairs))
            yield Layer(title, KINDS[Experts], load), first
            first += 1
        else:
            yield None, NO_LAYER


def _load(
    making: Making, part: Part, title: str, place: str, choice: np.ndarray, chips: int, formats: Formats
) -> Workload:
    """A chip's experts with their rows, of shapes alone; choice: int64 [rows, 1]."""
    from workloads.distinct import distinct
    from workloads.kinds.experts.layer import DrawnHidden
    from workloads.kinds.experts.shapes import experts_of_shape

    assert isinstance(part.shape, Experts)
    sizes, forms = part.shape.sizes, forms_of(making.model, part, formats)
    count, width = sizes.experts.value // chips, sizes.width.value
    rng = generator(title, making.options.seed)
    drawn = DrawnHidden(sizes.active.value, rng.random((len(distinct(choice)), width), dtype=np.float32))
    layer = experts_of_shape(title, forms.weight, choice, count, part.shape.inputs, width, sizes.gated, drawn)
    sample = make_sample(part, f"{title} (sample)", forms, making.options.seed)
    notes = notes_on(making.model, part, formats, forms)
    whole = layer._replace(own_format=True)
    return Workload(title, place, making.options.seed, whole, KINDS[Experts], notes, sample=sample)


def _notes(making: Making, chips: int) -> tuple[str, ...]:
    assert making.model.experts is not None
    each = making.model.experts.experts.value // chips
    return (
        f"each chip has {counted(each, 'expert')} of every layer, its own sequences, and all other weights",
        "the vector of a token travels in BF16 to each expert that it chooses on another chip, and its result back",
    )
