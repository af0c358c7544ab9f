"""A report as one self-contained HTML page (:mod:`reaper_automix.pages`).

``report.html.j2`` lays out what :mod:`.view` prepared. It reads without its script, which only
makes the table of numbers sortable.
"""

from __future__ import annotations

from markupsafe import Markup

from reaper_automix import pages
from reaper_automix.report.view import view
from reaper_automix.results import Report


def page(report: Report) -> bytes:
    """The page, UTF-8."""
    styles = ("report.css", "match.css") if report.match else ("report.css",)
    style = "".join(pages.text_of(__package__, name) for name in styles)
    script = pages.text_of(__package__, "report.js")
    text = pages.template(__package__, "report.html.j2").render(
        view=view(report),
        style=Markup(style),
        script=Markup(script),
        policy=pages.policy([style], [script]),
    )
    return text.encode("utf-8")
