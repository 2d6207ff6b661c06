"""Experts of a shape: matrices and tokens take no memory, for runs that compute no output."""

import numpy as np

from workloads.distinct import distinct
from workloads.kinds.experts.layer import CompressedExpert, CompressedExperts, DrawnHidden
from workloads.kinds.matrix_product.operand import activation_format
from workloads.kinds.matrix_product.shapes import operand_of_shape
from workloads.number_formats import find_format


def experts_of_shape(
    name: str,
    form: str,
    choice: np.ndarray,
    experts: int,
    inputs: int,
    width: int,
    gated: bool,
    drawn: DrawnHidden | None = None,
) -> CompressedExperts:
    """Experts of zeros in the number format `form`; choice: int64 [tokens, chosen], see `router.draw_choice`.

    drawn: which values between their matrices count as other than zero; None: all. InputError where the format is
    unknown.
    """
    chosen = len(distinct(choice))
    weight = find_format(form)
    up, down = operand_of_shape(weight, width, inputs), operand_of_shape(weight, inputs, width)
    expert = CompressedExpert(up, down, up if gated else None)
    return CompressedExperts(
        name=name,
        activation=operand_of_shape(activation_format(weight), len(choice), inputs),
        choice=choice,
        share=np.broadcast_to(np.zeros(1, np.float32), choice.shape),
        experts=experts,
        weights=(expert,) * chosen,
        drawn=DrawnHidden(1.0, np.broadcast_to(np.float32(0), (chosen, width))) if drawn is None else drawn,
    )
