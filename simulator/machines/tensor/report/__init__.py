"""What a run of the tensor engine reports apart from its counts."""
