"""EIE, the Efficient Inference Engine (Han et al., ISCA 2016): sparse matrix times sparse vector."""
