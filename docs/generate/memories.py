"""The page of DRAM in the loop, from what `zeroskip study memory --json` printed."""

import json
from pathlib import Path

from docs.generate.markdown import MADE, table

HEAD = """# DRAM in the loop

What changes when weights do not fit on chip: each machine with its memory left out (`--set dram=none`) and with other
memories. x is the time over that without. The rows are what this command prints:

```sh
zeroskip study memory --json > docs/validation/memory.json
```

EIE's pointer SRAM holds 16,384 columns, VGG-16's FC6 has 25,089: all its pointers come from DRAM in every run, and the
PEs wait for them. AlexNet's FC6 fits, and nothing changes but the standby of its memory. ESE asks for every weight in
every step: two DDR3 channels are just enough. SCNN reads weights ahead of their broadcast and inputs of bands beside
it, and hides nearly all.

Energy stands twice: by the flat prices of the configuration, whatever the memory, and by the memory's [data
sheet](dram.md#energy-by-the-data-sheet) (`--set dram_energy=data_sheet`), command by command, with standby and refresh
of all channels for the whole run.

"""
TEXT = ("machine", "layer", "memory")


def pages(folder: Path) -> dict[str, str]:
    """`dram_in_the_loop.md`."""
    told = json.loads((folder / "validation" / "memory.json").read_text("utf-8"))
    (found,) = told["tables"]
    right = [column for column in found["columns"] if column not in TEXT]
    return {"dram_in_the_loop.md": MADE + HEAD + table(found["columns"], found["rows"], right)}
