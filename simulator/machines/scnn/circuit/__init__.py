"""The scatter crossbar of one SCNN PE and its accumulator banks as a circuit, in Amaranth (extra `rtl`)."""

from simulator.machines.scnn.circuit.run import Product as Product
from simulator.machines.scnn.circuit.run import run as run
