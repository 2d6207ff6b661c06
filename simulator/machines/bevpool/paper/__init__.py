"""Studies of the machine for BEV pooling."""
