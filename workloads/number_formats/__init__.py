"""How a weight becomes a few bits: codebooks, fixed point, ternary."""
