"""A report as one self-contained HTML page: no network, no fonts to load, no cookies.

``report.html.j2`` lays out what :mod:`.view` prepared. The page allows itself nothing but its own
style and script, by hash (CSP level 2), so that not even a track's name could make it load or run
anything. It reads without the script, which only makes the table of numbers sortable.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from reaper_automix.report import figures
from reaper_automix.report.view import view
from reaper_automix.results import Report

FIGURE_SPACE = "\N{FIGURE SPACE}"


def page(report: Report) -> bytes:
    """The page, UTF-8."""
    style, script = _package_text("report.css"), _package_text("report.js")
    text = _template().render(
        view=view(report),
        style=Markup(style),
        script=Markup(script),
        policy=f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "img-src data:; base-uri 'none'; form-action 'none'",
    )
    return text.encode("utf-8")


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_tame,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["figures"] = figures
    environment.filters["aligned"] = _aligned
    return environment.from_string(_package_text("report.html.j2"))


def _package_text(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text("utf-8")


def _tame(value: object) -> object:
    """Every text that is shown, whoever wrote it; our own markup is as it is."""
    return figures.tame(value) if type(value) is str else value


def _aligned(text: str) -> str:
    """Numbers that were padded with spaces, padded as wide as digits are in any font."""
    return " → ".join(part.replace(" ", FIGURE_SPACE) for part in text.split(" → "))


def _hash(text: str) -> str:
    """The source expression that allows exactly this text."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
