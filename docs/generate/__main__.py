"""`python -m docs.generate` writes every generated file."""

from docs.generate import write

write()
