"""A step of language models against published and derived figures: bytes, tokens a second, milliseconds a token.

The derived roofline (H200, 4.8 TB/s) reads every weight once, one byte each, and of every sequence its keys and values,
one byte each, and its states in FP32 twice. Batches are 64, or as many sequences as fit 90 % of 141 GB with a context
of 24,576 tokens.
"""

from collections.abc import Iterator
from typing import NamedTuple

from simulator.config.load import Config, load_arch
from simulator.machines.tensor.layout.storage import peak_bytes
from simulator.machines.tensor.paper.variants import drafts_table, video_table
from simulator.results.model_result import ModelResult
from simulator.run.executor import run
from workloads.document_types import Document
from workloads.options import WorkloadOptions
from workloads.sources.language.parameters import count_parameters
from workloads.sources.language.source import language_models
from workloads.study import Progress

MODELS = ("nemotron3-nano", "qwen3-30b-a3b")
MACHINE = "tensor_h200"
CONTEXTS = (1024, 4096, 8192, 16384)
DERIVED = {  # (context, batch) -> tokens a second of the roofline: Nano, Qwen (derived from shapes)
    (8192, "64"): (7804, 5456),
    (16384, "64"): (7498, 3743),
    (8192, "all that fit"): (29512, 6083),
    (16384, "all that fit"): (25558, 4028),
}
FITTING = {"nemotron3-nano": 770, "qwen3-30b-a3b": 79}
"""Sequences that fit the memory, see above."""
RATIO = 3.3
"""Published: Nano over Qwen at 8K in and 16K out on an H200, best of two servers (NVIDIA); batches are not stated."""
EVERY = {"routing": "every"}
CARD = "tensor_rtx4090"
TOKEN_MS = {  # published milliseconds a token on an RTX 4090 (TinyChat, README of AWQ): FP16, W4A16
    "llama2-7b": (15.50, 5.28),
    "vila-7b": (17.09, 5.95),
}
CARD_FORMATS = ("fp16", "int4-g128")
CARD_CONTEXT = 512
"""Assumption: prompts of published runs are short; VILA has 576 more tokens, of an image."""
IMAGE = 576


class Step(NamedTuple):
    """A step of a model."""

    model: str
    context: int
    policy: str  # of the batch
    batch: int
    tokens_per_s: float
    roofline: float  # tokens a second of the simulated bytes that the derived roofline counts, at the peak bandwidth
    ideal: float  # tokens a second if each layer took as long as all its bytes or its products need
    sequence_bytes: float  # keys, values and states of a sequence
    step_bytes: int


KEPT = ("dram_key_bytes", "dram_value_bytes", "dram_state_bytes")
"""What a sequence keeps between steps."""
READ = ("dram_weight_bytes", "dram_scale_bytes", *KEPT)
"""What the derived roofline counts: no activations and no outputs."""


def ideal_us(result: ModelResult, config: Config) -> float:
    """The time of all layers if each took as long as its bytes, or its products, need at the machine's peak."""
    found = 0.0
    for row in result.rows:
        assert row.details is not None
        roof = row.details["roofline"]
        found += max(roof["bytes"] / peak_bytes(config.arch), roof["operations"] / roof["operations_per_cycle"])
    return found / config.technology.clock_mhz


def run_step(config: Config, model: str, context: int, policy: str, every: bool) -> Step:
    """One step of decoding; policy: `64`, or as many sequences as fit."""
    batch = 64 if policy == "64" else FITTING[model]
    changes = EVERY if every and language_models()[model].experts is not None else {}
    (result,) = run([config], model, WorkloadOptions(batch=batch, context=context, recipe=changes))
    parts = result.bytes_by_part
    kept, read = (sum(parts[name] for name in names) for names in (KEPT, READ))
    assert result.tokens_per_s is not None
    a_second = config.technology.clock_mhz * 1e6
    return Step(
        model=model,
        context=context,
        policy=policy,
        batch=batch,
        tokens_per_s=result.tokens_per_s,
        roofline=batch * a_second * peak_bytes(config.arch) / read,
        ideal=result.tokens / ideal_us(result, config) * 1e6,
        sequence_bytes=kept / batch,
        step_bytes=result.total().dram_bytes,
    )


def steps(progress: Progress) -> Iterator[Step]:
    """Both models at all contexts with both batches, every expert read once."""
    config = load_arch(MACHINE, weight_format="fp8")
    for policy in ("64", "all that fit"):
        for context in CONTEXTS:
            for model in MODELS:
                progress(f"{model}, batch {policy}, context {context:,}")
                yield run_step(config, model, context, policy, every=True)


