"""A section as a function of Python, with the functions that it calls written out in place.

That is also what makes EEL2's functions what they are: their locals are one for all calls, and
``this`` is a prefix of names, known before anything runs. Truth and ``==`` are not exact: what is
nearer to 0 than a hundred thousandth is no.
"""

import math

from eel2 import parser
from eel2.lexer import EelError

CLOSE = 0.00001
CONSTANTS = {"$pi": math.pi}

BUILT_IN = {
    "abs": (abs, 1),
    "ceil": (math.ceil, 1),
    "cos": (math.cos, 1),
    "exp": (math.exp, 1),
    "floor": (math.floor, 1),
    "log": (math.log, 1),
    "max": (max, 2),
    "min": (min, 2),
    "sin": (math.sin, 1),
    "sqr": (lambda x: x * x, 1),
    "sqrt": (math.sqrt, 1),
}
"""What every section can call, and with how many values."""

GFX = {
    "gfx_drawnumber": (2,),
    "gfx_drawstr": (1,),
    "gfx_line": (4, 5),
    "gfx_lineto": (2, 3),
    "gfx_rect": (4, 5),
    "gfx_set": (3, 4),
    "gfx_setfont": (1, 3, 4),
}
"""What @gfx can call besides, and with how many values."""

ORDERED = {"<", ">", "<=", ">="}


