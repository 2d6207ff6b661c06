"""Language models on machines over contexts: tokens a second, joules a token and bytes, and ratios between models."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from simulator.config.formats import WEIGHT_FORMAT
from simulator.config.load import Config
from simulator.results.model_result import ModelResult
from simulator.results.result import versions
from simulator.run.executor import Execution, run
from simulator.run.machines import name_machines, with_formats
from workloads.document_types import Document
from workloads.errors import refuse
from workloads.field_docs import describe_fields
from workloads.model import Origin, describe, make_options, open_model
from workloads.options import WorkloadOptions
from workloads.yaml_files import shorten

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd
    from matplotlib.figure import Figure

    from simulator.results.files import StoredFile
    from simulator.run.api import Machine

MOST = 1000
"""Contexts, models and machines of a table together."""


@describe_fields(
    workload="The model.",
    machine="As the user called it.",
    weight_format="That the machine asks for; a model's precision map has some of its parts in others.",
    context="Tokens of each sequence, those of the step included, or of the prompt.",
    batch="Sequences that run together.",
    time_us="Of a step.",
    tokens_per_s="Tokens that all sequences get a second.",
    ratio="Its tokens a second over those of the first model, on the same machine with the same context.",
    joules_per_token="By the machine's prices.",
    dram_bytes="Of a step.",
    bytes_by_part="Of a step, where the machine counts them apart.",
    output_matches_reference="Whether samples of all layers equal the kernels', bit for bit.",
)
class ContextRow(NamedTuple):
    """A model on a machine with a context."""

    workload: str
    machine: str
    weight_format: str
    context: int
    batch: int
    time_us: float
    tokens_per_s: float
    ratio: float
    joules_per_token: float
    dram_bytes: int
    bytes_by_part: Mapping[str, int]
    output_matches_reference: bool


class Contexts(NamedTuple):
    """A table of rows, contexts one after the other, and sentences on what was run."""

    rows: tuple[ContextRow, ...]
    sentences: tuple[str, ...]

    @property
    def output_matches_reference(self) -> bool:
        """Of all rows."""
        return all(row.output_matches_reference for row in self.rows)

    def notes(self) -> list[str]:
        """Sentences on what was run."""
        return list(self.sentences)

    def to_dict(self) -> Document:
        """All of it, as JSON can hold it."""
        rows = [{**row._asdict(), "bytes_by_part": dict(row.bytes_by_part)} for row in self.rows]
        return {"contexts": rows, "notes": self.notes(), "versions": versions()}

    def to_frame(self) -> "pd.DataFrame":
        """A row for each model, machine and context; bytes by part as columns."""
        import pandas as pd

        return pd.json_normalize(self.to_dict()["contexts"])

    def plot(self, kind: str = "contexts") -> "Figure":
        """A picture, of a kind that `zeroskip plot` lists. InputError where there is none, or it is not of this."""
        from simulator.display.pictures import draw

        return draw(self._stored(), kind)

    def save(self, path: "str | PathLike[str]") -> None:
        """Write it to a .json, .csv or .html file, whole or not at all. InputError where that cannot be."""
        from simulator.display.files import write_as

        write_as(path, self.to_dict, self.to_frame, self._stored)

    def _stored(self) -> "StoredFile":
        """As it would be read from the JSON that it is written to."""
        from simulator.results.files import StoredFile

        return StoredFile(Path("contexts"), "contexts", json.loads(json.dumps(self.to_dict(), allow_nan=False)))


def parse_contexts(text: str) -> list[int]:
    """`4096`, `1024,8192`, or `1024:32768:6`: six contexts, each the same number of times the one before.

    >>> parse_contexts("1024:32768:6")
    [1024, 2048, 4096, 8192, 16384, 32768]

    InputError where it is none of these.
    """
    where, expected = f"context is {shorten(repr(text), 60)}", "tokens as 4096, 1024,8192 or 1024:32768:6"
    parts = text.split(":") if ":" in text else text.split(",")
    if not all(part.strip().isascii() and part.strip().isdigit() and len(part.strip()) < 10 for part in parts):
        refuse("compare", where, expected)
    numbers = [int(part) for part in parts]
    if ":" in text:
        if len(numbers) != 3 or not 2 <= numbers[2] <= MOST or not 0 < numbers[0] < numbers[1]:
            refuse("compare", where, f"{expected}, first below last, with a count from 2 to {MOST}")
        first, last, count = numbers
        numbers = [round(first * (last / first) ** (place / (count - 1))) for place in range(count)]
    if len(set(numbers)) < len(numbers) or min(numbers) < 1:
        refuse("compare", where, "each context once, from 1 on")
    return numbers


def compare_contexts(
    machines: "Sequence[Machine]",
    models: Sequence[Origin],
    contexts: Sequence[int],
    *,
    engine: str = "numba",
    formats: Sequence[str] = (),
    **options: Any,
) -> Contexts:
    """Run language models on machines over contexts; ratios are to the first model on the same machine.

    >>> found = compare_contexts(["tensor"], ["vila-vision"], [64])
    >>> found.rows[0].context, found.output_matches_reference
    (64, True)

    machines: as in `run`. models: names or files of language models. formats: each machine with each of these number
    formats of the weights. options: fields of `WorkloadOptions`, such as `batch`. Raises InputError where a machine, a
    model or an option is not what is expected.
    """
    from simulator.run.api import load_machine, names_of

    pairs = list(zip(names_of(machines), map(load_machine, machines), strict=True))
    if formats:
        pairs = [pair for name, config in pairs for pair in with_formats(name, config, formats)]
    chosen = make_options(**options)
    return compare_contexts_on(name_machines(pairs, 1), models, contexts, chosen, Execution(engine))


def compare_contexts_on(
    configs: Mapping[str, Config],
    sources: Sequence[Origin],
    contexts: Sequence[int],
    options: WorkloadOptions,
    how: Execution | None = None,
) -> Contexts:
    """Run each model on each machine with each context; ratios are to the first model.

    configs: by the names that rows have. InputError where a source is no language model, or as in `executor.run`.
    """
    names = [describe(source) for source in sources]
    if len(set(names)) < len(names) or not names:
        refuse("compare", f"models are {', '.join(names) or 'none'}", "language models, each once")
    if (many := len(configs) * len(names) * len(contexts)) > MOST:
        refuse("compare", f"there are {many:,} runs of models, machines and contexts", f"at most {MOST:,}")
    shown = _titles(sources, names, options._replace(context=contexts[0]))
    rows, leads, sentences = list[ContextRow](), dict[str, list[str]](), dict[str, None]()
    for context in contexts:
        first: dict[str, float] = {}
        for name, source in zip(shown, sources, strict=True):
            results = run(list(configs.values()), source, options._replace(context=context), how)
            for machine, result in zip(configs, results, strict=True):
                _check(name, machine, context, result)
                assert result.tokens_per_s is not None
                first.setdefault(machine, result.tokens_per_s)
                rows.append(_row(name, machine, context, options.batch or 1, result, first[machine]))
                for sentence in result.lead:
                    leads.setdefault(sentence, []).append(machine)
                sentences.update(dict.fromkeys(f"{name}: {note}" for note in _notes(result)))
    return Contexts(tuple(rows), (*_by_machine(leads), *sentences))


def _titles(sources: Sequence[Origin], names: Sequence[str], options: WorkloadOptions) -> list[str]:
    """The names of models as runs have them; where two are alike, what the user wrote. InputError as in `run`."""
    found = [open_model(source, options).name for source in sources]
    return found if len(set(found)) == len(found) else list(names)


def _by_machine(found: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Each sentence after the machines that it is about."""
    return (f"{', '.join(dict.fromkeys(machines))}: {sentence}" for sentence, machines in found.items())


