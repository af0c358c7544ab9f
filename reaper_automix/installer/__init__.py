"""Bringing the actions into REAPER, and taking them out again.

First everything is decided (a :class:`Plan`), then it is shown or carried out. With REAPER closed
the actions and their shortcuts are written into ``reaper-kb.ini``; an open REAPER would write that
file anew, so there the actions are added by a line that runs at its next start, and keys wait.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from reaper_automix import __version__
from reaper_automix.errors import OutputError
from reaper_automix.installer import actions, changes, keymap, leftovers, resource, running, startup
from reaper_automix.installer.changes import Change, read
from reaper_automix.installer.keymap import Action, KeyMap, Shortcut
from reaper_automix.installer.resource import Found

MODIFIERS = "Command+Option+Shift" if sys.platform == "darwin" else "Ctrl+Alt+Shift"
"""What the keys of one and the same ``KEY`` line are called on this system."""

ASSIGN = (
    'in REAPER open Actions > Show action list, type "automix", choose an action and press Add in '
    "the box of its shortcuts"
)

TRY_IT = "Run the action automix_Self test once: it checks what they rely on in your REAPER."
NOTHING_HERE = "There was nothing of ours in {}."


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written, and what to tell about it.

    ``emptied`` go where nothing is left in them. ``finish`` is done after the files, and its
    sentences are told as well; it empties ``folders``.
    ``back_up`` keeps the first state of files that are not ours alone.
    """

    changes: tuple[Change, ...]
    notes: tuple[str, ...]
    emptied: tuple[Path, ...]
    finish: Callable[[], Iterable[str]]
    back_up: bool = True
    folders: tuple[Path, ...] = ()

    def preview(self) -> Iterator[str]:
        """Exactly what would be written, line by line."""
        yield from changes.describe(self.changes, back_up=self.back_up)
        yield from (f"remove what is ours in {folder}" for folder in self.folders)

    def carry_out(self) -> tuple[str, ...]:
        """Write it all or nothing; what to tell the user. Raises OutputError."""
        changes.apply(self.changes, back_up=self.back_up)
        for folder in self.emptied:
            changes.prune(folder)
        return (*self.notes, *self.finish())


def find(given: Path | None) -> Found:
    """REAPER's resource folder on this machine; see :func:`resource.find`."""
    return resource.find(given, running.instances())


def plan_install(found: Found, spool: Path, source: Path | None = None) -> Plan:
    """Copy the actions and make REAPER list them; also over an earlier version.

    ``source`` is the folder of the actions, by default the one that came with this package.
    """
    origin = source or actions.source()
    ours = actions.listed(origin)
    if not ours:
        raise OutputError(f"There are no actions in {origin}; install reaper-automix again.")
    copied = tuple(actions.copying(found.path, spool, origin))
    register = _register_later if found.is_open else _register_now
    registered, notes = register(found.path, ours)
    told = f"{len(ours)} actions are in {actions.home(found.path)}."
    # the installation file stays the last: with it the actions count as installed
    every = (*copied[:-1], *registered, copied[-1])
    dismiss = partial(_stop_other_version, spool)
    return Plan(every, (told, *notes), _homes(found.path), dismiss)


def plan_uninstall(found: Found, spool: Path) -> Plan:
    """Remove every file, line, key, setting, report and measurement of ours.

    Backups go where they hold nothing that the file itself has not got; a ``reaper-automix.toml``
    was written by the user and stays.
    """
    if found.is_open:
        raise OutputError(
            "REAPER is open and would write the actions back when it ends: close it and run this "
            "again."
        )
    shared = tuple(_cleaned(found.path))
    backups = (Change(change.backup, None) for change in shared if _says_as_much(change))
    every = (*actions.removing(found.path), *shared, *backups)
    folders = leftovers.folders(spool)
    some = bool(folders) or any(change.is_needed() for change in every)
    told = f"The actions are gone from {found.path}." if some else NOTHING_HERE.format(found.path)
    clear = partial(_clear, spool, tuple(change.backup for change in shared))
    return Plan(every, (told,), _homes(found.path), clear, back_up=False, folders=folders)


