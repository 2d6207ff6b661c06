"""A language model divided over chips: the matrices of each layer, with exchanges where sums or parts are wanted whole.

Tensor parallel, after Shoeybi et al., Megatron-LM (arXiv 1909.08053): the first matrix of a pair is split by outputs
and heads, the second by inputs, and the partial sums are added over all chips. A router is on each chip whole. A latent
width of experts is gathered before them, and its sums are scattered after them.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from workloads.division import ALL_GATHER, ALL_REDUCE, EXPERTS, REDUCE_SCATTER, SPLITS, Division, Exchange, LayerStage
from workloads.errors import refuse
from workloads.sources.language.layers import layer_of, notes_of, parts_with_drafts
from workloads.sources.language.network import LanguageModel
from workloads.sources.language.parts import Part, Product
from workloads.sources.language.shapes import Making, rows_of
from workloads.workload import Model

EXCHANGED_BYTES = 2
"""Of a number that chips exchange: BF16, whatever the format of the weights."""
MOST_CHIPS = 1024
SUMMED = ("attention-out", "cross-out", "mamba-out", "mlp-down")
"""Parts at the end of a block, split by inputs: their sums are added over chips."""
LAST_OF_EXPERTS = ("latent-up", "shared-down", "experts")
"""The last part of a block of experts, in this order of preference."""


ON_SEVERAL = ("key_heads", "groups")
"""Of these, one is on several chips where there are fewer than chips."""
DIVIDED = {
    ("attention", "heads"): "heads",
    ("attention", "key_heads"): "heads of keys",
    ("cross_attention", "heads"): "heads",
    ("cross_attention", "key_heads"): "heads of keys",
    ("mamba", "heads"): "Mamba heads",
    ("mamba", "groups"): "Mamba groups",
    ("experts", "width"): "values of an expert's hidden layer",
    ("experts", "shared_width"): "values of the shared expert",
    ("mlp", "width"): "values of the hidden layer",
    ("", "vocabulary"): "tokens of the vocabulary",
}
"""Section and key of the sizes that are divided -> what they count."""
CHECKED = {("experts", "latent"): "values of the latent width", ("", "width"): "values of a token"}
"""Likewise, sizes whose products are divided apart."""


class Place(NamedTuple):
    """A part in the order in which chips compute it."""

    part: Part
    number: int  # of the draft


def divide(making: Making, place: str, chips: int, split: str) -> Division:
    """A model on several chips. InputError where it does not divide."""
    if split not in SPLITS:
        refuse(f"--split {split!r:.40}", "there is no such split", " or ".join(SPLITS))
    if not 1 <= chips <= MOST_CHIPS:
        refuse(making.name, f"it is divided over {chips} chips", f"1 to {MOST_CHIPS}")
    if split == EXPERTS:
        from workloads.sources.language.expert_split import divide_experts

        return divide_experts(making, place, chips)
    own = making._replace(model=shared_model(making.name, making.model, chips))
    places = [one._replace(part=_shared_part(one.part, chips)) for one in ordered(own)]
    found, stages = [], []
    for number, (one, exchange, needed) in enumerate(with_exchanges(own, places, chips)):
        layer = layer_of(own, one.part, one.number, place)
        found.append(layer._replace(group=""))
        stages.append(LayerStage(layer.name, layer.group, (number,) * chips, exchange, needed))
    return Division(model_of(making, found), tuple(stages), () if chips == 1 else _notes(making, chips))


def model_of(making: Making, layers: Sequence[Any]) -> Model:
    """The layers of all chips as a model that the executor runs."""
    return Model(making.name, layers, True, "of shapes", notes=notes_of(making), options=making.options)


def shared_model(name: str, model: LanguageModel, chips: int) -> LanguageModel:
    """The sizes of one chip's share: heads, groups, widths of hidden layers and the vocabulary are divided.

    Heads of keys and groups that are fewer than the chips are on several. InputError where one does not divide.
    """
    changed: dict[str, dict[str, Any]] = {}
    for (section, key), what in {**DIVIDED, **CHECKED}.items():
        part = getattr(model, section) if section else model
        size = getattr(part, key) if part is not None else None
        if size is None:
            continue
        several = key in ON_SEVERAL and chips % size.value == 0
        share = 1 if several else size.value // chips
        if not several and share * chips != size.value:
            found = f"its {size.value:,} {what} do not split evenly over {chips} chips"
            refuse(name, found, f"a number of chips that divides {size.value:,}")
        if (section, key) in DIVIDED:
            changed.setdefault(section, {})[key] = size.model_copy(update={"value": share})
    whole = changed.pop("", {})
    parts = {section: getattr(model, section).model_copy(update=sizes) for section, sizes in changed.items()}
    return model.model_copy(update={**whole, **parts})


def _shared_part(part: Part, chips: int) -> Part:
    """Parts whose width is not one of `shared_model`: into a latent width and out of it, and into a draft."""
    shape = part.shape
    if isinstance(shape, Product):
        base = base_of(part)
        if base in ("latent-down", "draft-in") and not part.name.endswith("-lora-a"):
            return part._replace(shape=shape._replace(outputs=shape.outputs // chips))
        if base == "latent-up" and not part.name.endswith("-lora-b"):
            return part._replace(shape=shape._replace(inputs=shape.inputs // chips))
    return part


def base_of(part: Part) -> str:
    """The name of a part without that of a side path."""
    return part.name.removesuffix("-lora-a").removesuffix("-lora-b")


def ordered(making: Making) -> list[Place]:
    """All parts in the order of chips: a shared expert's products are where others wait for what they exchange."""
    found: list[Place] = []
    for _, parts in groupby(parts_with_drafts(making), key=lambda one: (one[1], one[0].draft, one[0].block)):
        block = [Place(*one) for one in parts]
        rank = {"router": 0, "latent-down": 1, "shared-up": 2, "experts": 3, "shared-down": 4, "latent-up": 5}
        found += sorted(block, key=lambda one: rank.get(base_of(one.part), 0)) if _is_of_experts(block) else block
    return found


