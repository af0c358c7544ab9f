"""What the double raises where REAPER would complain, misbehave or crash."""


class ArgumentError(Exception):
    """A call that REAPER refuses: wrong number or type of arguments, or a stale pointer."""


class UnknownFunction(AttributeError):
    """The name is no function of this version of REAPER (Lua: attempt to call a nil value)."""


class AvoidedFunction(RuntimeError):
    """The function exists, but reascript_api.json says never to call it."""


class UnmodelledFunction(NotImplementedError):
    """The function, key or action exists, but the double does not know how it behaves."""


class UnbalancedError(RuntimeError):
    """An undo block or a UI refresh lock was ended more often than it was begun."""


class InjectedError(RuntimeError):
    """The error that a test asked for with :meth:`Reaper.fail_at`."""