def study(seed: int, progress: Progress) -> Document:  # noqa: ARG001 - every expert is read, so that nothing is drawn
    """Parameters, the roofline, ratios by context, and milliseconds a token on a card."""
    found = list(steps(progress))
    cards = list(card_rows(progress))
    return {
        "study": "A step of language models",
        "tables": [
            _parameters(),
            _roofline(found),
            _ratios(found),
            _cards(cards),
            drafts_table(progress),
            video_table(progress),
        ],
        "points": [step._asdict() for step in found],
    }


def _parameters() -> Document:
    rows = []
    for name, model in language_models().items():
        found = count_parameters(model)
        sizes = (f"{size / 1e9:.2f}" for size in found[:3])
        rows.append([name, *sizes, f"{found.cache_elements:,}", f"{found.state_elements / 1e6:,.2f}"])
    columns = ["model", "parameters (B)", "active (B)", "with embedding (B)", "keys and values a token", "states (M)"]
    return {"title": "what follows from the shapes", "columns": columns, "rows": rows}


def _roofline(found: list[Step]) -> Document:
    rows = []
    for step in found:
        derived = DERIVED.get((step.context, step.policy))
        shown = ["-", "-"]
        if derived is not None:
            own = derived[MODELS.index(step.model)]
            shown = [f"{own:,}", f"{100 * (step.roofline / own - 1):+.1f}"]
        rows.append([
            step.model, f"{step.context:,}", f"{step.batch}", f"{step.sequence_bytes / 1e6:.1f}",
            f"{step.step_bytes / 1e9:.2f}", *shown[:1], f"{step.roofline:,.0f}",
            shown[1], f"{step.ideal:,.0f}", f"{step.tokens_per_s:,.0f}",
        ])  # fmt: skip
    columns = ["model", "context", "batch", "MB a sequence", "GB a step", "derived tokens/s", "its bytes",
               "off %", "ideal timing", "simulated"]  # fmt: skip
    title = f"tokens a second on {MACHINE}, FP8, every expert read"
    return {"title": title, "columns": columns, "rows": rows}


def _ratios(found: list[Step]) -> Document:
    known = {(step.model, step.context, step.policy): step.tokens_per_s for step in found}
    rows = []
    for context in CONTEXTS:
        ratios = [known[MODELS[0], context, policy] / known[MODELS[1], context, policy] for policy in _policies(found)]
        rows.append([f"{context:,}", *(f"{ratio:.2f}" for ratio in ratios)])
    columns = ["context", *(f"batch {policy}" for policy in _policies(found))]
    title = f"simulated tokens a second of {MODELS[0]} over {MODELS[1]}; published: {RATIO} (8K in, 16K out)"
    return {"title": title, "columns": columns, "rows": rows}


def _policies(found: list[Step]) -> list[str]:
    return list(dict.fromkeys(step.policy for step in found))


class CardRow(NamedTuple):
    """A step for one sequence on a card."""

    model: str
    format: str
    published: float  # milliseconds a token
    simulated: float
    ideal: float

    @property
    def ratio(self) -> float:
        """Simulated over published."""
        return self.simulated / self.published


def card_rows(progress: Progress) -> Iterator[CardRow]:
    """Llama-2-7B, and VILA-7B with the tokens of an image in its context."""
    for model, published in TOKEN_MS.items():
        context = CARD_CONTEXT + (IMAGE if model.startswith("vila") else 0)
        for form, milliseconds in zip(CARD_FORMATS, published, strict=True):
            progress(f"{model} in {form}")
            config = load_arch(CARD, weight_format=form)
            (result,) = run([config], "llama2-7b", WorkloadOptions(context=context))
            yield CardRow(model, form, milliseconds, result.time_us / 1000, ideal_us(result, config) / 1000)


def _cards(found: list[CardRow]) -> Document:
    rows = [
        [row.model, row.format, f"{row.published:.2f}", f"{row.simulated:.2f}", f"{row.ratio:.2f}", f"{row.ideal:.2f}",
         f"{row.ideal / row.published:.2f}"]
        for row in found
    ]  # fmt: skip
    columns = ["model", "format", "published ms", "simulated ms", "simulated / published", "ideal ms",
               "ideal / published"]  # fmt: skip
    title = f"milliseconds a token on {CARD}, one sequence; FP16, and weights in INT4 with activations in 16 bits"
    return {"title": title, "columns": columns, "rows": rows}
