"""What a run of the selection unit reports apart from its counts."""
