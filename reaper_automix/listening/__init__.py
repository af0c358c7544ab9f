"""Listening tests of balances: a kit to listen with, and what its answers say.

    songs ─render→ excerpts ─match→ equally loud ─blind→ Kit ─page→ one HTML file, and its key
    answers ─read→ sessions ─screen→ those that count ─analyse→ Analysis ─write→ page, picture

**Source**: Recommendation ITU-R BS.1534-3 (MUSHRA) where a reference mix is given. Without one the
same page and scale serve a test of several stimuli without reference, whose listeners are screened
by a trial that comes twice and by the anchor instead of by the hidden reference.

**Conventions**: a *condition* is one way to make a mix, a *stimulus* one condition of one song's
excerpt under a name that tells nothing, a *trial* all stimuli of one song side by side. Grades are
0 … 100, five equal parts from bad to excellent as in BS.1534.
"""
