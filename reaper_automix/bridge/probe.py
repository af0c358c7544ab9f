"""How to reach the bridge of an open REAPER, and one sentence for each reason why not.

The bridge writes ``live.json`` into the spool when it starts and removes it at its end; a file that
is left behind by a crash leads to a port where nobody answers.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from reaper_automix import __version__
from reaper_automix.errors import LiveError

FILE = "live.json"
PROTOCOL = 1

ACTION = "automix_Live bridge"

SET_UP = "(reaper-automix install adds it, reaper-automix live setup makes REAPER run it)"
NOT_OPEN = f"REAPER is not open; start it, open the project and run its action {ACTION} {SET_UP}."
NOT_STARTED = f"REAPER is open, but its live bridge is not; run the action {ACTION} there {SET_UP}."
UNREADABLE = (
    "{file} does not tell how to reach REAPER ({why}); end and start the action {action} again."
)
OTHER_VERSION = (
    "REAPER runs the live bridge of version {theirs}, this is {ours}; run reaper-automix install "
    "and start the action {action} again."
)
GONE = (
    "The live bridge is gone without a word, as after a crash of REAPER; start REAPER and its "
    f"action {ACTION} again."
)
NOT_OURS = (
    "What answers at port {port} is not the live bridge; end and start the action {action} again."
)
BUSY = (
    "REAPER is there but does not answer: a dialog is open, it is busy, or another program holds "
    "it; close the dialog or wait, and try again."
)
ENDED = (
    "REAPER or its live bridge ended in the middle of the call; see in its undo history whether it "
    "was done, and start it again."
)
TOO_SLOW = (
    "REAPER did not answer within {seconds:g} s; it may still do what was asked, so look at its "
    "undo history before you try again."
)


class NotTheBridge(ConnectionError):
    """Whoever listens at the port does not speak as our server does."""


class Whereabouts(msgspec.Struct, frozen=True):
    """What ``live.json`` says: a port of this machine, and the token that every call must show."""

    protocol: int
    version: str
    port: int
    token: str
    pid: int
    reaper: str


def find(spool: Path) -> Whereabouts:
    """How to reach the bridge; :class:`LiveError` says why that is not possible."""
    file = spool / FILE
    try:
        found = msgspec.json.decode(file.read_bytes(), type=Whereabouts)
    except FileNotFoundError as error:
        raise LiveError(NOT_STARTED if _reaper_is_open() else NOT_OPEN) from error
    except (OSError, msgspec.DecodeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise LiveError(UNREADABLE.format(file=file, why=why, action=ACTION)) from error
    if (found.protocol, found.version) != (PROTOCOL, __version__):
        raise LiveError(OTHER_VERSION.format(theirs=found.version, ours=__version__, action=ACTION))
    return found


def _reaper_is_open() -> bool:
    from reaper_automix.installer import running

    return bool(running.instances())
