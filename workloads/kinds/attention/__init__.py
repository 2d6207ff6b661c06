"""Attention: queries on the keys and values of a cache."""

from collections.abc import Mapping

import numpy as np

from workloads.array_checks import given_input, shaped
from workloads.errors import InputError, refuse
from workloads.kinds.attention.format import AttentionFormat
from workloads.kinds.attention.layer import Attention, CompressedAttention
from workloads.kinds.attention.recipe import AttentionRecipe
from workloads.kinds.drawing import generator
from workloads.kinds.kind import Kind
from workloads.options import WorkloadOptions
from workloads.words import sized

KEYS = ("query", "key", "value", "causal")


class AttentionKind(Kind[Attention, CompressedAttention, AttentionRecipe]):
    """Softmax attention with grouped queries, block of keys after block of keys; the output is FP32."""

    name = "attention"
    phrase = "attention"
    input_form = "[heads, queries, width]"
    shape_head = "heads x queries x keys x width"
    float_types = (Attention,)
    compressed_type = CompressedAttention
    recipe_type = AttentionRecipe
    recipe_key = "key_heads"
    array_keys = frozenset({"query", "key"})

    def from_arrays(self, source: object, name: str, arrays: Mapping[str, np.ndarray]) -> Attention:
        """Of float arrays: `query` [heads, queries, width], `key`, `value` [key heads, keys, width], perhaps `causal`.

        InputError says of `source` what is missing or wrong.
        """
        for key in arrays:
            if key not in KEYS:
                refuse(source, f"it has an unknown key {key}", f"only {', '.join(KEYS)}")
        for key in KEYS[:3]:
            if key not in arrays:
                refuse(source, f"it has no {key}", f"the keys {', '.join(KEYS)}")
        query = shaped(source, "query", arrays["query"], {"heads": None, "queries": None, "width": None})
        keys = shaped(source, "key", arrays["key"], {"key heads": None, "keys": None, "width": query.shape[2]})
        sizes = dict(zip(("key heads", "keys", "width"), keys.shape, strict=True))
        values = shaped(source, "value", arrays["value"], sizes)
        if len(query) % len(keys):
            refuse(source, f"it has {len(query)} heads on {len(keys)} key heads", "key heads that divide the heads")
        causal = arrays.get("causal", np.array(False))
        if causal.dtype.kind != "b" or causal.size != 1:
            refuse(source, f"causal has dtype {causal.dtype} and shape {list(causal.shape)}", "one boolean")
        layer = Attention(name, query, keys, values, bool(causal.reshape(-1)[0]))
        _check_causal(source, layer)
        return layer

    def draw(self, name: str, recipe: AttentionRecipe, options: WorkloadOptions) -> Attention:
        """Queries, keys and values after the recipe."""
        from workloads.kinds.attention.recipe import draw_attention

        return draw_attention(name, recipe, options.scale, generator(name, options.seed))

    def recipe_density(self, recipe: AttentionRecipe, layer: Attention) -> None:
        """There are no weights."""

    def with_input(self, layer: Attention, source: object, array: np.ndarray) -> Attention:
        """The layer with the queries `array`, finite numbers [heads, queries, width]; InputError else."""
        heads, _, width = layer.query.shape
        fits = array.ndim == 3 and array.shape[0] == heads and array.shape[1] > 0 and array.shape[2] == width
        changed = layer._replace(
            query=given_input(source, layer.name, array, fits, f"numbers [{heads}, queries, {width}]")
        )
        _check_causal(source, changed)
        return changed

    def compress(self, layer: Attention, density: float | None, options: WorkloadOptions) -> CompressedAttention:
        """Queries in BF16, keys and values in the cache's format. InputError where a density is asked for."""
        from workloads.kinds.attention.compress import compress_attention

        return compress_attention(layer, density, options.formats.get(self.name, AttentionFormat()))

    def output_values(self, layer: CompressedAttention, output: np.ndarray) -> np.ndarray:
        """The output, float32 [heads x queries x width], as float64 [queries, heads x width]."""
        split = output.astype(np.float64).reshape(layer.heads, layer.queries, layer.width)
        return split.transpose(1, 0, 2).reshape(layer.queries, -1)

    def reference(self, layer: CompressedAttention) -> np.ndarray:
        """The output, float32 [heads x queries x width]."""
        from workloads.kinds.attention.reference import reference

        return reference(layer)

    def measures(self, layer: CompressedAttention, output: np.ndarray) -> dict[str, float]:
        """What the cache's format loses, and how far the output, float32 [outputs], is from a softmax in float64."""
        from workloads.kinds.attention.reference import exact

        if not output.size:
            return {"cache_error": layer.cache_error}
        wanted = exact(layer)
        whole = float((wanted**2).sum())
        error = (float(((output - wanted) ** 2).sum()) / whole) ** 0.5 if whole else 0.0
        return {"cache_error": layer.cache_error, "softmax_error": error}

    def not_matrices(self, layer: Attention) -> tuple[str, ...]:
        """All of it: keys and values are no weights."""
        return (f"{layer.name}: attention has no weights",)

    def densities(self, layer: CompressedAttention) -> dict[str, float]:  # noqa: ARG002
        """Nothing of it is sparse before it runs."""
        return {}

    def recipe_shape(self, recipe: AttentionRecipe) -> tuple[int, int]:
        """Keys of a head, and numbers that are put out."""
        heads = recipe.sequences.value * recipe.heads.value
        return recipe.keys.value, heads * recipe.queries.value * recipe.head_width.value

    def recipe_weights(self, recipe: AttentionRecipe) -> int:
        """Numbers of keys and values: a guess of what the layer costs."""
        heads = recipe.sequences.value * recipe.key_heads.value
        return 2 * heads * recipe.keys.value * recipe.head_width.value

    def recipe_densities(self, recipe: AttentionRecipe) -> tuple[None, None]:  # noqa: ARG002
        """Neither of weights nor of inputs."""
        return None, None

    def shape(self, layer: CompressedAttention) -> str:
        """Heads, queries, keys and width."""
        return f"{layer.heads} x {layer.queries} x {layer.keys} x {layer.width}"

    def shape_in_words(self, layer: CompressedAttention) -> str:
        """The same with what each size is of."""
        heads = f"{sized(layer.heads, 'head')} on {layer.key_heads} of keys"
        queries, keys = sized(layer.queries, "query", "queries"), sized(layer.keys, "key")
        return f"{heads}, {queries}, {keys}, {layer.width} numbers wide"


def _check_causal(source: object, layer: Attention) -> None:
    """InputError where a query of a causal layer would read no key."""
    queries, keys = layer.query.shape[1], layer.key.shape[1]
    if layer.causal and queries > keys:
        raise InputError(
            f"{source}: it has {queries} queries on {keys} keys; expected no more queries where it is causal"
        )
