"""DCNN and DCNN-opt (SCNN's paper, ISCA 2017): the dense machines that SCNN is compared with."""
