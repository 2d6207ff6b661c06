"""Changes of inputs: of bytes, of texts, and of what a format holds."""
