"""Published figures of Eyeriss v2, and what is compared with them."""
