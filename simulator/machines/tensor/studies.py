"""The studies of the tensor engine, each imported when it is run."""

from workloads.document_types import Document
from workloads.study import Progress, Study


def _gemm(seed: int, progress: Progress) -> Document:
    from simulator.machines.tensor.paper.gemm import study

    return study(seed, progress)


def _lora(seed: int, progress: Progress) -> Document:
    from simulator.machines.tensor.paper.lora import study

    return study(seed, progress)


def _skipping(seed: int, progress: Progress) -> Document:
    from simulator.machines.tensor.paper.skipping import study

    return study(seed, progress)


def _zeros(seed: int, progress: Progress) -> Document:
    from simulator.machines.tensor.paper.zeros import study

    return study(seed, progress)


def _real(seed: int, progress: Progress) -> Document:
    from simulator.machines.tensor.paper.real_attention import study

    return study(seed, progress)


def _decode(seed: int, progress: Progress) -> Document:
    from simulator.machines.tensor.paper.decode import study

    return study(seed, progress)


STUDIES = (
    Study("gemm", "matrix products in number formats: time, utilisation, what decides; 10 s", _gemm),
    Study("lora", "NVFP4 weights with a low-rank side path in 16 bits, against 16-bit weights; 10 s", _lora),
    Study("blasst", "attention that skips blocks of keys, against published speed-ups; 20 s", _skipping),
    Study("decode", "a step of language models: parameters, tokens a second, against published figures; 70 s", _decode),
    Study("zeros", "weights of zero inputs that are not read: bytes, time, by tokens; rxnmapper's zeros; 30 s", _zeros),
    Study("attention", "rxnmapper's attention with skipped blocks: cycles, tokens recovered; 9 min", _real),
)
