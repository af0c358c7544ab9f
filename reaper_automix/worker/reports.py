"""The reports of balances in REAPER: a folder per project, in it one per balance, the last kept."""

from __future__ import annotations

import hashlib
import re
import shutil
import webbrowser
from datetime import datetime
from pathlib import Path

from reaper_automix import report
from reaper_automix.results import Report

KEPT = 20
"""Reports of one project that are kept."""

PAGE = "report.html"
NAME_LENGTH = 40
UNSAVED = "unsaved"


def folder(home: Path, project_path: str, project_id: str = "") -> Path:
    """The folder of a project's reports, ``Song-1a2b3c4d``; the id counts where there is no path.

    The name is for people, the hash because two songs may have one name.
    """
    name = Path(project_path.replace("\\", "/")).stem
    safe = re.sub(r"[^\w -]", "_", name)[:NAME_LENGTH].strip() or UNSAVED
    known = (project_path or project_id).encode("utf-8", "surrogateescape")
    return home / f"{safe}-{hashlib.sha256(known).hexdigest()[:8]}"


def begin(folder: Path) -> Path:
    """Where the page of the next report in a project's folder is going to be."""
    return folder / datetime.now().strftime("%Y%m%d-%H%M%S-%f") / PAGE


def write(account: Report, page: Path) -> None:
    """Write a report with its page where it was begun; the oldest of its project make room."""
    report.write(account, page.parent)
    for old in _balances(page.parent.parent)[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def newest(folder: Path) -> Path | None:
    """The page of the last report in a project's folder."""
    pages = (balance / PAGE for balance in reversed(_balances(folder)))
    return next((page for page in pages if page.is_file()), None)


def show(page: Path) -> None:
    """Open a page in the user's browser."""
    webbrowser.open(page.as_uri())


def _balances(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
