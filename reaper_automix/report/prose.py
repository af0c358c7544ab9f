"""How a report was computed, in words that an engineer reads in half a minute."""

from __future__ import annotations

from reaper_automix.report import match_view
from reaper_automix.results import Report

LEVELS = {
    "auto": "The level is the integrated loudness (BS.1770-4) inside the band from two to four "
    "times the pitch, second to fourth harmonic, where the pitch is credible. As it becomes less "
    "so, the level slides to the full-band loudness, less a constant that keeps the two "
    "comparable. Pitch comes from pYIN and PESTO together.",
    "p_lufs": "The level is the integrated loudness (BS.1770-4) inside the band from two to four "
    "times the pitch. Pitch comes from pYIN and PESTO together.",
    "lufs": "The level is the integrated loudness over the full band (BS.1770-4).",
    "centroid": "The level is the integrated loudness (BS.1770-4) inside a band around the "
    "spectral centroid, as wide as the spectral bandwidth.",
}
"""What each method measures, in words."""

MODES = {
    "balance": (
        "Sources are measured at the fader's input, as they play: items, gains, fades and "
        "envelopes, all channels.",
        "Inside each folder the sources are brought to one level, so that the folder's sum stays "
        "as loud as it was; then folders among each other, each heard as its sum. Where that "
        "would leave the fader's range or the headroom, the whole group goes down.",
    ),
    "paper": (
        "This is stage 1 as published in A Scalable Two-Stage Automatic Mixing System (AES 159, "
        "2025): every stem alone, its channels averaged, brought to −50 LUFS as each method "
        "hears it, but never above −1 dBFS.",
        "A band is a first-order high-pass followed by a first-order low-pass. Stems not above "
        "−50 LUFS are copied unchanged.",
    ),
    "inspect": (
        "Nothing was measured and nothing was written: this is what the project holds, and what "
        "a balance would measure.",
    ),
}
"""What each mode does, in words."""


OBJECTS = (
    "Tracks that record one source (microphones that hear it, a DI, a compressed copy) are found "
    "by the waveform that they have in common. In one folder they move as one: their inside "
    "balance and their polarity stay as they are."
)
"""What becomes of tracks that record one source, in words."""


def method(report: Report) -> tuple[str, ...]:
    """How it was computed, in short."""
    matched = match_view.method(report.match) if report.match else ()
    if report.mode != "balance":
        return matched or MODES[report.mode]
    level = LEVELS[report.settings.method]
    together = (OBJECTS,) if report.settings.objects == "auto" else ()
    return (MODES["balance"][0], level, *MODES["balance"][1:], *together, *matched)
