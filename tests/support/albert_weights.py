"""Drawn weights of an ALBERT, by the names that a published file has."""

from workloads.sources.pretrained.albert import LINEAR, NORMS


def albert_weights(rng, tokens, embedded, hidden, inner, scale_of):
    """Arrays float64 [shapes] by name. scale_of: of a shape, how small its weights are."""
    shapes = {
        "embedding": (hidden, embedded),
        **dict.fromkeys(("query", "key", "value", "attention"), (hidden, hidden)),
        "ffn": (inner, hidden),
        "ffn_output": (hidden, inner),
        "prediction": (embedded, hidden),
        "vocabulary": (tokens, embedded),
    }
    sizes = {"embeddings": embedded, "attention": hidden, "layer": hidden, "prediction": embedded}
    arrays = {f"{LINEAR[name]}.weight": rng.standard_normal(shape) / scale_of(shape) for name, shape in shapes.items()}
    arrays |= {f"{LINEAR[name]}.bias": rng.standard_normal(shape[0]) / 8 for name, shape in shapes.items()}
    arrays |= {f"{NORMS[name]}.weight": 1 + rng.standard_normal(size) / 8 for name, size in sizes.items()}
    arrays |= {f"{NORMS[name]}.bias": rng.standard_normal(size) / 8 for name, size in sizes.items()}
    for name, rows in (("word", tokens), ("position", 512), ("token_type", 2)):
        arrays[f"albert.embeddings.{name}_embeddings.weight"] = rng.standard_normal((rows, embedded))
    return arrays
