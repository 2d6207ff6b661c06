"""Deep Gradient Compression (DGC, Lin et al., ICLR 2018): chips exchange one gradient element in a thousand."""
