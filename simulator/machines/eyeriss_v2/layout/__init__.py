"""From a compressed layer to what each unit of Eyeriss v2 reads."""