def _is_of_experts(block: Sequence[Place]) -> bool:
    return any(base_of(one.part) == "experts" for one in block)


def with_exchanges(making: Making, places: Sequence[Place], chips: int) -> Iterator[tuple[Place, Exchange | None, int]]:
    """Each part, what is exchanged after it, and the place of the part that first reads that."""
    names = [base_of(one.part) for one in places]
    for number, one in enumerate(places):
        following = names[number + 1 : number + 2]
        exchange = None
        if chips > 1 and following != [names[number]]:  # else its side path follows
            block = [base_of(other.part) for other in places if _block(other) == _block(one)]
            exchange = _exchange(making, one.part, block)
        needed = number + 1
        if exchange and names[number] in ("latent-down", "experts") and exchange.kind != ALL_REDUCE:
            reader = {"latent-down": "experts", "experts": "latent-up"}[names[number]]
            needed = next(place for place in range(number, len(places)) if names[place] == reader)
        yield one, exchange, needed


def _block(one: Place) -> tuple[int, bool, int]:
    return one.number, one.part.draft, one.part.block


def _exchange(making: Making, part: Part, block: Sequence[str]) -> Exchange | None:
    name, rows = base_of(part), rows_of(making.task, part) * EXCHANGED_BYTES
    width, experts = making.model.width.value, making.model.experts
    last = next((one for one in LAST_OF_EXPERTS if one in block), None) if "experts" in block else None
    if name in SUMMED or name == last:
        return Exchange(ALL_REDUCE, rows * width)
    if name in ("latent-down", "experts") and experts is not None and experts.latent is not None:
        return Exchange(ALL_GATHER if name == "latent-down" else REDUCE_SCATTER, rows * experts.latent.value)
    if name == "draft-in":
        return Exchange(ALL_GATHER, rows * width)
    return None


def _notes(making: Making, chips: int) -> tuple[str, ...]:
    found = ["matrices are split by outputs and heads, then by inputs; partial sums travel in BF16 and are added"]
    model = making.model
    fewer = [key for key in ("attention", "mamba") if getattr(model, key) and _heads(model, key) < chips]
    if fewer:
        found.append(f"heads of keys or groups that are fewer than {chips} chips are on several of them")
    if model.vocabulary is not None:
        found.append("each chip has the head's outputs of its part of the vocabulary, and they stay there")
    return tuple(found)


def _heads(model: LanguageModel, key: str) -> int:
    found: int = (model.attention.key_heads if key == "attention" else model.mamba.groups).value  # type: ignore[union-attr]
    return found
