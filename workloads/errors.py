"""The one error of the edges: what a user gave cannot be used."""


class InputError(ValueError):
    """A sentence that names where, what, the value, and what was expected; the command line prints it and exits 2."""
