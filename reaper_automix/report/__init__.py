"""The account of a run for people and programs: terminal, ``report.html``, JSON and CSV."""

from __future__ import annotations

import tempfile
from pathlib import Path

from reaper_automix.errors import OutputError
from reaper_automix.results import Output, Report

FILES = (("report", "report.html"), ("results", "results.json"), ("results", "results.csv"))
"""What :func:`write` leaves in its folder, by kind."""

MATCH_FILES = (("results", "match.csv"),)
"""What it leaves there as well of a match."""


def files(report: Report) -> tuple[tuple[str, str], ...]:
    """What :func:`write` leaves of this report."""
    return (*FILES, *MATCH_FILES) if report.match else FILES


def write(report: Report, folder: Path) -> tuple[Output, ...]:
    """Write ``report.html``, ``results.json`` and ``results.csv``, each whole or not at all.

    Of a match there is ``match.csv`` as well. All are complete beside their places before the first
    one moves there. Raises :class:`OutputError`, and leaves what was there, when the folder cannot
    take them.
    """
    from reaper_automix.report import data, page

    contents = [page.page(report), data.to_json(report), data.to_csv(report)]
    if report.match:
        contents.append(data.match_csv(report.match))
    names = files(report)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _replace(
            {folder / name: one for (_, name), one in zip(names, contents, strict=True)}, folder
        )
    except OSError as error:
        cause = error.strerror or str(error)
        raise OutputError(
            f"The report cannot be written to {folder}: {cause}; choose another place with --out."
        ) from error
    return tuple(Output(kind, str(folder / name)) for kind, name in names)


def _replace(files: dict[Path, bytes], folder: Path) -> None:
    with tempfile.TemporaryDirectory(prefix=".report-", dir=folder) as aside:
        for path, content in files.items():
            (Path(aside) / path.name).write_bytes(content)
        for path in files:
            (Path(aside) / path.name).replace(path)
