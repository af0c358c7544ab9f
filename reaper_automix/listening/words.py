"""What the page says, by language: :file:`words.toml`, one table for each language.

A table in a language's table has the sentences of one form of test alone.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib import resources

from reaper_automix.listening.conditions import Form

LANGUAGES: Mapping[str, str] = {"en": "English", "zh": "中文"}

GRADES = ("bad", "poor", "fair", "good", "excellent")
"""The five parts of the scale from 0 to 100, 20 wide (BS.1534-3), by their words."""


def words(form: Form) -> dict[str, dict[str, str]]:
    """All sentences of a form of test, by language."""
    text = resources.files(__package__).joinpath("words.toml").read_text("utf-8")
    return {
        language: {**_sentences(table), **_sentences(table[form])}
        for language, table in tomllib.loads(text).items()
    }


def _sentences(table: Mapping[str, object]) -> dict[str, str]:
    """The sentences of a table, without the tables in it."""
    return {name: said for name, said in table.items() if isinstance(said, str)}
