"""What was measured, kept on disk: where it is, how much of it, and how it is read and written.

:mod:`.store` keeps records, bounded and safe for many processes; :mod:`.record` is the form of one;
:mod:`.kinds` says what there is to keep. What the records mean, and when they hold, is
:mod:`reaper_automix.memory`'s and :mod:`reaper_automix.keys`' to know.
"""

from reaper_automix.cache.place import FOLDER_VARIABLE, LIMIT_VARIABLE, home, kept, obstacles
from reaper_automix.cache.store import Inventory, Store

__all__ = ["FOLDER_VARIABLE", "LIMIT_VARIABLE", "Inventory", "Store", "home", "kept", "obstacles"]
