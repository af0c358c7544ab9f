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


def write(account: Report, home: Path, project_path: str) -> Path:
    """Write a report and return its page; the oldest of the project's make room."""
    folder = _folder(home, project_path)
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S-%f")
    report.write(account, folder / stamp)
    for old in _balances(folder)[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
    return folder / stamp / PAGE


def newest(home: Path, project_path: str) -> Path | None:
    """The page of a project's last report."""
    pages = (balance / PAGE for balance in reversed(_balances(_folder(home, project_path))))
    return next((page for page in pages if page.is_file()), None)


def show(page: Path) -> None:
    """Open a page in the user's browser."""
    webbrowser.open(page.as_uri())


def _folder(home: Path, project_path: str) -> Path:
    """``Song-1a2b3c4d``: the name for people, the hash because two songs may have one name."""
    name = Path(project_path.replace("\\", "/")).stem
    safe = re.sub(r"[^\w -]", "_", name)[:NAME_LENGTH].strip() or UNSAVED
    digest = hashlib.sha256(project_path.encode("utf-8", "surrogateescape")).hexdigest()
    return home / f"{safe}-{digest[:8]}"


def _balances(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
