"""Number formats that store a weight in a few bits: codebooks, fixed point, ternary."""
