"""Variants of a step: drafted tokens (MTP), and a video generator's block in two number formats (LongLive 2.0)."""

from simulator.config.load import load_arch
from simulator.results.model_result import ModelResult
from simulator.run.executor import run
from workloads.document_types import Document
from workloads.options import WorkloadOptions
from workloads.study import Progress

MACHINE = "tensor_b200"
DRAFTING, DRAFTS, BATCHES = "nemotron3-super", (0, 1, 3, 5), (1, 64)
VIDEO, WINDOW, FORMATS = "longlive2", 28160, ("bf16", "nvfp4")
PUBLISHED_VIDEO = 1.198
"""Frames a second, NVFP4 over BF16 with four steps each (README of LongLive): of all that runs, not of the block."""


def _step(model: str, form: str, **options: int) -> ModelResult:
    (result,) = run([load_arch(MACHINE, weight_format=form)], model, WorkloadOptions(**options))  # type: ignore[arg-type]
    return result


def drafts_table(progress: Progress) -> Document:
    """Tokens a second by how many tokens are drafted; the gain stays below the tokens that a step gives."""
    rows = []
    for batch in BATCHES:
        base = 0.0
        for drafts in DRAFTS:
            progress(f"{DRAFTING}, batch {batch}, {drafts} drafts")
            result = _step(DRAFTING, "nvfp4", batch=batch, drafts=drafts)
            assert result.tokens_per_s is not None
            base = base or result.tokens_per_s
            gain, each = result.tokens_per_s / base, result.tokens / batch
            rows.append([f"{batch}", f"{drafts}", f"{each:.2f}", f"{result.tokens_per_s:,.0f}", f"{gain:.2f}"])
    columns = ["batch", "drafts", "tokens a step and sequence", "tokens/s", "gain"]
    title = f"drafted tokens on {MACHINE}, {DRAFTING} in NVFP4, context 8,192"
    return {"title": title, "columns": columns, "rows": rows}


def video_table(progress: Progress) -> Document:
    """A step of the block in both formats: time, and bytes of keys and values of the window."""
    rows = []
    base: ModelResult | None = None
    for form in FORMATS:
        progress(f"{VIDEO} in {form}")
        result = _step(VIDEO, form, context=WINDOW)
        base = base or result
        kept, whole = (
            sum(one.bytes_by_part[f"dram_{part}_bytes"] for part in ("key", "value")) for one in (result, base)
        )
        figures = f"{result.time_us / 1000:.1f}", f"{base.time_us / result.time_us:.2f}"
        rows.append([form, *figures, f"{kept / 1e9:.2f}", f"{whole / kept:.2f}"])
    columns = ["format", "ms a step", "speed-up", "GB of keys and values", "ratio"]
    title = f"{VIDEO} on {MACHINE}: a block on its window; published speed-up of all that runs: {PUBLISHED_VIDEO}"
    return {"title": title, "columns": columns, "rows": rows}
