"""Open Sound Control: phones and controllers that trigger us, and faders pushed to REAPER.

:mod:`.surface` listens to control surfaces and tells them how far a balance is; :mod:`.device`
sends gains to REAPER's own OSC device and waits until REAPER confirms them; :mod:`.wire` is what
both say on the network.
"""
