"""The README names everything that a user can run or press."""

from pathlib import Path

import pytest

from action_rig import ACTIONS
from reaper_automix.cli import COMMANDS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme(command):
    assert f"`{command}`" in README or f"reaper-automix {command}" in README


@pytest.mark.parametrize("action", sorted(path.stem for path in ACTIONS.glob("automix_*.*")))
def test_every_action_is_in_the_readme(action):
    assert action.removeprefix("automix_") in README


@pytest.mark.parametrize("picture", [line for line in README.splitlines() if line.startswith("![")])
def test_every_picture_is_there(picture):
    assert (ROOT / picture.partition("](")[2].rstrip(")")).is_file()
