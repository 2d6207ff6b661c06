"""SCNN (Parashar et al., ISCA 2017): convolution as a Cartesian product of non-zeros."""
