"""Recipe and seed -> BEV pooling of drawn features over an idealised rig."""

import numpy as np

from workloads.kinds.bev_pooling.layer import BevPooling
from workloads.kinds.bev_pooling.rig import Rig, View, points_of
from workloads.kinds.drawing import Size, check_bytes
from workloads.yaml_files import Strict, Text

POINT_BYTES, VALUE_BYTES = 60, 40
"""Of memory that a point, and a number of a ray's context, take while they are drawn and sorted."""


class BevPoolingRecipe(Strict):
    """A rig, a view, and the channels of a context."""

    about: Text
    rig: Rig
    view: View
    channels: Size


def draw_pooling(name: str, recipe: BevPoolingRecipe, scale: float, rng: np.random.Generator) -> BevPooling:
    """Weights by depth are those of a softmax of Gaussian numbers, contexts are Gaussian.

    Channels and both sides of the images are multiplied by `scale`, with the same view. InputError where it is too
    large.
    """
    rig, channels = _scaled(recipe.rig, scale), max(1, round(recipe.channels.value * scale))
    rays = (
        rig.cameras.value * (rig.image_rows.value // rig.stride.value) * (rig.image_columns.value // rig.stride.value)
    )
    points = max(1, rays) * rig.depths.value
    check_bytes(name, f"{points:,} points", POINT_BYTES * points + VALUE_BYTES * rays * channels)
    found = points_of(rig, recipe.view)
    raised = np.exp(rng.standard_normal(found.cell.shape, dtype=np.float32))
    depth = raised / raised.sum(axis=1, keepdims=True)
    context = rng.standard_normal((len(depth), channels), dtype=np.float32)
    return BevPooling(name, found.cell, found.side**2, depth, context)


def _scaled(rig: Rig, scale: float) -> Rig:
    """The rig with smaller images of the same view, of a feature at least."""
    changed = {}
    for name in ("image_rows", "image_columns"):
        given = getattr(rig, name)
        changed[name] = given.model_copy(update={"value": max(rig.stride.value, round(given.value * scale))})
    for name in ("focal", "horizon"):
        given = getattr(rig, name)
        changed[name] = given.model_copy(update={"value": given.value * scale})
    return rig.model_copy(update=changed)
