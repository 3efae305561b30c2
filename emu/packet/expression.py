"""A frame as a person types it: a Scapy expression read as data, or hexadecimal digits.

The expression is Python's syntax, but nothing of it is evaluated: headers with literal values,
joined by `/`, as in `Ether(dst="ff:ff:ff:ff:ff:ff")/ARP(pdst="172.16.100.9")`. What the names mean,
`emu.packet.craft` knows.
"""

import ast
import re
import warnings
from dataclasses import dataclass
from typing import Final, NamedTuple

from emu.core.errors import EmuError

TEXT_LIMIT: Final = 262_144  # characters: the longest frame in hexadecimal, with spaces
EXPRESSION_LIMIT: Final = 65_536  # characters
NUMBER_LIMIT: Final = 1 << 128  # no field of a header is larger than an IPv6 address
DEPTH_LIMIT: Final = 16  # lists in lists, headers in headers
HEADERS_LIMIT: Final = 64

IS_EXPRESSION: Final = re.compile(r"[\s(]*[^\W\d]\w*\s*[(./]")  # a name, and what is done with it
OFFSETS: Final = re.compile(r"\s*(?:0x)?0000(?:0000)?:?\s")  # a dump as tcpdump -xx prints it
DIGITS: Final = re.compile(r"(?:0[xX])?((?:[0-9a-fA-F]{2})+)(?=[\s:,]|$)")
BETWEEN: Final = re.compile(r"[\s:,]*")
# A string, to pass over what is in it; a field without a value; or an address as it is without
# quotes: IPv4, MAC and IPv6. Python's words for these, and their places, differ by its version.
MISTYPED: Final = re.compile(
    r"""
    "[^"\n]*" | '[^'\n]*'
    | (?P<empty> =\s*(?=[,)]) )
    | =\s*(?P<address>
        (?:(?:\d{1,3}\.){3}\d{1,3} | [0-9a-fA-F]{0,4}:[0-9a-fA-F:.]{1,40}) (?:/\d{1,3})? (?=[\s,)/])
    )
    """,
    re.VERBOSE,
)
WRONG_QUOTES: Final = re.compile("[\u2018-\u201f\u00ab\u00bb]")  # as word processors make them
SYNTAX: Final = {  # what is said for what Python says, by how that begins
    "invalid syntax": (
        "this is not an expression",
        "headers are joined by /, fields by commas, and addresses are in quotes",
    ),
    "unterminated": ("a quote is never closed", ""),
    "Exceeds the limit": ("a number of thousands of digits", ""),
    "source code string": ("a null character", ""),
}


class Place(NamedTuple):
    """Where in the text; both count from 1."""

    line: int
    column: int


