"""In which number formats the parts of a language model are: its precision map, else what the machine asks for."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from workloads.kinds.attention.format import AttentionFormat
from workloads.kinds.matrix_product.format import ProductFormat
from workloads.options import Formats
from workloads.sources.language.network import LanguageModel, Precision
from workloads.sources.language.parts import Attention, Experts, Part, Product, State

ROUTER_FORMAT = "bf16"
"""Of routers, whatever the model's format: published ones compute in FP32."""
SIDE_FORMAT = "bf16"
"""Of side paths (LoRA)."""
STATE_FORMAT = "fp32"
"""Of states, where neither the model nor the machine says it."""
NO_ENTRY = Precision(source="all parts in one format")


class Forms(NamedTuple):
    """The formats of one part."""

    weight: str
    attention: AttentionFormat
    state: str

    def of_kinds(self) -> dict[str, Any]:
        """As options have them, by kind."""
        from workloads.kinds.state_space.format import StateSpaceFormat

        return {
            "matrix product": ProductFormat(self.weight),
            "experts": ProductFormat(self.weight),
            "attention": self.attention,
            "state space": StateSpaceFormat(self.state),
        }


def entry_for(model: LanguageModel, form: str) -> str | None:
    """The key of the precision map that counts for weights in the format `form`; None: there is none.

    It is `form` itself, else a format of the same base, which is the name before its first hyphen: `nvfp4-a16` takes
    the entry of `nvfp4`, and `int4-g64` that of `int4-g128`. Of several, the base itself or the first one.
    """
    base = base_of(form)
    alike = [key for key in model.precision if base_of(key) == base]
    return next((key for key in (form, base, *alike) if key in model.precision), None)


def base_of(form: str) -> str:
    """The name of a number format without its variant.

    >>> base_of("nvfp4-four-over-six"), base_of("int4-g64"), base_of("fp8")
    ('nvfp4', 'int4', 'fp8')
    """
    return form.partition("-")[0]


def forms_of(model: LanguageModel, part: Part, formats: Formats) -> Forms:
    """The formats of a part on a machine that wants `formats`: the model's own where its precision map has them."""
    form = formats.get("matrix product", ProductFormat()).weight_format
    precision = _precision(model, form)
    attention = formats.get("attention", AttentionFormat())
    return Forms(
        weight=_weight_format(model, part, form, precision),
        attention=attention if precision.cache is None else attention._replace(cache_format=precision.cache),
        state=_wanted_state(formats) if precision.state is None else precision.state,
    )


def _precision(model: LanguageModel, form: str) -> Precision:
    key = entry_for(model, form)
    return NO_ENTRY if key is None else model.precision[key]


def _wanted_state(formats: Formats) -> str:
    return str(getattr(formats.get("state space"), "state_format", STATE_FORMAT))


def _weight_format(model: LanguageModel, part: Part, form: str, precision: Precision) -> str:
    if part.name == "router":
        return ROUTER_FORMAT
    if "lora" in part.name:
        return SIDE_FORMAT
    following = "" if part.draft else model.pattern.value[part.block + 1 : part.block + 2]
    for one in precision.exceptions:
        if part.name in one.parts and (following == "*" or not one.before_attention):
            return one.format
    return form


def notes_on(model: LanguageModel, part: Part, formats: Formats, forms: Forms) -> tuple[str, ...]:
    """Which settings of a machine a part does not follow, and which entry of the map counts, a sentence each."""
    return (*_on_entry(model, formats), *_on_settings(part, formats, forms))


def _on_entry(model: LanguageModel, formats: Formats) -> Iterator[str]:
    form = formats.get("matrix product", ProductFormat()).weight_format
    key = entry_for(model, form)
    if key is not None and key != form:
        yield f"the model has no precision map for {form}: that for {key} counts, a format of the same base"
    elif key is None and model.precision:
        yield f"the model has no precision map for {form}: all parts but routers and side paths are in {form}"


def _on_settings(part: Part, formats: Formats, forms: Forms) -> Iterator[str]:
    asked, attention = formats.get("matrix product", ProductFormat()), formats.get("attention", AttentionFormat())
    if isinstance(part.shape, Product | Experts) and asked.two_of_four:
        yield "two_of_four does nothing here: weights of a language model are dense"
    if isinstance(part.shape, Attention):
        if attention.skip_thousandths:
            yield "skip_thousandths does nothing here: without values, no block of keys is skipped"
        if attention.cache_format != forms.attention.cache_format:
            yield _overruled("cache_format", attention.cache_format, "keys and values", forms.attention.cache_format)
    if isinstance(part.shape, State) and _wanted_state(formats) != forms.state:
        yield _overruled("state_format", _wanted_state(formats), "states", forms.state)


def _overruled(key: str, asked: str, what: str, form: str) -> str:
    return f"{key} {asked} does nothing here: the model's precision map has {what} in {form}"
