"""Mutation testing: small faults put into the sources, one at a time, and whether the tests of their room see them."""
