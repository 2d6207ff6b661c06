"""What a run of a language model computes: how many tokens, on a context of how many."""

from typing import NamedTuple

from workloads.errors import refuse
from workloads.options import WorkloadOptions
from workloads.sources.language.network import LanguageModel
from workloads.words import counted

CONTEXT = 8192
"""Tokens of a sequence with those of the step, where nothing else is asked for: the context of published figures."""
MOST_TOKENS = 1 << 17
"""Of a step, over all sequences."""
MOST_CONTEXT = 1 << 24
MOST_DRAFTS, MOST_RANK = 64, 1 << 14
DECODE, PREFILL = "decode", "prefill"


class Task(NamedTuple):
    """A step of decoding, or a prompt."""

    step: str
    sequences: int
    each: int  # tokens of a sequence that run together
    keys: int  # that the last of them reads
    drafts: int
    tokens: float  # that the run gives: of drafts, as many as are right on average

    @property
    def rows(self) -> int:
        """Tokens of all sequences that run together."""
        return self.sequences * self.each


def make_task(name: str, model: LanguageModel, options: WorkloadOptions) -> Task:
    """From options. InputError where they are too large, or where the model cannot do it."""
    batch, context = options.batch or 1, options.context or CONTEXT
    step = options.step or DECODE
    if context > MOST_CONTEXT:
        refuse(name, f"context is {context:,}", f"at most {MOST_CONTEXT:,}")
    for key, value, most in (("drafts", options.drafts, MOST_DRAFTS), ("lora", options.lora, MOST_RANK)):
        if value > most:
            refuse(name, f"{key} is {value:,}", f"at most {most:,}")
    own = 1 if model.step_tokens is None else model.step_tokens.value
    if options.drafts and (step == PREFILL or model.drafts is None):
        reason = "a prompt" if step == PREFILL else "a model without layers that draft tokens"
        refuse(name, f"drafts is {options.drafts}", f"0 for {reason}")
    each = context if step == PREFILL else own + options.drafts
    if batch * each > MOST_TOKENS:
        refuse(
            name,
            f"batch is {batch:,} of {counted(each, 'token')} each",
            f"at most {MOST_TOKENS:,} tokens at once",
        )
    if step == DECODE and model.causal and each > context:
        refuse(name, f"context is {context:,} for a step of {each:,} tokens", f"{each:,} or more, with them")
    given = own if not options.drafts else accepted(model, options.drafts)
    return Task(step, batch, each, context, options.drafts, batch * (context if step == PREFILL else given))


def accepted(model: LanguageModel, drafts: int) -> float:
    """How many tokens a step with drafts gives a sequence on average: those before the first wrong one, and its own."""
    assert model.drafts is not None
    right = model.drafts.accepted.value
    return sum(right**number for number in range(drafts + 1))
