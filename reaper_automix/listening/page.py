"""A kit as one self-contained HTML page, which works from a file (:mod:`reaper_automix.pages`).

Every sound stands in an element of its own, so that only those of the trial at hand are decoded.
"""

from __future__ import annotations

import base64

import msgspec
from markupsafe import Markup

from reaper_automix import __version__, pages
from reaper_automix.listening.blind import Kit
from reaper_automix.listening.words import GRADES, LANGUAGES, words

LEAST_HEARD_S = 1.0
"""A sound counts as heard when it was played so long, in several goes or at once."""

CROSSFADE_S = 0.005
"""Time in which one sound gives way to another."""


def page(kit: Kit, *, least_heard_s: float = LEAST_HEARD_S) -> bytes:
    """The page, UTF-8."""
    style, script = (pages.text_of(__package__, name) for name in ("page.css", "page.js"))
    sentences = words(kit.form)
    text = pages.template(__package__, "page.html.j2").render(
        kit=kit,
        words=sentences["en"],
        languages=LANGUAGES,
        grades=GRADES,
        version=__version__,
        data=Markup(_data(kit, sentences, least_heard_s)),
        sounds={name: Markup(_base64(file)) for name, file in kit.sounds.items()},
        style=Markup(style),
        script=Markup(script),
        policy=pages.policy([style], [script]),
    )
    return text.encode("utf-8")


def _base64(file: bytes) -> str:
    return base64.b64encode(file).decode("ascii")


def _data(kit: Kit, sentences: dict[str, dict[str, str]], least_heard_s: float) -> str:
    """What the script reads, as JSON that cannot end the element it stands in."""
    document = {
        "kit": kit.id,
        "compares": kit.form == "reference",
        "least_heard_s": least_heard_s,
        "crossfade_s": CROSSFADE_S,
        "grades": GRADES,
        "trials": kit.trials,
        "words": sentences,
    }
    return msgspec.json.encode(document).decode("utf-8").replace("<", "\\u003c")
