"""What was found as a Markdown file, with its picture beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from reaper_automix.bench import findings
from reaper_automix.evaluate import picture
from reaper_automix.evaluate.outcome import Outcome

PICTURE = ".svg"


def write(file: Path, outcomes: Mapping[str, Outcome], command: str) -> None:
    """Tables into a file, and one picture ``FILE.svg`` beside it where there is any to be seen."""
    seen = [outcome for outcome in outcomes.values() if outcome.strips]
    if seen:
        _put(file.with_suffix(PICTURE), picture.svg(*seen))
    _put(file, "\n\n".join(_blocks(file, outcomes, seen, command)) + "\n")


def _blocks(
    file: Path, outcomes: Mapping[str, Outcome], seen: Sequence[Outcome], command: str
) -> Iterator[str]:
    found = [outcome.findings for outcome in outcomes.values()]
    yield f"`{command}`:"
    yield from map(findings.as_markdown, findings.tables(found))
    if seen:
        what = "; ".join(outcome.axis for outcome in seen)
        yield f"![{what}: dots, their median, by method]({file.with_suffix(PICTURE).name})"


def _put(file: Path, text: str) -> None:
    """The whole file or nothing of it."""
    part = file.with_name(f".{file.name}.part")
    part.write_text(text, "utf-8")
    part.replace(file)
