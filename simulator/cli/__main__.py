"""`python -m simulator.cli` is `zeroskip`."""

from simulator.cli import main

main()
