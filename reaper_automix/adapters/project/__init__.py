"""REAPER projects (``.RPP``) as a place: read into a session, write a balance back.

Writing touches the first field of each moved track's ``VOLPAN`` and our own entry in the
project's ext state (:mod:`~reaper_automix.adapters.project.store`), nothing else but the volume
envelopes that a balance of regions asks for; into another
folder, also the paths of the media. It happens beside the target and then takes its place, so a
full disk or a crash leaves what was there. :mod:`~reaper_automix.adapters.project.edit` has the
larger changes: folders and the order of tracks.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, count
from pathlib import Path
from types import MappingProxyType

from reaper_automix import rpp
from reaper_automix.adapters.project.edit import rebase_media, set_faders, set_volumes, track_nodes
from reaper_automix.adapters.project.envelopes import volume_envelope
from reaper_automix.adapters.project.fx import read_fx
from reaper_automix.adapters.project.media import MediaFinder
from reaper_automix.adapters.project.regions import read_regions
from reaper_automix.adapters.project.store import read_stored, write_stored
from reaper_automix.adapters.project.tracks import read_tracks
from reaper_automix.errors import InputError, OutputError
from reaper_automix.rides import Volumes, is_own
from reaper_automix.rpp import Node, Table
from reaper_automix.session import Session, StoredBalance, TimeRange

ROOT = "REAPER_PROJECT"

Change = Callable[[Node], None]
"""What is done to the block of a project."""

NO_VOLUMES: Volumes = MappingProxyType({})

_DEFAULT_RATE_HZ = 48000
_DEFAULT_TEMPO_BPM = 120.0


def read(path: Path) -> Session:
    """The session of a project file, its media looked up on this machine.

    :class:`InputError` names what is wrong with a file that is no project, is cut off or damaged.
    A project without tracks is a session without tracks.
    """
    return session_of(root(load(path), path), path)


def session_of(project: Node, path: Path) -> Session:
    """The session of a project's tree that stands, or would stand, at ``path``."""
    lines = project.table()
    sample_rate_hz = max(0, lines.whole("SAMPLERATE", 1)) or _DEFAULT_RATE_HZ
    tempo_bpm = lines.real("TEMPO", 1, _DEFAULT_TEMPO_BPM)
    return Session(
        name=path.stem,
        tracks=read_tracks(project, _media(project, path), sample_rate_hz),
        sample_rate_hz=sample_rate_hz,
        tempo_bpm=tempo_bpm if tempo_bpm > 0.0 else _DEFAULT_TEMPO_BPM,
        pan_law=lines.real("PANLAW", 1, 1.0),
        pan_taper=lines.whole("PANLAWFLAGS", 1, 3),
        pan_mode=lines.whole("PANMODE", 1, 3),
        item_mix=lines.whole("ITEMMIX", 1, 1),
        master_gain=lines.real("MASTER_VOLUME", 1, 1.0),
        master_pan=lines.real("MASTER_VOLUME", 2),
        master_channels=max(2, lines.whole("MASTER_NCH", 1, 2)),
        master_fx=read_fx(
            project.block("MASTERFXLIST"), active=lines.flag("MASTER_FX", 1, default=True)
        ),
        global_automation=lines.whole("GLOBAL_AUTO", 1, -1),
        time_selection=_time_selection(lines),
        regions=read_regions(project),
        stored=read_stored(project),
    )


def write_balance(
    source: Path,
    target: Path,
    faders: Mapping[str, float],
    stored: StoredBalance,
    volumes: Volumes = NO_VOLUMES,
) -> None:
    """Write ``source`` to ``target`` with new faders (linear gain by track id) and stored state.

    ``volumes`` are volume envelopes by track id; those of an earlier balance give way to them.
    In another folder than the source's, media paths are rewritten so that they are still found.
    """
    document = changed(source, balancing(faders, stored, volumes), target.parent)
    save(document, target, like=source)


def replace_in_place(
    path: Path,
    faders: Mapping[str, float],
    stored: StoredBalance,
    volumes: Volumes = NO_VOLUMES,
) -> Path:
    """Write a balance into the project itself; the path of the copy of what it was before."""
    return change_in_place(path, balancing(faders, stored, volumes))


