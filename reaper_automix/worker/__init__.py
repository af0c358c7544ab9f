"""The worker: a process of ours beside REAPER that balances what its actions ask for.

Actions and worker share a spool folder and nothing else: :mod:`.protocol` is what the files in it
say, :mod:`.spool` where they stand, :mod:`.lock` keeps it to one worker per user, :mod:`.service`
is the loop, :mod:`.work` does one job, :mod:`.renders` keeps what REAPER rendered for it, and
:mod:`.reports` the reports.
"""
