"""Studies of the machine for pairs."""
