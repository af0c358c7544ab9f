"""Tokens of EEL2; its names know no capitals."""

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
    (?P<blank>   \s+ | //[^\n]* | /\*.*?\*/ ) |
    (?P<number>  \d+\.?\d* | \.\d+ ) |
    (?P<name>    [A-Za-z_][A-Za-z0-9_.]* | \$pi ) |
    (?P<text>    "[^"\n]*" ) |
    (?P<mark>    === | !== | == | != | <= | >= | && | \|\| | \+= | -= | \*= | /= |
                 [-+*/^<>=!?:;,()\[\]] )
    """,
    re.VERBOSE | re.DOTALL,
)


class EelError(Exception):
    """What REAPER would not compile, or what this small EEL2 does not know."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its kind (number, name, text or mark), its text and where it stands."""

    kind: str
    text: str
    line: int


def tokens(text, first_line=1):
    """The tokens of a section, without blanks and comments."""
    at, line = 0, first_line
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise EelError(f"line {line}: {text[at : at + 20]!r} is no EEL2")
        if found.lastgroup != "blank":
            word = found[0] if found.lastgroup == "text" else found[0].lower()
            yield Token(found.lastgroup, word, line)
        line += found[0].count("\n")
        at = found.end()
