"""The live bridge: reads and balances the project that is open in REAPER, from outside.

``automix_Live bridge.py`` runs inside REAPER and serves this machine only; :mod:`.client` talks to
it with deadlines, :mod:`.probe` tells why it cannot be reached, :mod:`.snapshot` reads what REAPER
answers as a session, :mod:`.project` is what a program uses, :mod:`.setup` lets REAPER run Python.
"""

from reaper_automix.bridge.change import Change
from reaper_automix.bridge.landing import LeftOut
from reaper_automix.bridge.project import LiveProject, Outcome

__all__ = ["Change", "LeftOut", "LiveProject", "Outcome"]
