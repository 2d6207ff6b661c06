"""How results look in Python: as text, in a notebook, as a picture, as a file, as a trace."""