def shortcuts_of(path: Path) -> KeyMap:
    """The shortcuts and registered scripts of a resource folder."""
    scripts = path / "Scripts"
    return KeyMap(read(path / keymap.FILE_NAME) or b"", scripts)


def is_pending(path: Path) -> bool:
    """Whether REAPER adds the actions at its next start."""
    return startup.is_pending(read(_startup_file(path)))


def _homes(path: Path) -> tuple[Path, ...]:
    return actions.home(path), actions.effects_home(path)


def _register_now(path: Path, ours: Sequence[Action]) -> tuple[list[Change], list[str]]:
    keys = shortcuts_of(path)
    kept = keys.without(_gone(keys, ours))
    content, added = kept.adding(ours)
    written = [Change(path / keymap.FILE_NAME, content, shared=True), _without_line(path)]
    return written, list(_told_keys(ours, kept, added))


def _register_later(path: Path, ours: Sequence[Action]) -> tuple[list[Change], list[str]]:
    keys = shortcuts_of(path)
    if all(keys.registered(action) for action in ours):
        return [], ["REAPER lists them already; it is open, so shortcuts are left as they are."]
    file = _startup_file(path)
    return [Change(file, startup.with_line(read(file)), shared=True)], [
        "REAPER is open: it adds them to its Actions list when it starts next.",
        f"Keys can be given by hand ({ASSIGN}), or run this again with REAPER closed.",
    ]


def _told_keys(ours: Sequence[Action], before: KeyMap, added: Sequence[Shortcut]) -> Iterator[str]:
    if all(before.registered(action) for action in ours):
        yield "REAPER lists them already; your shortcuts stay as they are."
    else:
        yield "REAPER lists them when it starts next."
        yield TRY_IT
    for shortcut in added:
        yield f"  {MODIFIERS}+{shortcut.letter}  {shortcut.action.title}"
    given = {shortcut.action for shortcut in added}
    for action in ours:
        if action.letters and action not in given and not before.shortcut(action):
            yield f"{action.title} has no key, since its letters are taken: {ASSIGN}."


def _gone(keys: KeyMap, ours: Sequence[Action]) -> Iterator[Action]:
    """Actions that an earlier version had and this one has not."""
    paths = {action.path for action in ours}
    return (action for action in _listed_here(keys) if action.path not in paths)


def _listed_here(keys: KeyMap) -> Iterator[Action]:
    """Our actions, of whichever version; a script that a user put beside them is not ours."""
    inside = keys.inside(actions.FOLDER)
    return (action for action in inside if action.path.match(actions.PATTERN))


def _cleaned(path: Path) -> Iterator[Change]:
    """The user's files without what is ours in them."""
    settings = Change(path / resource.INI, None, shared=True)
    content = leftovers.without_python(read(settings.path) or b"", read(settings.backup))
    yield replace(settings, content=content)
    keys = shortcuts_of(path)
    content = keys.without(_listed_here(keys)).content
    yield Change(path / keymap.FILE_NAME, content or None, shared=True)
    yield _without_line(path)
    states = path / leftovers.EXT_STATE_FILE
    yield Change(states, leftovers.without_settings(read(states)), shared=True)


def _says_as_much(change: Change) -> bool:
    """Whether a backup holds the same, but for an end of line that we had to add."""
    backup, content = read(change.backup) or b"", change.content or b""
    return backup.rstrip(b"\r\n") == content.rstrip(b"\r\n")


def _without_line(path: Path) -> Change:
    file = _startup_file(path)
    return Change(file, startup.without_line(read(file)), shared=True)


def _startup_file(path: Path) -> Path:
    return path / "Scripts" / startup.FILE_NAME


def _stop_other_version(spool: Path) -> Sequence[str]:
    worker = leftovers.worker(spool)
    if worker is None or worker.version == __version__:
        return ()
    leftovers.stop_worker(spool)
    return (f"The worker of version {worker.version} was told to end.",)


def _clear(spool: Path, backups: Sequence[Path]) -> Iterator[str]:
    if not leftovers.remove_state(spool):
        yield f"{spool.parent} could not be removed while something uses it; remove it by hand."
    for backup in backups:
        if backup.exists():
            yield f"{backup} is kept: your file as it was before the first install."
