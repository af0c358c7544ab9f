"""Job protocol 1: what the files of the spool say, all of them JSON in UTF-8.

The other side is ``reascripts/Automix/lib/spool.lua``. A field that a reader does not know is
ignored; a missing one takes its default. Numbers that JSON cannot say (the dB of a closed fader)
are ``null``.
"""

from __future__ import annotations

from typing import Literal, TypeVar

import msgspec

from reaper_automix.controls import ControlGain, Move
from reaper_automix.errors import InputError
from reaper_automix.roles import Role, StemName
from reaper_automix.selection import ScopeKind
from reaper_automix.session import TimeRange
from reaper_automix.stemtree.catalogue import Color
from reaper_automix.stemtree.proposal import State as Standing
from reaper_automix.stemtree.proposal import Wish

PROTOCOL = 1

State = Literal["idle", "busy"]
JobKind = Literal["plan", "balance", "sum", "show", "stems", "match"]
Outcome = Literal["done", "failed", "cancelled"]
Message = TypeVar("Message")


class Heartbeat(msgspec.Struct, frozen=True):
    """``worker.json``: who is at work; ``beat`` is unix time in seconds."""

    pid: int
    version: str
    protocol: int
    beat: float
    state: State
    job: str | None


class Rendered(msgspec.Struct, frozen=True):
    """A file of the job's folder that holds a track as it sounds before its fader."""

    track_id: str
    file: str
    start_s: float = 0.0


class Sought(msgspec.Struct, frozen=True):
    """The reference of a match: a file, or a track by its GUID or a region of the project."""

    name: str
    path: str = ""
    track: str = ""
    region: str = ""


Sliders = tuple[float, ...]
"""A value for each slider of our strip."""


class MatchWish(msgspec.Struct, frozen=True):
    """What a match is asked for.

    ``stems`` are the tracks that it sets, none for all; ``hers`` the sliders of strips that are the
    engineer's by now, by track, and ``bus`` those of the master's if that is. Of what she has
    ``bypassed`` (``master`` among the ids) and, where ``master_is_off``, on the master nothing is
    heard. ``blocks`` are on or off by name, ``checkpoint`` is a network's file. The session of the
    job is as it was before any match, but for what is hers.
    """

    reference: Sought
    stems: tuple[str, ...] = ()
    hers: dict[str, Sliders] = {}
    bus: Sliders | None = None
    strength: float = 1.0
    blocks: dict[str, bool] = {}
    checkpoint: str | None = None
    master_is_off: bool = False
    bypassed: tuple[str, ...] = ()


class Request(msgspec.Struct, frozen=True):
    """``request.json``: one job.

    ``settings`` are the texts and flags that the user set, ``usual`` those that hold where neither
    the user nor a settings file says anything; ``moves`` are what a sum is asked for
    besides the mix as it stands; ``wishes``, by track, are what stems are to be made by, ``null``
    where they are only proposed. ``match`` is there where a match is asked for or planned.
    ``project_id`` tells projects apart that were never saved, which have no path.
    """

    protocol: int
    id: str
    kind: JobKind
    version: str = ""
    scope: ScopeKind = "all"
    tracks: tuple[str, ...] = ()
    project_path: str = ""
    project_id: str = ""
    settings: dict[str, str | bool] = {}
    usual: dict[str, str | bool] = {}
    controls: tuple[ControlGain, ...] = ()
    chunks: bool = False
    rendered: tuple[Rendered, ...] = ()
    moves: tuple[Move, ...] = ()
    wishes: dict[str, Wish] | None = None
    match: MatchWish | None = None


class Step(msgspec.Struct, frozen=True):
    """``progress.json``: how far a job is, ``done`` of ``total`` seconds of audio."""

    stage: str
    done: float
    total: float
    what: str
    eta_s: float | None


