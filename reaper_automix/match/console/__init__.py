"""The console: its parameters, its settings, and how it plays offline, in torch and in REAPER."""
