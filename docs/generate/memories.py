"""The page of DRAM in the loop, from what `zeroskip study memory --json` printed."""

import json
from pathlib import Path

from docs.generate.markdown import MADE, table

HEAD = """# DRAM in the loop

What changes when weights do not fit on chip: each machine without a memory (`--set dram=none`) and with several
memories. The column x is the time divided by the time without a memory. The rows are the output of this command:

```sh
zeroskip study memory --json > docs/validation/memory.json
```

EIE's pointer SRAM holds 16,384 columns, VGG-16's FC6 has 25,089: all its pointers come from DRAM in every run, and the
PEs wait for them. AlexNet's FC6 fits, and only the standby energy of its memory changes. ESE requests every weight in
every step: two DDR3 channels are just enough. SCNN reads weights ahead of their broadcast and loads the inputs of bands
at the same time, which hides nearly all of the latency.

Energy is given twice: with the flat prices of the configuration, which are the same for every memory, and with the
memory's [data sheet](dram.md#energy-by-the-data-sheet) (`--set dram_energy=data_sheet`), which prices each command and
adds standby and refresh of all channels for the whole run.

"""
TEXT = ("machine", "layer", "memory")


def pages(folder: Path) -> dict[str, str]:
    """`dram_in_the_loop.md`."""
    content = json.loads((folder / "validation" / "memory.json").read_text("utf-8"))
    (found,) = content["tables"]
    right = [column for column in found["columns"] if column not in TEXT]
    return {"dram_in_the_loop.md": MADE + HEAD + table(found["columns"], found["rows"], right)}
