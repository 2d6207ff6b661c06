"""Compressed networks as tables for a terminal."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from simulator.cli.tables.result import make_table
from simulator.results.text import fixed, shorten_middle
from workloads.compression.shared import CODEBOOK, SharedFullyConnected
from workloads.compression.storage import Storage, account
from workloads.compression.stored import StoredLayer
from workloads.distance import NetworkDistance, describe_distance
from workloads.document_types import Document
from workloads.kinds.kind import AnyRecipe
from workloads.sources.compressed.file import StoredNetwork

STAGES = ("dense", "pruned", "shared", "huffman")
BAR = 40
MOST_LEVELS = 256
"""Whose counts are shown."""


def print_storage(console: Console, rows: Sequence[Storage], left_out: Sequence[str], output: Path | None) -> None:
    """Print what each layer takes after each stage, and what was left out."""
    table = make_table("storage in KB", "layer")
    for column in ("weights", "kept", "padding", *STAGES, "rate"):
        table.add_column(column, justify="right")
    for row in rows:
        kilobytes = [fixed(getattr(row, stage) / 8000, 1) for stage in STAGES]
        kept = f"{row.kept / row.weights:.1%}"
        if row is rows[-1]:
            table.add_section()
        table.add_row(escape(row.layer), f"{row.weights:,}", kept, f"{row.padding:,}", *kilobytes, f"{row.rate:.1f}x")
    console.print(table)
    for sentence in left_out:
        console.print(f" [yellow]left out[/]  {escape(sentence)}", highlight=False)
    if output is not None:
        size = output.stat().st_size / 1000
        what = "with names and checksum" if output.suffix == ".safetensors" else "as a network in floating point"
        console.print(f" written to {escape(str(output))}, {size:,.1f} KB {what}", highlight=False)


def print_drawn(console: Console, recipes: Sequence[AnyRecipe | None], layers: Sequence[SharedFullyConnected]) -> None:
    """For drawn weights: what drawing cannot fake, bits by width and density, compared with what is published."""
    if any(recipe is not None for recipe in recipes):
        sentence = "weights are drawn, so that Huffman rates are those of a Gaussian"
        console.print(f" [yellow]drawn[/]  {sentence}", highlight=False)
    for recipe, layer in zip(recipes, layers, strict=True):
        paper = getattr(recipe, "stored", None)  # published figures; recipes of few kinds have them
        if paper is None:
            continue
        ours = account(layer, paper.weight_bits, paper.index_bits)
        widths = f"{paper.weight_bits}-bit codes, {paper.index_bits}-bit counts"
        table = make_table(f"pruned and shared, {widths} ({escape(paper.source)})", "layer")
        for column in ("kept %", "paper", "size %", "paper"):
            table.add_column(column, justify="right")
        figures = 100 * ours.kept / ours.weights, paper.kept_percent, 100 * ours.shared / ours.dense, paper.size_percent
        table.add_row(layer.name, *(f"{figure:.2f}" for figure in figures))
        console.print(table)


def print_distance(console: Console, found: NetworkDistance | None, notes: Sequence[str]) -> None:
    """Print what compression changes at the output of each layer and of the network, then notes."""
    if found is not None:
        table = make_table("with compressed weights", "output of")
        for column in ("SQNR dB", "moved by"):
            table.add_column(column, justify="right")
        for one in found.layers:
            sqnr = "-" if one.sqnr_db is None else f"{one.sqnr_db:.1f}"
            table.add_row(escape(one.name), sqnr, "-" if one.relative is None else f"{one.relative:.2%}")
        console.print(table)
        for one in found.outputs:
            console.print(f" {describe_distance(one)}", highlight=False, markup=False)
    for note in notes:
        console.print(f" [yellow]note[/]  {escape(note)}", highlight=False)


def describe(stored: StoredNetwork) -> Document:
    """A compressed network as JSON can hold it."""
    return {
        "method": stored.method,
        "layers": [
            {
                "name": layer.name,
                "inputs": layer.inputs,
                "outputs": layer.outputs,
                "shape": list(shape),
                "density": layer.density,
                "index_bits": bits,
                "relu": layer.relu,
                "bias": layer.bias is not None,
                "format": layer.form,
                **_codes(layer),
            }
            for layer, bits, shape in zip(stored.matrices, stored.index_bits, stored.shapes, strict=True)
        ],
        "network": [
            {
                "name": layer.name,
                "kind": layer.kind,
                "matrices": [matrix.name for matrix in layer.matrices],
                "values": layer.rest.values,
                "input": None if layer.input is None else layer.input._asdict(),
                "arrays": {name: list(array.shape) for name, array in layer.rest.arrays.items()},
            }
            for layer in stored.layers
        ],
    }


def _codes(layer: SharedFullyConnected) -> Document:
    """Levels, and how often each occurs, of codes of at most 8 bits."""
    if layer.codebook.size > MOST_LEVELS:
        return {}
    return {"codebook": [float(level) for level in layer.codebook], "code_counts": code_counts(layer).tolist()}


def print_network(console: Console, path: Path, stored: StoredNetwork) -> None:
    """Print layers, then each layer's codebook with how often each level occurs."""
    console.print(f"\n [bold]{escape(str(path))}[/]: {escape(stored.method)}", highlight=False)
    table = make_table("layers", "name")
    for column in ("shape of the weight", "density", "format", "levels", "index bits", "bias", "ReLU"):
        table.add_column(column, justify="right")
    for layer, bits, shape in zip(stored.matrices, stored.index_bits, stored.shapes, strict=True):
        flags = ("yes" if layer.bias is not None else "no", "yes" if layer.relu else "no")
        size = " x ".join(map(str, shape))
        kept = f"{layer.density:.2%}", layer.form, str(layer.codebook.size), str(bits)
        table.add_row(escape(layer.name), size, *kept, *flags)
    console.print(table)
    for part in stored.layers:
        console.print(f" {escape(part.name)}: {escape(_describe_layer(part))}", highlight=False)
    for layer in stored.matrices:
        if layer.codebook.size <= MOST_LEVELS:
            console.print(_histogram(layer))


