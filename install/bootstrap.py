"""Sets reaper-automix up in a checkout and runs it, with nothing but Python and pip.

    python3 install/bootstrap.py demo               make a demo session and balance it
    python3 install/bootstrap.py install            bring the actions into REAPER
    python3 install/bootstrap.py test [--strict]    run every check; pytest's own arguments after --

Only the gate is in this file. It keeps to what every Python since 2.7 can read, so that the wrong
one gets a sentence and not a traceback; the work is done in commands.py.
"""

import sys

if not (3, 11) <= sys.version_info[:2] <= (3, 13):
    sys.exit(
        "reaper-automix needs Python 3.11, 3.12 or 3.13, and this is Python "
        + ".".join(str(part) for part in sys.version_info[:2])
        + " ("
        + sys.executable
        + "); install one of those from python.org or your package"
        " manager and start this with it, as in: python3.13 install/bootstrap.py demo"
    )

from commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
