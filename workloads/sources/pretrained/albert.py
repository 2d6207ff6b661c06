"""The ALBERT of rxnmapper (Schwaller et al., Science Advances 2021) in numpy: tokens of chemical reactions.

A reaction is a text of SMILES, `reactants>>product`. The network was trained to recover tokens that are masked. One
layer of a transformer is passed through twelve times: the same weights, other activations.
"""

import math
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numba import njit

from workloads.array_checks import float32
from workloads.errors import refuse
from workloads.kinds.attention.layer import Attention
from workloads.kinds.fully_connected.layer import FullyConnected
from workloads.sources.network import Network
from workloads.sources.pretrained.restricted_pickle import read_torch
from workloads.sources.pretrained.wheels import wheel_member
from workloads.yaml_files import read_text

FOLDER = "rxnmapper/models/transformers/albert_heads_8_uspto_all_1310k"
PASSES, HEADS = 12, 8
EPSILON = 1e-12
LAYER = "albert.encoder.albert_layer_groups.0.albert_layers.0"
LINEAR = {
    "embedding": "albert.encoder.embedding_hidden_mapping_in",
    "query": f"{LAYER}.attention.query",
    "key": f"{LAYER}.attention.key",
    "value": f"{LAYER}.attention.value",
    "attention": f"{LAYER}.attention.dense",
    "ffn": f"{LAYER}.ffn",
    "ffn_output": f"{LAYER}.ffn_output",
    "prediction": "predictions.dense",
    "vocabulary": "predictions.decoder",
}
"""The matrices by short names; each has `.weight` [outputs, inputs] and `.bias`."""
NORMS = {
    "embeddings": "albert.embeddings.LayerNorm",
    "attention": f"{LAYER}.attention.LayerNorm",
    "layer": f"{LAYER}.full_layer_layer_norm",
    "prediction": "predictions.LayerNorm",
}
"""The normalisations by short names; each has `.weight` and `.bias`."""
REACTIONS = (
    "O=C(O)c1ccccc1.NCc1ccccc1.CN(C)C=O.CCN(C(C)C)C(C)C>>O=C(NCc1ccccc1)c1ccccc1",
    "CC(=O)O.OCc1ccccc1.O=S(=O)(O)O>>CC(=O)OCc1ccccc1",
    "OB(O)c1ccccc1.Brc1ccncc1.O=C([O-])[O-].[Na+].[Na+].COCCOC>>c1ccc(-c2ccncc2)cc1",
    "CC(C)(C)OC(=O)NCc1ccccc1.O=C(O)C(F)(F)F.ClCCl>>NCc1ccccc1",
    "O=[N+]([O-])c1ccc(F)cc1.C1CCNCC1.CS(C)=O>>O=[N+]([O-])c1ccc(N2CCCCC2)cc1",
    "CCOC(=O)c1ccc(Cl)cc1.[Li+].[OH-].C1CCOC1.O>>O=C(O)c1ccc(Cl)cc1",
    "O=Cc1ccccc1.NC1CCCCC1.[BH3-]C#N.[Na+].CO>>c1ccc(CNC2CCCCC2)cc1",
    "Oc1ccccc1.BrCC1CC1.O=C([O-])[O-].[K+].[K+].CC(C)=O>>c1ccc(OCC2CC2)cc1",
    "CS(=O)(=O)Cl.Nc1ccc(C)cc1.c1ccncc1.ClCCl>>Cc1ccc(NS(C)(=O)=O)cc1",
    "O=[N+]([O-])c1ccc(C#N)cc1.[Fe].[Cl-].[NH4+].CCO.O>>N#Cc1ccc(N)cc1",
)
"""Textbook reactions: an amide, an ester, Suzuki, a deprotection, substitutions, a hydrolysis, reductions ..."""
TOKEN = re.compile(r"\[[^\]]+\]|Br|Cl|%\d\d|>>|.")


