"""What the validation page says between its tables."""

HEAD = """\
# Validation

How accurate the simulator is: every figure of the papers with a published value, and the simulated figure. The README
has the [summary](../README.md). The rows are the output of these commands:

```sh
{commands}
```

On one core, `eie` takes about two minutes, `ese` one, `scnn` twenty, `cambricon` two, the others seconds; `--draws 1`
is a quick look.

## Predicted, fitted, given

Each figure has a class, with the reason in the last column of its table:

- **predicted**: nothing in the model, its prices or its drawn layers was made to agree with it. Only these are
  averaged;
- **calibrated**: fitted to it, or to a figure that implies it; the data of each fit are listed under *Fits*;
- **reproduced**: another simulator's number on the same data;
- **given**: an input, true by definition, or arithmetic on rows that are counted already.

*Error* is the mean of |simulated / published - 1|, *bias* the geometric mean of the ratios, less 1. Where a figure is
a share near 100 %, *lost* is the mean of |simulated - published| / (100 - published): by how much the lost cycles
differ. For the classes that are not predicted, the tables show the number of figures and their mean error.

Layers are drawn with the papers' shapes and densities; a figure is a mean over draws, and ± is the standard deviation
over them, or, after a published value, how exactly it is known. A dash means that no published value is known here.

The mark says where a published value comes from:

- `printed` and `C`: printed in the paper; `measured` and `F`: read off a plot; `summary`: from public summaries of
  the paper;
- `derived` and `D`: computed from printed values; `run`: what the other simulator prints;
- `A`: in ESE's tables recalled from memory, and pinned by exact arithmetic on totals that were read: all bytes, times
  and GOPS of Table 8 follow from each other to the last digit; for DRAM, the output of the simulator named;
- `M`: recalled and not confirmed;
- `fitted`: the model was fitted to it, so that its error says little.

The tensor engine follows no paper: only its sparse modes have tables here. Its model, its engine and a kernel agree on
random cases; the speed-ups by skipped blocks are compared on the page on
[attention](attention.md#what-skipping-saves), nothing else is.

The pages of [EIE](eie.md#accuracy), [ESE](ese.md#accuracy) and [SCNN](scnn.md#accuracy) explain the largest
differences. `zeroskip validate MACHINE --rows` prints the folded tables.
"""

REAL = """\
The real pruned FC8 of AlexNet and its image are in the repository of EIE's authors
(github.com/RalphMao/EIE-simulator), as 64 banks of pointers, codes and zero counts. It has no licence, so the file is
not part of this project. Put together as `.npz`, with `weight_code` uint8 [1000, 4096] (0 = pruned, else an index
into the codebook), `bias_code` uint8 [1000], `codebook` float32 [16] and `activation` float32 [4096], it is compared
with what their simulator counts by `zeroskip validate eie --data alex8.npz`, and it runs as any layer: `zeroskip run
eie alex8.npz`.
"""

MASKS = """\
Masks of weights and inputs of MobileNet's layers, in bits: `LNN_weight` uint8 [outputs, inputs / 8] and `LNN_input`
uint8 [places, inputs / 8], the highest bit first. They belong to the artifact of Sparseloop and are not part of this
project. Of two multiplies a cycle, where the artifact has no counts, figures follow from the masks.
"""

DRAM = """\
`zeroskip requests` writes traces with which the other memories can be run on another simulator; clocks of another
simulator are known here for DDR3-1600 only.
"""

SCALING = """\
What the sets of factors give for steps between nodes that were published. They scale whole designs with their
voltages; published energies of single operations fall much less.
"""
