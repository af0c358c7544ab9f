# @noindex
# @description Automix: live bridge
# @author reaper-automix
# @about
#   Lets `reaper-automix live …` and Python programs of this user on this machine read and balance
#   the open project. Runs until REAPER ends or the action is run again and terminated. Needs
#   `reaper-automix live setup` once.
"""Starts the live bridge (see lib/automix_live.py)."""

import sys
from pathlib import Path

# REAPER puts the folder of the running script first.
sys.path.insert(0, str(Path(sys.path[0]) / "lib"))

import automix_live

automix_live.start()
