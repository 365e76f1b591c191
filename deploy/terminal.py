"""What goes to a terminal: styled only where that is wanted, and never text of others that could steer it."""

import os
import unicodedata

from rich.console import Console

_STEERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""What turns the direction of writing for all that follows."""


def console(*, stderr: bool = False) -> Console:
    """Plain where it is no terminal or the environment has NO_COLOR (https://no-color.org), not even dimmed there."""
    if os.environ.get("NO_COLOR"):
        return Console(stderr=stderr, color_system=None, highlight=False)
    return Console(stderr=stderr, highlight=False)


def clean(text: str) -> str:
    """The text without characters that would move the cursor, change colours or the title, or ring. Line ends and tabs
    stay. Works character by character: pieces may be cleaned one by one."""
    return "".join(c for c in text if c in "\n\t" or (unicodedata.category(c) != "Cc" and c not in _STEERING))
