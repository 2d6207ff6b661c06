"""From a compressed layer to what each unit of ESE reads."""
