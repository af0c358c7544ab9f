"""What was found as a Markdown file, with its pictures beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from reaper_automix.bench import findings
from reaper_automix.evaluate import picture
from reaper_automix.evaluate.outcome import Outcome


def write(file: Path, outcomes: Mapping[str, Outcome], command: str) -> None:
    """Tables into a file, a picture ``FILE-PROTOCOL.svg`` beside it for each that has one."""
    for protocol, outcome in outcomes.items():
        if outcome.strips:
            _put(_picture(file, protocol), picture.svg(outcome))
    _put(file, "\n\n".join(_blocks(file, outcomes, command)) + "\n")


def _blocks(file: Path, outcomes: Mapping[str, Outcome], command: str) -> Iterator[str]:
    found = [outcome.findings for outcome in outcomes.values()]
    yield f"`{command}`:"
    yield from map(findings.as_markdown, findings.tables(found))
    for protocol, outcome in outcomes.items():
        if outcome.strips:
            yield f"![{outcome.axis}, by method]({_picture(file, protocol).name})"


def _picture(file: Path, protocol: str) -> Path:
    return file.with_name(f"{file.stem}-{protocol}.svg")


def _put(file: Path, text: str) -> None:
    """The whole file or nothing of it."""
    part = file.with_name(f".{file.name}.part")
    part.write_text(text, "utf-8")
    part.replace(file)
