#!/bin/sh
# Sets reaper-automix up in this checkout and brings its actions into REAPER (macOS, Linux).
# Options are those of `reaper-automix install`, such as --resource-path FOLDER or --dry-run.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
fits='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'
for python in python3.13 python3.12 python3.11 python3 python; do
  if command -v "$python" >/dev/null && "$python" -c "$fits" 2>/dev/null; then
    exec "$python" "$here/bootstrap.py" install "$@"
  fi
done
echo "reaper-automix needs Python 3.11, 3.12 or 3.13: install one from python.org or your package" \
  "manager and run this again." >&2
exit 1
