"""Language models as data: blocks and their sizes, from which layers, parameters and bytes follow."""
