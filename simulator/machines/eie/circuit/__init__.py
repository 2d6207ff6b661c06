"""EIE as a circuit: registers, gates and synchronous memories, in Amaranth (extra `rtl`).

`processing_element` and `control` are the circuit, `memories` packs a layer into the bits of its memories, and `run`
simulates them.
"""

from simulator.machines.eie.circuit.run import run as run