class CraftError(EmuError):
    """What was typed is no frame."""

    def __init__(self, at: Place, what: str, fix: str = "") -> None:
        self.line, self.column = at
        self.what = what
        self.fix = fix
        where = f"column {at.column}" if at.line == 1 else f"line {at.line}, column {at.column}"
        super().__init__(f"{where}: {what}; {fix}" if fix else f"{where}: {what}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A field and its value: a literal, a list or tuple of such, or headers.

    Without a name, nothing is known but that a value was there.
    """

    name: str
    value: object
    at: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """One header as it was typed."""

    layer: str
    given: tuple[Given, ...]
    at: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Headers joined by `/`."""

    headers: tuple[Header, ...]


def parse_frame(text: str) -> Chain | bytes:
    """Read an expression, or the octets that hexadecimal digits spell."""
    is_expression = IS_EXPRESSION.match(text)
    limit = EXPRESSION_LIMIT if is_expression else TEXT_LIMIT
    if len(text) > limit:
        what = f"{len(text)} characters are more than the {limit} that are read"
        raise CraftError(Place(1, 1), what)
    return _Reader(text).chain(_tree(text)) if is_expression else _octets(text)


def _octets(text: str) -> bytes:
    """Read hexadecimal digits, two an octet, between which may be spaces, colons and commas."""
    octets, at = bytearray(), BETWEEN.match(text).end()  # type: ignore[union-attr]
    if OFFSETS.match(text) and ("\n" in text.strip() or "0x0000:" in text):
        raise CraftError(Place(1, 1), "this looks like a dump with offsets", "leave them out")
    while at < len(text):
        if (digits := DIGITS.match(text, at)) is None:
            what = "neither two hexadecimal digits nor a Scapy expression"
            fix = 'write ffff... or Ether(dst="ff:ff:ff:ff:ff:ff")/ARP(pdst="172.16.100.9")'
            raise CraftError(_place_of(text, at), what, fix)
        octets += bytes.fromhex(digits[1])
        at = BETWEEN.match(text, digits.end()).end()  # type: ignore[union-attr]
    if not octets:
        raise CraftError(Place(1, 1), "there is nothing here")
    return bytes(octets)


def _tree(text: str) -> ast.expr:
    """Return the syntax tree of an expression; its lines count from 2."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of "\d" and the like: it is not our source
            tree = ast.parse(f"(\n{text}\n)", mode="eval").body  # so that it may have lines
    except SyntaxError as error:
        raise _syntax(text, error) from None
    except (ValueError, MemoryError, RecursionError):  # a null character; too many brackets
        raise CraftError(Place(1, 1), "not an expression that can be read") from None
    if tree.lineno == 1:
        raise CraftError(Place(1, 1), "a bracket is closed that was not opened")
    return tree


def _syntax(text: str, error: SyntaxError) -> CraftError:
    """Return what is wrong with an expression that stands in brackets on lines of their own."""
    lines = _lines(text)
    line, column = (error.lineno or 2) - 1, max(error.offset or 1, 1)
    for found in MISTYPED.finditer(text):
        if address := found["address"]:
            at = _place_of(text, found.start("address"))
            return CraftError(at, "an address without quotes", f'write "{address}"')
        if found["empty"]:
            return CraftError(_place_of(text, found.start()), "a field without a value")
    if line == 0:
        return CraftError(Place(1, 1), "a bracket is never closed")
    if "invalid character" in error.msg and (quote := WRONG_QUOTES.search(text)):
        at = _place_of(text, quote.start())
        return CraftError(at, f"{quote[0]} is no quote in an expression", 'write "')
    said = error.msg.partition(":")[0]
    what, fix = next(
        (ours for theirs, ours in SYNTAX.items() if said.startswith(theirs)),
        (f"not an expression: {said}", ""),
    )
    if line > len(lines):  # the closing bracket that was put around it came too early
        line, column = len(lines), len(lines[-1]) + 1
        if "unmatched" in error.msg:
            what = "a bracket is closed that was not opened"
    return CraftError(Place(line, column), what, fix)


def _place_of(text: str, index: int) -> Place:
    """Return where the character of that index stands."""
    before = _lines(text[:index])
    return Place(len(before), len(before[-1]) + 1)


def _lines(text: str) -> list[str]:
    """Return the lines as Python counts them."""
    return re.split(r"\r\n?|\n", text)


class _Reader:
    """Reads a syntax tree as data."""

    def __init__(self, text: str) -> None:
        self._lines = _lines(text)
        self._depth = 0
        self._headers = 0

    def chain(self, node: ast.expr) -> Chain:
        """Read headers joined by `/`."""
        joined: list[ast.expr] = []
        while isinstance(node, ast.BinOp):
            if not isinstance(node.op, ast.Div):
                raise CraftError(self._place(node.right), "headers are joined by / alone")
            joined.append(node.right)
            node = node.left
        headers: list[Header] = []
        for part in (node, *reversed(joined)):
            headers += self._headers_of(part, is_first=not headers)
        return Chain(headers=tuple(headers))

    def _headers_of(self, node: ast.expr, *, is_first: bool) -> tuple[Header, ...]:
        """Read one part of a chain, which may be a chain in brackets."""
        at = self._place(node)
        self._headers += 1
        if self._headers > HEADERS_LIMIT:
            raise CraftError(at, f"more than {HEADERS_LIMIT} headers")
        if isinstance(node, ast.BinOp):
            return self._nested(node)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return (Header(layer=node.func.id, given=self._given(node), at=at),)
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes) and not is_first:
            given = Given(name="load", value=node.value, at=at)
            return (Header(layer="Raw", given=(given,), at=at),)
        if isinstance(node, ast.Name):
            raise CraftError(at, f"{node.id} alone is no header", f"write {node.id}()")
        raise CraftError(at, "not a header such as IP(...)")

    def _nested(self, node: ast.expr) -> tuple[Header, ...]:
        self._deeper(node)
        headers = self.chain(node).headers
        self._depth -= 1
        return headers

    def _given(self, call: ast.Call) -> tuple[Given, ...]:
        """Read the values between the brackets of a header."""
        given: dict[str, Given] = {}
        name = self._text(call.func)
        for argument in call.args:
            at = self._place(argument)
            if name in ("Raw", "Padding") and not given:
                given["load"] = Given(name="load", value=self._value(argument), at=at)
            else:
                given.setdefault("", Given(name="", value=None, at=at))
        for word in call.keywords:
            at = Place(word.lineno - 1, self._column(word.lineno, word.col_offset))
            if word.arg is None:
                raise CraftError(at, "** is not read here", "name each field")
            if word.arg in given:
                raise CraftError(at, f"{name}.{word.arg} is given twice")
            given[word.arg] = Given(name=word.arg, value=self._value(word.value), at=at)
        return tuple(given.values())

    def _value(self, node: ast.expr) -> object:
        """Read the value of a field."""
        match node:
            case ast.Constant(value=str() | bytes() | None):
                return node.value
            case ast.Constant(value=int() as number) if number < NUMBER_LIMIT:
                return number
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as number)):
                return -min(number, NUMBER_LIMIT)
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                self._deeper(node)
                values = [self._value(element) for element in elements]
                self._depth -= 1
                return values if isinstance(node, ast.List) else tuple(values)
            case ast.Call() | ast.BinOp(op=ast.Div()):
                return Chain(headers=self._nested(node))
            case ast.Name(id=name):
                raise CraftError(self._place(node), f"{name} is a name, not a value", "quote it")
            case _:
                what = f"{self._text(node)} is not a value that is read here"
                fix = "write a number, a string, bytes, or a list or tuple of such"
                raise CraftError(self._place(node), what, fix)

    def _deeper(self, node: ast.expr) -> None:
        self._depth += 1
        if self._depth > DEPTH_LIMIT:
            raise CraftError(self._place(node), f"more than {DEPTH_LIMIT} brackets in brackets")

    def _text(self, node: ast.expr) -> str:
        """Return what was typed, as far as an error can show it."""
        line, column = self._place(node)
        end = self._column(node.end_lineno or 2, node.end_col_offset or 0)
        whole = self._lines[line - 1][column - 1 : end - 1 if node.end_lineno == line + 1 else None]
        return whole if len(whole) <= 40 else f"{whole[:40]}..."

    def _place(self, node: ast.expr) -> Place:
        return Place(node.lineno - 1, self._column(node.lineno, node.col_offset))

    def _column(self, line: int, offset: int) -> int:
        """Return the column in characters; Python counts octets of UTF-8."""
        return len(self._lines[line - 2].encode()[:offset].decode()) + 1
