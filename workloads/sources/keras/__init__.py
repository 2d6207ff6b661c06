"""Reading of Keras models in HDF5."""
