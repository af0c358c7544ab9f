"""Stage 2: stems take on the style of a reference mix, as settings an engineer can edit.

The console is Diff-MST's: every stem gets a gain, a six-band equaliser, a compressor and a pan,
the mix a master strip. What it is set to comes from a network whose weights the user has, or, which
is what most people have, from searching the same settings towards the reference.

=====================  ===================================================================
:mod:`.console`        what a strip is, and how it plays
:mod:`.network`        settings as the network says them
:mod:`.search`         settings as they are searched for without one
:mod:`.placing`        settings as faders, pans and strips of a project
:mod:`.sounding`       how loud a mix comes out; :mod:`.trimming` at other strengths
:mod:`.finding`        from a session and a reference to a match; :mod:`.run` from path to report
=====================  ===================================================================
"""
