"""A proposal of stems for the terminal: where every track goes that could, and the tree of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from reaper_automix.report import figures
from reaper_automix.stemtree import Folder, Proposal, Row

NAME_CELLS = 40
STYLES = {"moves": "", "alone": "", "left": "dim", "unmatched": "yellow", "stays": "dim"}
NOTHING_TO_DO = "Nothing to do: every track is in its stem, or stays for a reason."


def table(proposal: Proposal) -> RenderableType:
    """The whole proposal; print it with a :class:`rich.console.Console`.

    Tracks that lie in folders already are counted, not listed.
    """
    told = [row for row in proposal.rows if row.loose or row.parent_id is None]
    parts: list[RenderableType] = [_rows(proposal, told), Text()] if told else []
    return Group(*parts, Text(headline(proposal), style="bold"), *_folders(proposal))


def headline(proposal: Proposal) -> str:
    """What the proposal comes to, in one line."""
    if not proposal.moves:
        said = [NOTHING_TO_DO]
    else:
        made = len(proposal.new_folders)
        whole = f"{figures.count(len(proposal.moves), 'track')} of {len(proposal.rows)}"
        folders = figures.count(len(proposal.folders), "folder")
        said = [f"{whole} into {folders}, {made or 'none'} of them new."]
    inside = sum(not row.loose and row.parent_id is not None for row in proposal.rows)
    if inside:
        said.append(f"{figures.count(inside, 'track')} in folders stay there.")
    if proposal.unmatched:
        said.append(f"{len(proposal.unmatched)} unmatched.")
    return " ".join(said)


def _rows(proposal: Proposal, rows: Sequence[Row]) -> Table:
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    grid.add_column("Track", max_width=NAME_CELLS, no_wrap=True, overflow="ellipsis")
    grid.add_column("Role", no_wrap=True)
    grid.add_column("Sure", justify="right", no_wrap=True)
    grid.add_column("Goes into", no_wrap=True)
    grid.add_column("Why")
    for row in rows:
        sure = figures.share(row.part.confidence if row.part.role else None)
        cells = (figures.plain(row.name), row.part.role or figures.UNKNOWN, sure)
        texts = map(Text, (*cells, _goal(proposal, row), figures.tame(row.why)))
        grid.add_row(*texts, style=STYLES[row.state])
    return grid


def _goal(proposal: Proposal, row: Row) -> str:
    return _title(proposal.folder(row.folder_id)) if row.folder_id else figures.UNKNOWN


def _title(folder: Folder) -> str:
    return f"{figures.plain(folder.name)}{' (new)' if folder.is_new else ''}"


def _folders(proposal: Proposal) -> Iterator[Text]:
    counts = Counter(row.folder_id for row in proposal.moves)
    for folder in proposal.folders:
        yield Text(f"  {_title(folder)}: {figures.count(counts[folder.id], 'track')}")
