"""The command line."""

from simulator.cli.commands import app, main

__all__ = ["app", "main"]
