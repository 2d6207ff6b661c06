"""Results, prices and DRAM traces in the formats of other tools, and energy tables read from one of them."""
