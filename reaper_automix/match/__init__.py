"""Stage 2: stems take on the style of a reference mix, as settings an engineer can edit.

The console is Diff-MST's: every stem gets a gain, a six-band equaliser, a compressor and a pan,
the mix a master strip. What it is set to comes from a network whose weights the user has, or, which
is what most people have, from optimising the same settings towards the reference.
"""
