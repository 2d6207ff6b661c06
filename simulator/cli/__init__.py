"""The command line."""

from simulator.cli.app import app, main

__all__ = ["app", "main"]
