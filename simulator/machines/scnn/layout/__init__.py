"""From a compressed layer to what each unit of SCNN reads."""