class Section:
    """One section: its source in Python, and the names that it reads and writes."""

    def __init__(self, entries, functions, *, draws=False):
        self.functions = functions
        self.draws = draws
        self.lines = []
        self.depth = 1
        self.made = 0
        self.open = []
        self.reads, self.writes = set(), set()
        self.value(entries, _Scope())

    def source(self, head, before=(), after=()):
        """The whole function: names come in from a state, what was written goes back into it."""
        names = sorted(self.reads | self.writes)
        loads = [f"    {mangled(name)} = state[{name!r}]" for name in names]
        stores = [f"    state[{name!r}] = {mangled(name)}" for name in sorted(self.writes)]
        return "\n".join([head, *loads, *before, *self.lines, *after, *stores, "    return\n"])

    def emit(self, line):
        self.lines.append("    " * self.depth + line)

    def temporary(self):
        self.made += 1
        return f"t{self.made}"

    def pair(self, left, right, scope):
        """Two values in their order, the first set aside if the second takes steps of its own."""
        first = self.value(left, scope)
        mark = len(self.lines)
        second = self.value(right, scope)
        if len(self.lines) > mark:
            name = self.temporary()
            self.lines.insert(mark, "    " * self.depth + f"{name} = {first}")
            first = name
        return first, second

    def value(self, node, scope):
        """The text of an expression, after the steps that it takes."""
        return getattr(self, f"_{type(node).__name__.lower()}")(node, scope)

    def asked(self, node, scope):
        """The text of a condition."""
        if isinstance(node, parser.List) and len(node.entries) == 1:
            return self.asked(node.entries[0], scope)
        if isinstance(node, parser.Binary) and node.mark in (*parser.BINARY[0], *parser.BINARY[1]):
            return self._compared(node, scope)
        if isinstance(node, parser.Unary) and node.mark == "!":
            return f"(not {self.asked(node.value, scope)})"
        return f"(abs({self.value(node, scope)}) >= {CLOSE})"

    def _compared(self, node, scope):
        if node.mark in parser.BINARY[0]:
            return self._joined(node, scope)
        left, right = self.pair(node.left, node.right, scope)
        if node.mark in ORDERED:
            return f"({left} {node.mark} {right})"
        if node.mark in ("===", "!=="):
            return f"({left} {node.mark[:2]} {right})"
        return f"(abs({left} - {right}) {'<' if node.mark == '==' else '>='} {CLOSE})"

    def _joined(self, node, scope):
        left = self.asked(node.left, scope)
        mark = len(self.lines)
        right = self.asked(node.right, scope)
        if len(self.lines) > mark:
            raise EelError("the second half of a condition takes steps of its own")
        return f"({left} {'and' if node.mark == '&&' else 'or'} {right})"

    def _number(self, node, _scope):
        return repr(node.value)

    def _text(self, node, _scope):
        return repr(node.text)

    def _name(self, node, scope):
        if node.name in CONSTANTS:
            return repr(CONSTANTS[node.name])
        name = scope.full(node.name)
        self.reads.add(name)
        return mangled(name)

    def _cell(self, node, scope):
        base, offset = self.pair(node.base, node.offset, scope)
        return f"memory[int({base} + {offset} + {CLOSE})]"

    def _unary(self, node, scope):
        if node.mark == "!":
            return f"float({self.asked(node, scope)})"
        return f"({node.mark}{self.value(node.value, scope)})"

    def _binary(self, node, scope):
        if node.mark in (*parser.BINARY[0], *parser.BINARY[1]):
            return f"float({self._compared(node, scope)})"
        left, right = self.pair(node.left, node.right, scope)
        return f"({left} {'**' if node.mark == '^' else node.mark} {right})"

    def _choice(self, node, scope):
        name = self.temporary()
        self.emit(f"if {self.asked(node.asked, scope)}:")
        for part, word in ((node.yes, "else:"), (node.no, None)):
            self.depth += 1
            self.emit(f"{name} = {self.value(part, scope)}")
            self.depth -= 1
            if word:
                self.emit(word)
        return name

    def _assign(self, node, scope):
        value = self.value(node.value, scope)
        if isinstance(node.target, parser.Cell):
            target = self._cell(node.target, scope)
        else:
            name = scope.full(node.target.name)
            self.writes.add(name)
            if node.mark != "=":
                self.reads.add(name)
            target = mangled(name)
        self.emit(f"{target} {node.mark} {value}")
        return target

    def _list(self, node, scope):
        for entry in node.entries[:-1]:
            self.value(entry, scope)
        return self.value(node.entries[-1], scope) if node.entries else "0.0"

    def _call(self, node, scope):
        prefix, _, name = node.name.rpartition(".")
        if name in self.functions:
            return self._written_out(self.functions[name], prefix, node, scope)
        if node.name == "loop":
            return self._loop(node, scope)
        if node.name == "memset":
            return self._called(node, "memset", (3,), scope)
        if node.name in BUILT_IN:
            return self._called(node, f"eel_{node.name}", (BUILT_IN[node.name][1],), scope)
        if self.draws and node.name in GFX:
            return self._called(node, node.name, GFX[node.name], scope)
        raise EelError(f"line {node.line}: there is no function {node.name}")

    def _called(self, node, name, counts, scope):
        if len(node.arguments) not in counts:
            raise EelError(f"line {node.line}: {node.name} with {len(node.arguments)} values")
        arguments = ", ".join(self._all(node.arguments, scope))
        if name in ("memset", *GFX):
            self.emit(f"{name}({arguments})")
            return "0.0"
        return f"{name}({arguments})"

    def _all(self, nodes, scope):
        values = []
        for node in nodes:
            mark = len(self.lines)
            value = self.value(node, scope)
            if len(self.lines) > mark:
                for number, before in enumerate(values):
                    name = self.temporary()
                    self.lines.insert(mark, "    " * self.depth + f"{name} = {before}")
                    values[number] = name
                    mark += 1
            values.append(value)
        return values

    def _loop(self, node, scope):
        if len(node.arguments) != 2:
            raise EelError(f"line {node.line}: loop takes a number and what to do")
        count, body = node.arguments
        self.emit(f"for _ in range(int({self.value(count, scope)})):")
        self.depth += 1
        self.emit("pass")
        self.value(body, scope)
        self.depth -= 1
        return "0.0"

    def _written_out(self, function, prefix, node, scope):
        if len(node.arguments) != len(function.parameters):
            raise EelError(f"line {node.line}: {function.name} takes {function.parameters}")
        if function.name in self.open or node.line < function.line:
            raise EelError(f"line {node.line}: {function.name} is not there yet")
        inner = _Scope(function, scope.full(prefix) if prefix else function.name)
        values = self._all(node.arguments, scope)
        for parameter, value in zip(function.parameters, values, strict=True):
            name = inner.full(parameter)
            self.writes.add(name)
            self.emit(f"{mangled(name)} = {value}")
        self.open.append(function.name)
        name = self.temporary()
        self.emit(f"{name} = {self.value(function.body, inner)}")
        self.open.pop()
        return name


class _Scope:
    """What the names of a function, or of a section, mean."""

    def __init__(self, function=None, this=""):
        self.function = function
        self.this = this

    def full(self, name):
        first, dot, rest = name.partition(".")
        if first == "this":
            if self.function is None:
                raise EelError("there is no this outside a function")
            return f"{self.this}{dot}{rest}"
        if self.function is None:
            return name
        if name in (*self.function.parameters, *self.function.local):
            return f"{self.function.name}:{name}"
        return f"{self.this}.{name}" if first in self.function.instance else name


def mangled(name):
    """The name in Python."""
    return "v_" + name.replace(".", "__").replace(":", "___")