def _check(name: str, machine: str, context: int, result: ModelResult) -> None:
    """Refuse what gives no tokens: another workload, or a step that the machine runs in part (InputError)."""
    if not result.tokens:
        refuse(name, "it is no language model", "one that `list` shows, or a file of them")
    for row in result.rows:
        if row.reason is not None:
            what = f"with a context of {context:,}, {row.layer} does not run on {machine} ({row.reason})"
            refuse(name, what, "a machine that runs all its layers")


def _notes(result: ModelResult) -> list[str]:
    """Its notes but for the source's first one, which states the context."""
    return [note for note in result.notes() if note not in result.source_notes[:1]]


def _row(name: str, machine: str, context: int, batch: int, result: ModelResult, first: float) -> ContextRow:
    total = result.total()
    assert result.tokens_per_s is not None
    assert result.joules_per_token is not None
    return ContextRow(
        workload=name,
        machine=machine,
        weight_format=str(result.config.written.get(WEIGHT_FORMAT, "")),
        context=context,
        batch=batch,
        tokens_per_s=result.tokens_per_s,
        joules_per_token=result.joules_per_token,
        time_us=total.time_us,
        dram_bytes=total.dram_bytes,
        bytes_by_part=result.bytes_by_part,
        ratio=result.tokens_per_s / first,
        output_matches_reference=total.output_matches_reference,
    )
