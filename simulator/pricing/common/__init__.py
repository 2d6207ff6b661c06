"""One price list for the events of all machines, at 45 nm."""

NOTE = (
    "energies by one list of prices for all machines: memories by CACTI 7 (45 nm, LOP), arithmetic of EIE's Fig 10 and "
    "Horowitz, DRAM at 20 pJ a bit; no clock, registers, control, wires or leakage"
)
"""Of every result that is priced so."""
