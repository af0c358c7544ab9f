"""The tree of a section: everything is an expression, also a list of them."""

from dataclasses import dataclass

from eel2.lexer import EelError, Token

BINARY = (
    ("&&", "||"),
    ("==", "!=", "===", "!==", "<", ">", "<=", ">="),
    ("+",),
    ("-",),
    ("*",),
    ("/",),
    ("^",),
)
"""Operators between two values, those that bind least first."""

ASSIGNING = ("=", "+=", "-=", "*=", "/=")
END = Token("end", "", 0)


@dataclass(frozen=True, slots=True)
class Number:
    value: float


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Name:
    name: str
    line: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A place of the memory: ``base[offset]``."""

    base: object
    offset: object


@dataclass(frozen=True, slots=True)
class Unary:
    mark: str
    value: object


@dataclass(frozen=True, slots=True)
class Binary:
    mark: str
    left: object
    right: object


@dataclass(frozen=True, slots=True)
class Choice:
    asked: object
    yes: object
    no: object


@dataclass(frozen=True, slots=True)
class Assign:
    mark: str
    target: object
    value: object


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: tuple
    line: int


@dataclass(frozen=True, slots=True)
class List:
    """Expressions one after the other; its value is that of the last."""

    entries: tuple


@dataclass(frozen=True, slots=True)
class Function:
    name: str
    parameters: tuple
    local: tuple
    instance: tuple
    body: List
    line: int


def parse(tokens):
    """The expressions of a section, and the functions that it defines by name."""
    reader = _Reader(list(tokens))
    entries = reader.entries(END.text)
    return entries, reader.functions


class _Reader:
    def __init__(self, tokens):
        self.tokens = tokens
        self.at = 0
        self.functions = {}

    @property
    def next(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else END

    def take(self, *texts):
        token = self.next
        if texts and token.text not in texts:
            raise EelError(f"line {token.line}: {token.text!r} where {texts} should be")
        self.at += 1
        return token

    def skip(self, text):
        found = self.next.text == text
        self.at += found
        return found

    def entries(self, *ends):
        found = []
        while self.next.text not in ends:
            if self.next.text == "function":
                self.function()
            else:
                found.append(self.expression())
            if self.next.text not in ends:
                self.take(";")
                while self.skip(";"):
                    pass
        return List(tuple(found))

    def function(self):
        line = self.take("function").line
        name, parameters = self.take().text, self.names()
        kinds = {"local": (), "instance": ()}
        while self.next.text in kinds:
            kind = self.take().text
            kinds[kind] = self.names()
        self.take("(")
        body = self.entries(")")
        self.take(")")
        if name in self.functions:
            raise EelError(f"the function {name} is there twice")
        self.functions[name] = Function(
            name, parameters, kinds["local"], kinds["instance"], body, line
        )

    def names(self):
        self.take("(")
        found = []
        while not self.skip(")"):
            token = self.take()
            if token.kind != "name":
                raise EelError(f"line {token.line}: {token.text!r} is no name")
            found.append(token.text)
            if self.next.text != ")":
                self.take(",")
        return tuple(found)

    def expression(self):
        target = self.choice()
        if self.next.text not in ASSIGNING:
            return target
        token = self.take()
        if not isinstance(target, Name | Cell):
            raise EelError(f"line {token.line}: nothing can be put there")
        return Assign(token.text, target, self.expression())

    def choice(self):
        asked = self.binary(0)
        if not self.skip("?"):
            return asked
        yes = self.expression()
        no = self.expression() if self.skip(":") else Number(0.0)
        return Choice(asked, yes, no)

    def binary(self, level):
        if level == len(BINARY):
            return self.unary()
        left = self.binary(level + 1)
        while self.next.text in BINARY[level]:
            mark = self.take().text
            left = Binary(mark, left, self.binary(level + 1))
        return left

    def unary(self):
        if self.next.text in ("-", "+", "!"):
            return Unary(self.take().text, self.unary())
        return self.indexed()

    def indexed(self):
        value = self.primary()
        while self.skip("["):
            offset = Number(0.0) if self.next.text == "]" else self.expression()
            self.take("]")
            value = Cell(value, offset)
        return value

    def primary(self):
        token = self.take()
        if token.kind == "number":
            return Number(float(token.text))
        if token.kind == "text":
            return Text(token.text[1:-1])
        if token.kind == "name":
            return self.call(token) if self.next.text == "(" else Name(token.text, token.line)
        if token.text != "(":
            raise EelError(f"line {token.line}: {token.text!r} where a value should be")
        inside = self.entries(")")
        self.take(")")
        return inside

    def call(self, token):
        self.take("(")
        arguments = []
        while not self.skip(")"):
            arguments.append(self.entries(",", ")"))
            if self.next.text != ")":
                self.take(",")
        return Call(token.text, tuple(arguments), token.line)
