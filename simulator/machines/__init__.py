"""The machines, a folder each."""
