"""Learn my ear: a personal profile from an engineer's own finished projects.

    folders → finished projects → observations → ear → profile

:mod:`.finished` finds and reads the projects, :mod:`.hearing` measures their tracks; from there on
there are no files. :mod:`.ear` fits role offsets and strength near a profile that is known,
:mod:`.proof` tries the result on projects that it was not learned from, and :mod:`.profile_file`
is the TOML that comes of it. Everything stays on the machine, and no project is changed.
"""
