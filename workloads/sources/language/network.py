"""A language model as a YAML file states it: its pattern of blocks, the sizes of each, and its precision maps."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator

from workloads.errors import InputError
from workloads.kinds.drawing import Density, Fraction
from workloads.sources.language.texts import FormatName, PatternText, RoutingText, check_name
from workloads.yaml_files import Strict, Text, parse_yaml, validation_sentence

LETTERS = {"M": "mamba", "E": "experts", "*": "attention", "x": "cross_attention", "-": "mlp"}
"""Letter of a pattern -> the sizes that a block of it needs."""
PARTS = (
    "mamba-in", "mamba-out", "attention-in", "attention-out", "cross-in", "cross-out", "latent-down", "latent-up",
    "shared-up", "shared-down", "experts", "mlp-up", "mlp-down", "head",
)  # fmt: skip
"""What a precision map can give a format."""


class Size(Strict):
    """A size of a model with the place where it is published."""

    value: Annotated[int, Field(ge=1, le=1 << 22)]
    source: Text


class Width(Strict):
    """A width of a model's layers, likewise."""

    value: Annotated[int, Field(ge=1, le=1 << 18)]
    source: Text


class Count(Strict):
    """How many heads, groups, experts or taps there are, likewise."""

    value: Annotated[int, Field(ge=1, le=1 << 14)]
    source: Text


class Pattern(Strict):
    """Blocks in running order, a letter each: M Mamba-2, * attention, x attention on a text, E experts, - MLP."""

    value: PatternText
    source: Text


class AttentionSizes(Strict):
    """Attention with grouped queries."""

    heads: Count
    key_heads: Count
    head_width: Count
    keys: Size | None = None  # where they do not grow with the context, as those of a text that is given once

    @model_validator(mode="after")
    def _divides(self) -> Self:
        if self.heads.value % self.key_heads.value:
            raise ValueError(f"key_heads that divide {self.heads.value} heads")
        return self


class MambaSizes(Strict):
    """Mamba-2: heads of a state [head_width, state_width], groups that share inputs, taps of the convolution."""

    heads: Count
    head_width: Count
    state_width: Count
    groups: Count
    taps: Count

    @model_validator(mode="after")
    def _divides(self) -> Self:
        if self.heads.value % self.groups.value:
            raise ValueError(f"groups that divide {self.heads.value} heads")
        return self


class Routing(Strict):
    """How tokens choose experts: `uniform`, `zipf:1.0`, or `every` (as many experts as can be are chosen)."""

    value: RoutingText
    source: Text


class ExpertSizes(Strict):
    """A mixture of experts; gated ones have three matrices, else two with a squared ReLU between them."""

    experts: Count
    chosen: Count
    width: Width
    gated: bool
    shared_width: Width | None = None  # of an expert that every token takes
    latent: Width | None = None  # width at which routed experts run, between two more projections
    routing: Routing
    active: Density  # share of an expert's hidden values that are not zero

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if self.chosen.value > self.experts.value:
            raise ValueError(f"chosen of at most {self.experts.value} experts")
        return self


class MlpSizes(Strict):
    """Two matrices, or three where it is gated."""

    width: Width
    gated: bool


class OtherFormat(Strict):
    """Parts in another format; `before_attention`: only those of the block before an attention."""

    parts: Annotated[list[Literal[PARTS]], Field(min_length=1)]  # type: ignore[valid-type]
    format: FormatName
    before_attention: bool = False


class Precision(Strict):
    """What a model in a format has in another one, and the formats of what it keeps between steps."""

    source: Text
    cache: FormatName | None = None  # of keys and values; none: the machine's
    state: Literal["fp32", "fp16", "bf16"] | None = None  # of Mamba's states; none: the machine's
    exceptions: list[OtherFormat] = Field(default_factory=list)


class Acceptance(Strict):
    """How likely a drafted token is right, given that those before it are."""

    value: Fraction
    source: Text


class Drafts(Strict):
    """The blocks that draft a token (MTP), run once for each."""

    pattern: Pattern
    accepted: Acceptance
    counted: bool = False  # whether published parameters hold them


class LanguageModel(Strict):
    """A language model, or a network of the same blocks."""

    about: Text
    width: Width
    pattern: Pattern
    vocabulary: Size | None = None  # none: no embedding and no head
    tied: bool = False  # whether the head is the embedding
    causal: bool = True
    step_tokens: Size | None = None  # of a sequence that a step computes at once; none: 1
    attention: AttentionSizes | None = None
    cross_attention: AttentionSizes | None = None
    mamba: MambaSizes | None = None
    experts: ExpertSizes | None = None
    mlp: MlpSizes | None = None
    drafts: Drafts | None = None
    precision: dict[FormatName, Precision] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        used = self.pattern.value + (self.drafts.pattern.value if self.drafts else "")
        for letter, key in LETTERS.items():
            if letter in used and getattr(self, key) is None:
                raise ValueError(f"a mapping with {key}, as its pattern has {letter}")
        if self.cross_attention is not None and self.cross_attention.keys is None:
            raise ValueError("cross_attention with keys")
        return self


def read_networks(source: object, text: str) -> Mapping[str, LanguageModel]:
    """The models of a YAML file by name. InputError says what is wrong."""
    found = {}
    for name, content in parse_yaml(source, text).items():
        check_name(source, name)
        try:
            found[name] = LanguageModel.model_validate(content)
        except ValidationError as error:
            raise InputError(validation_sentence(f"{source}: {name}", LanguageModel, error)) from None
    return found
