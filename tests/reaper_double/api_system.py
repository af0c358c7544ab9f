"""Paths, files, processes, versions and pointers."""

import os
import shlex
import subprocess
import sys
import time
import uuid

from reaper_double import project_keys
from reaper_double.registry import api

DETACHED = (-1, -2)
_VALID_KINDS = frozenset(
    "ReaProject MediaTrack MediaItem MediaItem_Take TrackEnvelope PCM_source".split()
)


@api
def GetResourcePath(reaper):
    return reaper.resource_path


@api
def GetExePath(reaper):
    return os.path.join(reaper.resource_path, "program")


@api
def get_ini_file(reaper):
    return os.path.join(reaper.resource_path, "reaper.ini")


@api
def get_config_var_string(reaper, name):
    value = project_keys.config_var(reaper, name)
    return value is not None, value or ""


@api
def GetAppVersion(reaper):
    return reaper.version


@api
def GetOS(reaper):
    return reaper.os


@api
def APIExists(reaper, name):
    return reaper.has(name)


@api
def ValidatePtr(reaper, pointer, kind):
    return ValidatePtr2(reaper, reaper.active, pointer, kind)


@api
def ValidatePtr2(_reaper, project, pointer, kind):
    """Types it does not know are always valid (facts.md section 2)."""
    if kind.rstrip("*") not in _VALID_KINDS:
        return True
    if pointer is None or pointer.kind != kind.rstrip("*"):
        return False
    return pointer.object.alive and pointer.object.project is project


@api
def time_precise(_reaper):
    return time.perf_counter()


@api
def genGuid(_reaper, _text):
    return f"{{{uuid.uuid4()}}}".upper()


@api
def guidToString(_reaper, guid, _text):
    return guid


@api
def resolve_fn(reaper, path, _out):
    return reaper.active.absolute(path)


@api
def file_exists(_reaper, path):
    return os.path.isfile(path) and os.access(path, os.R_OK)


@api
def RecursiveCreateDirectory(_reaper, path, _ignored):
    try:
        os.makedirs(path, exist_ok=True)
    except OSError:
        return 0
    return 1


@api
def EnumerateFiles(reaper, path, index):
    return _listed(reaper, "files", path, index, os.path.isfile)


@api
def EnumerateSubdirectories(reaper, path, index):
    return _listed(reaper, "folders", path, index, os.path.isdir)


@api
def ExecProcess(reaper, command_line, timeout_ms):
    """Detached for -1 and -2; what it then returns on success is [?], not nil as scripts assume."""
    arguments = _arguments(command_line)
    if not arguments or not os.path.isabs(arguments[0]):
        return None
    if timeout_ms in DETACHED:
        return _detached(reaper, arguments)
    return _finished(arguments, timeout_ms / 1000.0 if timeout_ms else None)


def _listed(reaper, kind, path, index, is_wanted):
    """Listings are kept until -1 is asked for."""
    if index < 0:
        reaper.listings.pop((kind, path), None)
        return None
    if (kind, path) not in reaper.listings:
        names = sorted(os.listdir(path)) if os.path.isdir(path) else []
        wanted = [name for name in names if is_wanted(os.path.join(path, name))]
        reaper.listings[kind, path] = wanted
    names = reaper.listings[kind, path]
    return names[index] if index < len(names) else None


def _arguments(command_line):
    """By the rules of the system; PATH is never searched."""
    if sys.platform == "win32":
        return [command_line.split('"')[1] if command_line[:1] == '"' else command_line]
    return shlex.split(command_line)


def _detached(reaper, arguments):
    nowhere = subprocess.DEVNULL
    try:
        process = subprocess.Popen(
            arguments, stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True
        )
    except OSError:
        return None
    reaper.processes.append(process)
    return "0\n"


def _finished(arguments, timeout_s):
    try:
        done = subprocess.run(
            arguments, capture_output=True, text=True, timeout=timeout_s, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return f"{done.returncode}\n{done.stdout}"
