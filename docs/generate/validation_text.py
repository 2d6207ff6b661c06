"""What the validation page says between its tables."""

HEAD = """\
# Validation

Every figure of the papers that is at hand, with the simulated one. The rows are the output of these commands:

```sh
{commands}
```

On one core, `eie` takes about two minutes, `ese` one, `scnn` twenty, the others seconds; `--draws 1` is a quick look.

Layers are drawn with the papers' shapes and densities; a figure is a mean over draws, ± is the standard deviation
over them, and after a published value how exactly it is known (rounding, or the measurement of a figure). A dash
means that no published value is at hand. `zeroskip validate MACHINE --rows` prints the same tables, without
`--rows` the summaries.

Each figure has a class, with the reason in the last column of its table:

- **reproduced**: another simulator's number on the same data;
- **predicted**: nothing in the model, its prices or its drawn layers was made to agree with it. Only these are
  averaged;
- **calibrated**: made to agree with it, or with a figure that implies it; the data of each fit are listed under
  *Fits*;
- **given**: an input, true by definition, or arithmetic on rows that are counted already.

*Error* is the mean of |simulated / published - 1|, *bias* the geometric mean of the ratios, less 1. Where a figure is
a share near 100 %, *lost* is the mean of |simulated - published| / (100 - published): by how much the lost cycles
differ. Of the classes that are not predicted, the number of figures and their mean error are shown.

The mark says how a published value is known:

- `printed` and `C`: printed in the paper; `measured` and `F`: read off a plot; `summary`: from public summaries of
  the paper;
- `derived` and `D`: computed from printed values; `run`: what the other simulator prints;
- `A`: in ESE's tables recalled, not read, and pinned by exact arithmetic on totals that were read: all bytes, times
  and GOPS of Table 8 follow from each other to the last digit; of DRAM, the output of the simulator named;
- `M`: recalled and not confirmed;
- `fitted`: the model was fitted to it, so that its error says little.

`zeroskip validate energy` prints the energy rows together with EIE's [savings step by
step](eie.md#savings-step-by-step). Reasons for the differences: [EIE](eie.md#where-the-figures-differ-and-why),
[ESE](ese.md#where-the-figures-differ-and-why), [SCNN](scnn.md#where-the-figures-differ-and-why).
"""

REAL = """\
The real pruned FC8 of AlexNet and its image are in the repository of EIE's authors
(github.com/RalphMao/EIE-simulator), as 64 banks of pointers, codes and zero counts. It has no licence, so that the
file is not part of this project. Put together as `.npz`, with `weight_code` uint8 [1000, 4096] (0 = pruned, else an
index into the codebook), `bias_code` uint8 [1000], `codebook` float32 [16] and `activation` float32 [4096], it is
compared with what their simulator counts by `zeroskip validate eie --data alex8.npz`, and runs as any layer:
`zeroskip run eie alex8.npz` takes 7,926 cycles.
"""

DRAM = """\
`zeroskip requests` writes the traces with which the other memories can be run on another simulator; its clocks are at
hand for DDR3-1600 only.
"""

SCALING = """\
What the sets of factors say of steps between nodes that were published. They scale whole designs with their voltages;
published energies of single operations fall much less.
"""