def _describe_layer(layer: StoredLayer) -> str:
    """Kind, values and arrays of a layer in words."""
    values = [f"{key} {json.dumps(value)}" for key, value in layer.rest.values.items()]
    arrays = [f"{name} {list(array.shape)}" for name, array in layer.rest.arrays.items()]
    known = layer.input
    had = [] if known is None else [f"compressed with an input {list(known.shape)}, {known.density:.1%} non-zero"]
    return ", ".join([layer.kind, *values, *arrays, *had])


def print_study(console: Console, content: Document) -> None:
    """Print the tables of a study, and its notes."""
    console.print(f"\n [bold]{escape(content['study'])}[/]", highlight=False)
    for part in content["tables"]:
        first, *others = part["columns"]
        table = make_table(escape(part["title"]), first)
        for column in others:
            table.add_column(column, justify="right")
        for row in part["rows"]:
            table.add_row(*(escape(cell) for cell in row))
        console.print(table)
    for note in content.get("notes", ()):
        console.print(f" [yellow]note[/]  {escape(note)}", highlight=False)


def code_counts(layer: SharedFullyConnected) -> np.ndarray:
    """How often each level occurs among the stored weights, int64 [levels]."""
    return np.bincount(layer.columns.code, minlength=layer.codebook.size)


def _histogram(layer: SharedFullyConnected) -> Table:
    counts = code_counts(layer)
    what = "codebook" if layer.form == CODEBOOK else f"{layer.form}{', without scales' if layer.scaled else ''}, codes"
    table = make_table(f"{what} of {escape(shorten_middle(layer.name, 60))}", "code")
    table.add_column("level", justify="right")
    table.add_column("weights", justify="right")
    table.add_column("")
    for code in np.flatnonzero(counts).tolist():
        bar = "#" * max(1, round(BAR * counts[code] / counts.max()))
        table.add_row(str(code), f"{layer.codebook[code]:+.5f}", f"{counts[code]:,}", bar)
    return table
