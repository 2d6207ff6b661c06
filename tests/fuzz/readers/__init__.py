"""A file for each reader: what it is called with, and how its inputs are changed."""
