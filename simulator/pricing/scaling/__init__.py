"""Energy and area of a result at another technology node, by two published sets of scaling factors."""
