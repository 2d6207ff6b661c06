"""`python -m docs.generate` writes every generated file."""

from docs.generate.everything import write

write()
