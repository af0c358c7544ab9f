"""``python -m reaper_automix``."""

from reaper_automix.cli import main

if __name__ == "__main__":
    main()