def changed(source: Path, change: Change, folder: Path) -> Node:
    """The tree of a project's file after a change, as it will stand in a folder."""
    document = load(source)
    project = root(document, source)
    change(project)
    if folder.resolve() != source.parent.resolve():
        rebase_media(project, _media(project, source), folder.absolute())
    return document


def change_in_place(path: Path, change: Change) -> Path:
    """Change the project itself; the path of the copy of what it was before.

    The copy is ``<name>.RPP.bak``. An earlier one is never overwritten, since it may be the only
    trace of the mix before any balance: later copies are ``<name>.RPP.bak2`` and so on.
    """
    load(path)
    path = path.resolve()  # a link stays one
    backup = next(candidate for candidate in _backup_names(path) if not candidate.exists())
    try:
        shutil.copy2(path, backup)
    except OSError as error:
        backup.unlink(missing_ok=True)
        raise OutputError(_unwritable(backup, error)) from error
    try:
        save(changed(path, change, path.parent), path, like=path)
    except Exception:
        backup.unlink()  # the project is as it was, so this says nothing more
        raise
    return backup


def load(path: Path) -> Node:
    """The tree of a project file; :class:`InputError` for whatever is none."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror}); check the path and its permissions."
        ) from error
    if b"\0" in data:
        raise InputError(f"{path} is a binary file, not a REAPER project; give the .RPP itself.")
    text = rpp.decode(data)
    if not text.lstrip("\ufeff \t\r\n").startswith(f"<{ROOT}"):
        raise InputError(
            f"{path} is not a REAPER project, as it does not start with <{ROOT}; give the .RPP "
            "that REAPER saved."
        )
    return rpp.parse(text, str(path))


def root(document: Node, path: Path) -> Node:
    """The project in the tree of a file."""
    project = document.block(ROOT)
    if project is None:
        raise InputError(f"{path} has no block <{ROOT}; give the .RPP that REAPER saved.")
    return project


def save(document: Node, target: Path, *, like: Path) -> None:
    """Write a tree beside ``target`` and put it there in one step.

    The file keeps the permissions it has, a new one gets those of ``like`` and can be saved over.
    :class:`OutputError` when that fails; whatever was at ``target`` is then still there.
    """
    beside = None
    try:
        mode = target.stat().st_mode if target.exists() else like.stat().st_mode | stat.S_IWUSR
        with tempfile.NamedTemporaryFile(
            dir=target.parent, prefix=".automix-", suffix=".tmp", delete=False
        ) as file:
            beside = Path(file.name)
            file.write(rpp.encode(rpp.dump(document)))
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(stat.S_IMODE(mode))
        beside.replace(target)
    except OSError as error:
        raise OutputError(_unwritable(target, error)) from error
    finally:
        if beside is not None:
            beside.unlink(missing_ok=True)


def balancing(
    faders: Mapping[str, float], stored: StoredBalance, volumes: Volumes = NO_VOLUMES
) -> Change:
    """What a balance changes, see :func:`write_balance`."""

    def change(project: Node) -> None:
        set_faders(project, faders)
        set_volumes(project, volumes, _own_volumes(project))
        write_stored(project, stored)

    return change


def _own_volumes(project: Node) -> frozenset[str]:
    """Tracks whose volume envelope is one that an earlier balance wrote, untouched since."""
    stored = read_stored(project) or StoredBalance()
    blocks = ((one, node.block("VOLENV2")) for one, node in track_nodes(project).items())
    volumes = ((one, volume_envelope(block)) for one, block in blocks)
    return frozenset(one for one, volume in volumes if is_own(stored, one, volume))


def _media(project: Node, path: Path) -> MediaFinder:
    return MediaFinder(path.absolute().parent, project.values("RECORD_PATH") or [])


def _time_selection(lines: Table) -> TimeRange | None:
    start_s, end_s = lines.real("SELECTION", 1), lines.real("SELECTION", 2)
    return TimeRange(start_s, end_s) if end_s > start_s else None


def _backup_names(path: Path) -> Iterator[Path]:
    for number in chain([""], count(2)):
        yield path.with_name(f"{path.name}.bak{number}")


def _unwritable(path: Path, error: OSError) -> str:
    return f"{path} cannot be written ({error.strerror}); choose another folder with --out."