class Albert(NamedTuple):
    """The trained numbers: float32 arrays by the names of the wheel's file, and the vocabulary."""

    arrays: dict[str, np.ndarray]
    tokens: tuple[str, ...]

    def linear(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """The weight, float32 [outputs, inputs], and the bias, float32 [outputs], of a matrix of `LINEAR`."""
        return self.arrays[f"{LINEAR[name]}.weight"], self.arrays[f"{LINEAR[name]}.bias"]

    def with_weights(self, weights: dict[str, np.ndarray]) -> "Albert":
        """The same with other weights, float32 [outputs, inputs], by the names of `LINEAR`."""
        return self._replace(
            arrays={**self.arrays, **{f"{LINEAR[name]}.weight": array for name, array in weights.items()}}
        )

    def encode(self, reaction: str) -> np.ndarray:
        """The tokens of a reaction between [CLS] and [SEP], int64 [tokens]. InputError where one is unknown."""
        found = ["[CLS]", *TOKEN.findall(reaction), "[SEP]"]
        for token in found:
            if token not in self.tokens:
                refuse(f"reaction {reaction[:40]}", f"the token {token!r} is unknown", "a reaction in SMILES")
        return np.array([self.tokens.index(token) for token in found], np.int64)


class Masked(NamedTuple):
    """A reaction with every second of its tokens masked."""

    given: np.ndarray  # int64 [tokens], masked
    right: np.ndarray  # int64 [tokens]
    places: np.ndarray  # int64 [masked], where they are masked


Watch = Callable[[str, np.ndarray], object]
"""Gets the name of each matrix, as `pass3.query`, and its input, float32 [tokens, inputs], before it is used."""

Attend = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
"""Queries, keys and values, float32 [heads, tokens, width] each -> what attention puts out, of the same shape."""

Multiply = Callable[[str, np.ndarray, np.ndarray], np.ndarray]
"""A name of `LINEAR`, float32 [tokens, inputs] and [outputs, inputs] -> float32 [tokens, outputs]."""


@lru_cache(maxsize=1)
def albert() -> Albert:
    """The network out of its wheel. InputError where the wheel is missing or damaged."""
    path = wheel_member("rxnmapper", f"{FOLDER}/pytorch_model.bin")
    state = read_torch(path)
    wanted = [f"{name}.{part}" for name in (*LINEAR.values(), *NORMS.values()) for part in ("weight", "bias")]
    wanted += [f"albert.embeddings.{name}_embeddings.weight" for name in ("word", "position", "token_type")]
    arrays = {name: _tensor(path, state, name) for name in wanted}
    text = read_text(wheel_member("rxnmapper", f"{FOLDER}/vocab.txt"), "a vocabulary")
    return Albert(arrays, tuple(text.split("\n")[: len(arrays["albert.embeddings.word_embeddings.weight"])]))


def mask(network: Albert, reaction: str) -> Masked:
    """Mask every second token of a reaction, the first behind [CLS] among them; [CLS] and [SEP] stay."""
    right = network.encode(reaction)
    places = np.arange(1, right.size - 1, 2)
    given = right.copy()
    given[places] = network.tokens.index("[MASK]")
    return Masked(given, right, places)


def forward(
    network: Albert,
    tokens: np.ndarray,
    watch: Watch | None = None,
    quantise: Callable[[np.ndarray], np.ndarray] | None = None,
    norm_noise: Callable[[str, np.ndarray], np.ndarray] | None = None,
    attend: Attend | None = None,
    multiply: Multiply | None = None,
) -> np.ndarray:
    """The logits of every token, float32 [tokens, vocabulary], for tokens int64 [tokens].

    quantise: applied to the input of each matrix, float32 [tokens, inputs]. norm_noise: gives the weight of a
    normalisation, float32 [size], by its name. attend, multiply: see the types; None: a softmax in FP32, and `@`.
    """
    arrays = network.arrays

    def linear(name: str, values: np.ndarray, place: str = "") -> np.ndarray:
        if watch is not None:
            watch(f"{place}{name}", values)
        weight, bias = network.linear(name)
        read = values if quantise is None else quantise(values)
        return ((read @ weight.T if multiply is None else multiply(name, read, weight)) + bias).astype(np.float32)

    def norm(name: str, values: np.ndarray) -> np.ndarray:
        weight = arrays[f"{NORMS[name]}.weight"]
        weight = weight if norm_noise is None else norm_noise(name, weight)
        return _normalise(values, weight, arrays[f"{NORMS[name]}.bias"])

    embedded = (
        arrays["albert.embeddings.word_embeddings.weight"][tokens]
        + arrays["albert.embeddings.position_embeddings.weight"][: tokens.size]
        + arrays["albert.embeddings.token_type_embeddings.weight"][0]
    )
    hidden = linear("embedding", norm("embeddings", embedded))
    for number in range(1, PASSES + 1):
        place = f"pass{number}."
        query, key, value = (_heads(linear(name, hidden, place)) for name in ("query", "key", "value"))
        each = (softmax_attention if attend is None else attend)(query, key, value)
        context = each.transpose(1, 0, 2).reshape(hidden.shape)
        attended = norm("attention", hidden + linear("attention", context, place))
        inner = gelu(linear("ffn", attended, place))
        hidden = norm("layer", attended + linear("ffn_output", inner, place))
    predicted = norm("prediction", gelu(linear("prediction", hidden)))
    return linear("vocabulary", predicted)


def albert_network(sample: int = 0) -> Network:
    """The matrices in running order, each with the input of the first masked token of reaction `sample`.

    Activations between matrices (attention, GELU, normalisation) are no layers. InputError where there is no such
    reaction.
    """
    network, layers = albert(), list[FullyConnected]()
    masked = mask(network, _reaction("rxnmapper", sample))

    def keep(name: str, values: np.ndarray) -> None:
        weight, bias = network.linear(name.rpartition(".")[2])
        layers.append(FullyConnected(name, weight, bias, values[masked.places[0]].astype(np.float32), relu=False))

    forward(network, masked.given, keep)
    left_out = ("embeddings, attention, GELU and normalisation, which are computed in floating point",)
    about = (f"one layer passed {PASSES} times; inputs are those of the first masked token",)
    return Network("rxnmapper", tuple(layers), left_out, about)


def albert_attention(sample: int = 0) -> Network:
    """The attentions of all passes, each with what the network computes on reaction `sample`, half of it masked.

    InputError where there is no such reaction.
    """
    network, layers = albert(), list[Attention]()
    masked = mask(network, _reaction("rxnmapper-attention", sample))

    def attend(query: np.ndarray, key: np.ndarray, value: np.ndarray) -> np.ndarray:
        layers.append(Attention(f"pass{len(layers) + 1}", query, key, value, causal=False))
        return softmax_attention(query, key, value)

    forward(network, masked.given, attend=attend)
    return Network("rxnmapper-attention", tuple(layers), ("all else: see rxnmapper",))


def _reaction(name: str, sample: int) -> str:
    if not 0 <= sample < len(REACTIONS):
        refuse(name, f"sample is {sample}", f"a reaction from 0 to {len(REACTIONS) - 1}")
    return REACTIONS[sample]


def softmax(values: np.ndarray) -> np.ndarray:
    """Softmax of values, float32 [..., n], along the last dimension: the same dtype and shape."""
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    found: np.ndarray = powers / powers.sum(axis=-1, keepdims=True)
    return found


def softmax_attention(query: np.ndarray, key: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Attention of all tokens on all, float32 [heads, tokens, width]; see `Attend`."""
    found: np.ndarray = softmax(query @ key.transpose(0, 2, 1) / np.float32(math.sqrt(query.shape[-1]))) @ value
    return found


def gelu(values: np.ndarray) -> np.ndarray:
    """Each of values x, float32 [any shape], times the normal distribution's share below x: float32, that shape."""
    found = np.empty(values.size, np.float32)
    _gelu(np.ascontiguousarray(values, np.float32).ravel(), found)
    return found.reshape(values.shape)


@njit(cache=True)
def _gelu(values, found):  # type: ignore[no-untyped-def]
    """Fill `found`, float32 [n], of values, float32 [n]."""
    for i in range(values.size):
        x = np.float64(values[i])
        found[i] = x * 0.5 * (1.0 + math.erf(x * 0.7071067811865476))


def _normalise(values: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Rows of mean 0 and deviation 1, times a weight, plus a bias: float32 [tokens, size]."""
    mean = values.mean(axis=-1, keepdims=True)
    spread = ((values - mean) ** 2).mean(axis=-1, keepdims=True)
    found: np.ndarray = (values - mean) / np.sqrt(spread + np.float32(EPSILON)) * weight + bias
    return found.astype(np.float32)


def _heads(values: np.ndarray) -> np.ndarray:
    """float32 [tokens, size] as [heads, tokens, size / heads]."""
    return values.reshape(len(values), HEADS, -1).transpose(1, 0, 2)


def _tensor(path: Path, state: dict[str, np.ndarray], name: str) -> np.ndarray:
    if name not in state:
        refuse(path, f"it has no {name}", "the tensors of an ALBERT")
    return float32(path, name, state[name])
