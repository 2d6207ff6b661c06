"""How the share of sent elements falls during the first epochs of training."""

from workloads.errors import refuse

DENSITY = 0.001
EPOCHS = 4
"""Of warm-up on CIFAR and on ImageNet: densities 0.251, 0.063, 0.016, 0.004, then 0.001."""


def density_in(epoch: int, density: float = DENSITY, warm_up: int = EPOCHS) -> float:
    """The share of sent elements in an epoch, counted from 0; after `warm_up` epochs it is `density`.

    It falls by the same factor every epoch: density ** ((epoch + 1) / (warm_up + 1)), as in the authors' code. The
    paper's own steps are factors of four, which is this rule with 4 epochs to three digits. InputError where density is
    not in (0, 1], or where one of the others is negative.
    """
    if not 0 < density <= 1:
        refuse("gradient compression", f"density is {density}", "more than 0 and at most 1")
    if warm_up < 0 or epoch < 0:
        refuse("gradient compression", f"epoch {epoch} of {warm_up} epochs of warm-up", "no negative number")
    return float(max(density ** ((epoch + 1) / (warm_up + 1)), density))
