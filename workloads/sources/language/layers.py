"""The layers of a language model for a step, in running order, and the sentences that say what they leave out."""

from collections.abc import Iterator
from functools import partial

from workloads.options import Formats
from workloads.sources.language.parts import Experts, Part, Product, parts_of
from workloads.sources.language.precision import SIDE_FORMAT, forms_of, notes_on
from workloads.sources.language.samples import make_sample
from workloads.sources.language.shapes import KINDS, Making, drawn_each, make_shape
from workloads.sources.language.task import PREFILL
from workloads.words import counted
from workloads.workload import Layer, Workload

SHAPES_ONLY = (
    "layers have shapes and no values, as time and counts do not depend on values; of each sort, the output of a small "
    "layer with values is compared"
)


def layers_of(making: Making, place: str) -> list[Layer]:
    """All layers of a step: those of the model, then of each draft all of its own, one draft after the other."""
    return [layer_of(making, part, number, place) for part, number in parts_with_drafts(making)]


def parts_with_drafts(making: Making) -> list[tuple[Part, int]]:
    """Parts with their side paths, in running order, and the number of the draft that they belong to."""
    parts = list(_with_side_paths(parts_of(making.model), making.options.lora))
    drafts = [part for part in parts if part.draft]
    found = [(part, 0) for part in parts if not part.draft]
    return found + [(part, number) for number in range(making.task.drafts) for part in drafts]


def layer_of(making: Making, part: Part, number: int, place: str) -> Layer:
    """A part as a layer that a machine loads in its formats; number: of the draft; place: where the model is from."""
    title = f"draft{number}-{part.block}-{part.name}" if part.draft else f"{part.block}-{part.name}"
    drawn = isinstance(part.shape, Experts) and drawn_each(making, part)
    # equal layers of a model run once; of few tokens, which experts are chosen is drawn for each layer
    before = making.model.pattern.value[part.block + 1 : part.block + 2] == "*" and not part.draft
    like = "" if drawn else f"{part.about}, {before}"
    return Layer(title, KINDS[type(part.shape)], partial(_load, making, part, title, place), part.about, like)


def _load(making: Making, part: Part, title: str, place: str, formats: Formats) -> Workload:
    """The layer in the formats of a machine, or in those that the model's precision map has for it."""
    forms = forms_of(making.model, part, formats)
    layer = make_shape(making, part, title, forms)
    sample = make_sample(part, f"{title} (sample)", forms, making.options.seed)
    seed = making.options.seed if isinstance(part.shape, Experts) else None
    notes = notes_on(making.model, part, formats, forms)
    return Workload(title, place, seed, layer, KINDS[type(part.shape)], notes, sample=sample)


def _with_side_paths(parts: Iterator[Part], rank: int) -> Iterator[Part]:
    """The parts, and after each projection but routers and heads a side path of this rank; 0: there are none."""
    for part in parts:
        yield part
        shape = part.shape
        if rank and isinstance(shape, Product) and part.name not in ("router", "head"):
            yield part._replace(name=f"{part.name}-lora-a", shape=Product(shape.inputs, rank), about=f"{part.about} A")
            yield part._replace(name=f"{part.name}-lora-b", shape=Product(rank, shape.outputs), about=f"{part.about} B")


def notes_of(making: Making) -> tuple[str, ...]:
    """What was run, and what is left out or assumed, a sentence each."""
    task, model = making.task, making.model
    if task.step == PREFILL:
        what = f"{counted(task.sequences, 'prompt')} of {counted(task.each, 'token')}"
    else:
        each = f", {counted(task.each, 'token')} each" if task.each > 1 else ""
        context = (
            f"a context of {counted(task.keys, 'token')}, {'those' if task.each > 1 else 'that'} of the step included"
        )
        what = f"one step of {counted(task.sequences, 'sequence')}{each}, on {context}"
    found = [what, SHAPES_ONLY]
    if making.options.lora:
        found.append(f"A and B: the two matrices of a side path of rank {making.options.lora:,} in {SIDE_FORMAT}")
    found.append("embedding, norms, additions and the choice of a token are left out")
    if model.experts is not None:
        found.append(f"experts are chosen at random: {model.experts.routing.value}")
    if task.drafts:
        assert model.drafts is not None
        right = model.drafts.accepted.value
        found.append(f"a drafted token is right with probability {right:g}: {task.tokens:.3g} tokens a step")
    return tuple(found)
