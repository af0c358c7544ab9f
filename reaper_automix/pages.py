"""What self-contained HTML pages share: no network, no fonts to load, no cookies.

A page allows itself nothing but its own styles and scripts, by hash (CSP level 2), so that not even
a track's name could make it load or run anything.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib import resources

from jinja2 import Environment, StrictUndefined, Template

from reaper_automix.report import figures

FIGURE_SPACE = "\N{FIGURE SPACE}"


def text_of(package: str, name: str) -> str:
    """A text file of a package."""
    return resources.files(package).joinpath(name).read_text("utf-8")


@cache
def template(package: str, name: str) -> Template:
    """A template of a package; every text that it shows is escaped, whoever wrote it."""
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_tame,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["figures"] = figures
    environment.filters["aligned"] = _aligned
    return environment.from_string(text_of(package, name))


def policy(styles: Sequence[str], scripts: Sequence[str] = ()) -> str:
    """The content security policy that allows exactly these, and pictures in the page itself."""
    sources = {"style-src": styles, "script-src": scripts}
    allowed = [f"{kind} {' '.join(map(_hash, texts))}" for kind, texts in sources.items() if texts]
    rest = ("img-src data:", "base-uri 'none'", "form-action 'none'")
    return "; ".join(("default-src 'none'", *allowed, *rest))


def _tame(value: object) -> object:
    """Text without what could repaint the page; our own markup is as it is."""
    return figures.tame(value) if type(value) is str else value


def _aligned(text: str) -> str:
    """Numbers that were padded with spaces, padded as wide as digits are in any font."""
    return " → ".join(part.replace(" ", FIGURE_SPACE) for part in text.split(" → "))


def _hash(text: str) -> str:
    """The source expression that allows exactly this text."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
