"""A small EEL2: as much of REAPER's language for effects as our own effect needs, and no more.

A text becomes tokens (:mod:`~eel2.lexer`), a tree (:mod:`~eel2.parser`) and one function of Python
for each of its sections (:mod:`~eel2.translate`), which :mod:`~eel2.effect` plays sound through.
What is not known here is an error, never passed over: functions, operators, sections, names that
are read and never written, numbers with an exponent (EEL2 has none).

Sources: the JSFX reference (reaper.fm/sdk/js) for the language, ``eel2.y`` of Cockos WDL for which
operator binds more closely, both in own words.
"""