class Stored(msgspec.Struct, frozen=True):
    """What the project shall remember of a track: its virtual fader, linear, and its offset."""

    track_id: str
    found: float
    written: float
    hand_db: float = 0.0


class Mix(msgspec.Struct, frozen=True):
    """Loudness of the whole mix; ``null`` below the gate."""

    before_lufs: float | None = None
    after_lufs: float | None = None


class Row(msgspec.Struct, frozen=True):
    """One line of the result window; ``why`` are sentences.

    ``f0_hz`` is ``null`` where no pitch was used: the level is that of the full band.
    """

    track_id: str
    name: str
    depth: int
    kind: str
    status: str
    f0_hz: float | None
    level_lufs: float | None
    move_db: float | None
    fader_db: float | None
    why: str


class Plan(msgspec.Struct, frozen=True):
    """The tracks that REAPER has to render first, and those whose last render still holds.

    ``range`` is the stretch of the time line to render, by the settings of the files of the user
    and of the project and those of the request together; ``null`` for all of it.
    """

    render: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    range: TimeRange | None = None


class StemRow(msgspec.Struct, frozen=True):
    """One line of the review of stems: a track, and the name of the folder that it goes into.

    ``state`` is that of :class:`~reaper_automix.stemtree.Row`; what ``stays`` cannot be chosen for.
    """

    track_id: str
    name: str
    depth: int
    role: Role | None
    confidence: float
    stem: StemName | None
    state: Standing
    folder: str
    why: str


class StemFolder(msgspec.Struct, frozen=True):
    """A folder to be made, under an id that stands for it; colour as red, green and blue."""

    id: str
    name: str
    color: Color


class StemChoice(msgspec.Struct, frozen=True):
    """A stem that may be chosen, and what its new folder would be called."""

    name: StemName
    title: str


class Spot(msgspec.Struct, frozen=True):
    """A track in the new order, and how many folders it lies in."""

    track_id: str
    level: int


class Sorting(msgspec.Struct, frozen=True):
    """Where tracks go: ``spots`` has every track and new folder in order, none to leave all.

    ``stems`` are all there are, in their order.
    """

    rows: tuple[StemRow, ...] = ()
    folders: tuple[StemFolder, ...] = ()
    spots: tuple[Spot, ...] = ()
    stems: tuple[StemChoice, ...] = ()


class Result(msgspec.Struct, frozen=True):
    """``result.json``: the answer to one job.

    ``matched`` is a whole match in the form of :mod:`~reaper_automix.match.placing.stored`.
    """

    id: str
    outcome: Outcome
    message: str = ""
    title: str = ""
    moves: tuple[Move, ...] = ()
    stored: tuple[Stored, ...] = ()
    mix: Mix = Mix()
    rows: tuple[Row, ...] = ()
    notes: tuple[str, ...] = ()
    plan: Plan = Plan()
    sorting: Sorting | None = None
    matched: dict[str, object] | None = None
    report: str = ""
    protocol: int = PROTOCOL


def encode(message: msgspec.Struct) -> bytes:
    """A message as JSON; infinity and NaN become ``null``."""
    return msgspec.json.encode(message)


class _Sender(msgspec.Struct, frozen=True):
    """What every request says, of whichever version it is."""

    version: str = ""


def sent_by_newer(request: bytes, version: str) -> bool:
    """Whether a ``request.json`` comes from actions that are newer than a version.

    >>> sent_by_newer(b'{"version": "0.10.0"}', "0.9.1"), sent_by_newer(b"{}", "0.9.1")
    (True, False)
    """
    try:
        sender = msgspec.json.decode(request, type=_Sender)
    except (msgspec.DecodeError, RecursionError):
        return False
    return _numbers(sender.version) > _numbers(version)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def decode(text: bytes, kind: type[Message], name: str) -> Message:
    """The message in a file; :class:`InputError` names the first thing wrong in it."""
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise InputError(f"{name} cannot be read: {error}; run the action again.") from error
