"""``python -m reaper_automix.bench``: the same as ``reaper-automix bench``."""

import sys

from reaper_automix.cli import main

if __name__ == "__main__":
    main(["bench", *sys.argv[1:]])
