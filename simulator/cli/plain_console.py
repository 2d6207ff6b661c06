"""A console that shows the names of a user's layers and files as they are: no emoji, no codes of the terminal."""

from typing import Any

from rich.console import Console
from rich.text import Text

from simulator.results.text import without_controls


class PlainConsole(Console):
    """Shows the control characters of a text as escapes: a name must not move the cursor or change colours."""

    def __init__(self, **options: Any):
        super().__init__(emoji=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        """What `rich` makes of a text."""
        return super().render_str(without_controls(text), **options)
