"""Damage to a file, as hypothesis draws it."""

from hypothesis import strategies as st


def damage(data, path):
    """Cut the file short, or flip one of its bits."""
    content = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        content = content[: data.draw(st.integers(0, len(content) - 1))]
    else:
        content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
