"""What is known of a model's run after it: how far compression moves its output, and sentences."""

from dataclasses import replace

from simulator.results.model_result import ModelResult
from workloads.distance import NetworkDistance, describe_distance


def with_distance(result: ModelResult, distance: NetworkDistance) -> ModelResult:
    """The result with what its compressed weights change in the network; of a single layer, a sentence among notes."""
    if result.single is not None:
        noted = with_sentences(result, *map(describe_distance, distance.outputs))
        return noted._replace(network_output=distance.outputs)
    known = {one.name: one.sqnr_db for one in distance.layers}
    rows = tuple(row._replace(output_sqnr_db=known.get(row.layer)) for row in result.rows)
    return result._replace(rows=rows, network_output=distance.outputs)


def with_sentences(result: ModelResult, *sentences: str) -> ModelResult:
    """The result with more notes of its source; of a single layer, among the notes of the layer's own result."""
    if result.single is None:
        return result._replace(source_notes=(*result.source_notes, *sentences))
    (row,), single = result.rows, result.single
    noted = single.workload._replace(notes=(*single.workload.notes, *sentences))
    kept = row._replace(result=replace(single, workload=noted), notes=(*row.notes, *sentences))
    return result._replace(rows=(kept,))
