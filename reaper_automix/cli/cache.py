"""The commands about the measurements that are kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import click

from reaper_automix.cli.options import examples
from reaper_automix.errors import OutputError

if TYPE_CHECKING:
    from reaper_automix.cache import Inventory, Store

NOTHING_KEPT = (
    "No measurements are kept, as REAPER_AUTOMIX_CACHE or REAPER_AUTOMIX_CACHE_MB wants it."
)


@click.group(
    epilog=examples(
        "cache info", "cache info --json", "cache clear", "balance song.RPP  (measures anew)"
    )
)
def cache() -> None:
    """Show or remove the measurements that are kept.

    What was measured is known again by all commands, the actions in REAPER and the live bridge,
    for as long as nothing that is heard in it changes. By default that takes up to 2 GiB, then what
    was not used for longest goes. The environment variable REAPER_AUTOMIX_CACHE_MB sets another
    limit, REAPER_AUTOMIX_CACHE another folder; 0 or an empty one: nothing is kept.
    """


@cache.command(epilog=examples("cache info", "cache info --json"))
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def info(as_json: bool) -> None:
    """Show where measurements are kept, how many, and how much room they take."""
    from reaper_automix.cache import kept, obstacles

    for sentence in obstacles():
        click.echo(sentence, err=True)
    store = kept()
    if as_json:
        click.echo(json.dumps(_facts(store), indent=2, ensure_ascii=False))
        return
    for line in _lines(store) if store else [NOTHING_KEPT]:
        click.echo(line)


@cache.command(epilog=examples("cache clear"))
def clear() -> None:
    """Remove all measurements that are kept; safe while other programs run."""
    from reaper_automix.cache import kept

    store = kept()
    if store is None:
        click.echo(NOTHING_KEPT)
        return
    gone, stuck = store.clear()
    click.echo(f"{gone.records} records are gone, {_mb(gone.bytes)} freed.")
    if stuck.records:
        raise OutputError(
            f"{stuck.records} records in {store.folder} cannot be removed; make it writable and "
            "try again."
        )


def _facts(store: Store | None) -> dict[str, object]:
    """Everything there is to know, sizes in bytes, times in ISO 8601; no folder: nothing kept."""
    if store is None:
        return {"folder": None}
    found = store.inventory()
    return {
        "folder": str(store.folder),
        "records": found.records,
        "bytes": found.bytes,
        "limit_bytes": store.most_bytes,
        "oldest": _oldest(found),
        "kinds": {
            kind: {"records": count, "bytes": size}
            for kind, (count, size) in sorted(found.kinds.items())
        },
    }


def _lines(store: Store) -> Iterator[str]:
    found = store.inventory()
    yield str(store.folder)
    yield f"{found.records} records, {_mb(found.bytes)} of at most {_mb(store.most_bytes)}"
    for kind, (count, size) in sorted(found.kinds.items()):
        yield f"  {kind:<12} {count:>7} {_mb(size):>12}"
    if oldest := _oldest(found):
        yield f"the oldest was last used {oldest}"


def _oldest(found: Inventory) -> str | None:
    """When what goes first was used last, local time."""
    if found.oldest_s is None:
        return None
    return datetime.fromtimestamp(found.oldest_s).astimezone().isoformat(" ", timespec="minutes")


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
