"""Drawings as SVG: boxes, arrows, words. No font, script or file from elsewhere."""

from xml.sax.saxutils import escape

FONT = "system-ui, sans-serif"
INK, QUIET, LINE = "#1b1b1b", "#555555", "#444444"
TINTS = {
    "memory": "#d6e6f2",
    "control": "#fbe8c6",
    "queue": "#d5efe5",
    "work": "#f6dfeb",
    "plain": "#f4f4f4",
    "frame": "none",
}
"""Light tints of the plots' colours, by what a part is."""


class Picture:
    """A drawing of a given size; coordinates are pixels, from the upper left corner."""

    def __init__(self, width: int, height: int, title: str):
        self.width, self.height, self.title = width, height, title
        self._parts: list[str] = []

    def box(self, x: float, y: float, width: float, height: float, words: str, tint: str = "plain") -> None:
        """A box with centred words; lines of words are divided by `/`."""
        stroke = 'stroke-dasharray="5 4"' if tint == "frame" else ""
        self._parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="4" fill="{TINTS[tint]}" '
            f'stroke="{LINE}" stroke-width="1.2" {stroke}/>'
        )
        lines = words.split("/") if words else []
        for number, line in enumerate(lines):
            down = y + height / 2 + 17 * (number - (len(lines) - 1) / 2) + 4.5
            self.text(x + width / 2, down, line.strip(), "middle")

    def text(
        self,
        x: float,
        y: float,
        words: str,
        anchor: str = "start",
        size: float = 13,
        colour: str = INK,
        bold: bool = False,
    ) -> None:
        """Words at their baseline."""
        weight = ' font-weight="600"' if bold else ""
        self._parts.append(
            f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-size="{size:g}" fill="{colour}"{weight}>'
            f"{escape(words)}</text>"
        )

    def arrow(self, *points: tuple[float, float], words: str = "", both: bool = False) -> None:
        """An arrow through points; words are above the middle of its first piece."""
        path = " ".join(f"{x:g},{y:g}" for x, y in points)
        start = 'marker-start="url(#tip)" ' if both else ""
        self._parts.append(
            f'<polyline points="{path}" fill="none" stroke="{LINE}" stroke-width="1.4" {start}marker-end="url(#tip)"/>'
        )
        if words:
            (x1, y1), (x2, y2) = points[:2]
            self.text((x1 + x2) / 2, (y1 + y2) / 2 - 6, words, "middle", 12, QUIET)

    def cell(self, x: float, y: float, width: float, height: float, letter: str, colour: str) -> None:
        """A coloured cell with a letter."""
        self._parts.append(f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{colour}"/>')
        self.text(x + width / 2, y + height / 2 + 4.5, letter, "middle")

    def bar(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """A bar without words."""
        self._parts.append(f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{colour}"/>')

    def squares(self, corners: list[tuple[float, float]], size: float, colour: str) -> None:
        """Squares of one size and colour by their upper left corners."""
        path = "".join(f"M{x:g} {y:g}h{size:g}v{size:g}h-{size:g}z" for x, y in corners)
        self._parts.append(f'<path d="{path}" fill="{colour}"/>')

    def svg(self) -> str:
        """The drawing as a file."""
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" '
                f'width="{self.width}" height="{self.height}" role="img" font-family="{FONT}">',
                f"<title>{escape(self.title)}</title>",
                '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
                f'orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" fill="{LINE}"/></marker></defs>',
                f'<rect width="{self.width}" height="{self.height}" fill="#ffffff"/>',
                *self._parts,
                "</svg>\n",
            ]
        )
