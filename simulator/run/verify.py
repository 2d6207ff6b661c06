"""Outputs compared with the reference kernels, bit for bit."""

from dataclasses import replace

import numpy as np

from simulator.results.result import Result
from simulator.run.simulate import simulate
from workloads import kinds


def check_output(result: Result, reference: np.ndarray | None = None) -> Result:
    """The result, with its output compared to the reference kernel's, bit for bit.

    Of a layer of shapes without values, its sample is run on the same configuration, and the sample's output compared.
    reference: int16 or float32 [outputs], what `reference_output` gave for this workload, to use it again.
    """
    if result.workload.sample is not None:
        sample = result.workload._replace(layer=result.workload.sample, sample=None)
        checked = check_output(simulate(result.config, sample, engine=result.engine))
        return replace(result, output_matches_reference=checked.output_matches_reference)
    reference = reference_output(result) if reference is None else reference
    return replace(result, output_matches_reference=bool(np.array_equal(result.run.output, reference)))


def reference_output(result: Result) -> np.ndarray:
    """What the output must be, int16 or float32 [outputs], as the kind's kernel computes it."""
    return kinds.reference_output(result.workload.layer)
