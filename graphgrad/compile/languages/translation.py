"""Write the project's functions of floats in C and in JavaScript, from their Python source.

They keep to a small part of Python: floats, pairs of floats, tables of numbers, loops and choices.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import TYPE_CHECKING, Final

from graphgrad.compile.languages.helpers import helpers
from graphgrad.namespaces.special_floats import KERNELS

if TYPE_CHECKING:
    from graphgrad.ops.targets import Spellings

__all__ = ["FILES", "KERNEL_NAMES", "camel_case", "kernels_in_c", "kernels_in_javascript", "prototype"]

FILES: Final = tuple(dict.fromkeys(f"namespaces/{path.partition('.')[0]}.py" for path in KERNELS.values()))
"""The files of the functions, those that others call not always first."""

KERNEL_NAMES: Final = {operation: path.partition(".")[2] for operation, path in KERNELS.items()}
"""The functions by operation."""

PAIR: Final = "tuple[float, float]"
OPERATORS: Final[dict[type, str]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.USub: "-",
    ast.Not: "!",
    ast.And: "&&",
    ast.Or: "||",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}


BUILT_IN: Final[Spellings] = {"abs": "fabs", "max": "fmax", "min": "fmin"}
"""Python's built-in functions in C."""


def camel_case(name: str) -> str:
    """Return a name as JavaScript has it.

    >>> camel_case("pair_log_gamma")
    'pairLogGamma'
    """
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)


@cache
def kernels_in_c() -> dict[str, str]:
    """Return the source of each function in C, by name."""
    return _translated(_C)


@cache
def kernels_in_javascript() -> dict[str, str]:
    """Return the source of each function in JavaScript, by name."""
    return _translated(_Javascript)


def prototype(source: str) -> str:
    r"""Return the declaration of a function in C.

    >>> prototype("static double twice(double x) {\n    return x + x;\n}")
    'static double twice(double x);'
    """
    [head] = re.findall(r"^(static .*) {$", source, re.MULTILINE)
    return f"{head};"


def _translated(language: type[_Translator]) -> dict[str, str]:
    sources = {name: text for file in FILES for name, text in helpers(file).items()}
    definitions = [_definition(text) for text in sources.values()]
    pairs = {f.name for f in definitions if f.returns is not None and ast.unparse(f.returns) == PAIR}
    translator = language(frozenset(pairs | {"pair_sum", "pair_product", "pair_quotient", "pair_log"}))
    return {translator.name(f.name): translator.function(f) for f in definitions}


def _definition(text: str) -> ast.FunctionDef:
    [definition] = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    return definition


class _Translator:
    """What both languages have in common: C's statements and operators."""

    equal, unequal, nan, inf, pi = "==", "!=", "NAN", "INFINITY", "3.141592653589793"

    def __init__(self, pairs: frozenset[str]) -> None:
        """Take the names of the functions that return pairs."""
        self._pairs = pairs
        self._is_pair: dict[str, bool] = {}
        self._returns_pair = False
        self._tables: set[str] = set()

    def function(self, f: ast.FunctionDef) -> str:
        """Return a function, under its description."""
        self._tables, self._returns_pair = set(), f.name in self._pairs
        self._is_pair = {a.arg: a.annotation is not None and ast.unparse(a.annotation) == PAIR for a in f.args.args}
        parameters = [*self._is_pair]
        lines = [line for node in f.body[1:] for line in self.statement(node)]
        own = [name for name in self._is_pair if name not in parameters]
        about = (ast.get_docstring(f) or "").split("\n\n")[0]
        return "\n".join(
            [
                self.comment(about),
                f"{self.head(f.name, parameters)} {{",
                *self.declared(own),
                *map(_indented, lines),
                "}",
            ]
        )

    def statement(self, node: ast.stmt) -> list[str]:
        """Return the lines of a statement."""
        if isinstance(node, ast.Return) and node.value is not None:
            return [f"return {self.expression(node.value)};"]
        if isinstance(node, ast.Raise):
            return [f"return {self.pair(self.nan, self.nan) if self._returns_pair else self.nan};"]
        if isinstance(node, ast.Assign):
            return [self.assigned(node)]
        if isinstance(node, ast.AugAssign):
            return [f"{self.expression(node.target)} {OPERATORS[type(node.op)]}= {self.expression(node.value)};"]
        if isinstance(node, ast.If):
            return self.choice(node)
        if isinstance(node, (ast.While, ast.For)):
            return self.block(self.loop(node), node.body)
        raise TypeError(ast.unparse(node))

    def assigned(self, node: ast.Assign) -> str:
        """Return an assignment; the variable is declared at the top of the function, a table of numbers here."""
        [target] = node.targets
        name, value = ast.unparse(target), node.value
        if isinstance(value, ast.Tuple) and len(value.elts) > 2:  # noqa: PLR2004  two are a pair
            self._tables.add(name)
            return self.table(self.name(name), ", ".join(map(self.expression, value.elts)))
        self._is_pair.setdefault(name, self.is_pair(value))
        return f"{self.name(name)} = {self.expression(value)};"

    def is_pair(self, node: ast.expr) -> bool:
        """Whether an expression is a pair."""
        if isinstance(node, ast.Call):
            return ast.unparse(node.func) in self._pairs
        if isinstance(node, ast.IfExp):
            return self.is_pair(node.body)
        return isinstance(node, ast.Tuple) or (isinstance(node, ast.Name) and self._is_pair.get(node.id, False))

    def choice(self, node: ast.If) -> list[str]:
        """Return a choice with its other branches."""
        lines = self.block(f"if ({self.expression(node.test)}) {{", node.body)
        if node.orelse:
            lines[-1] = "} else {"
            lines += [*(_indented(line) for other in node.orelse for line in self.statement(other)), "}"]
        return lines

    def block(self, head: str, body: list[ast.stmt]) -> list[str]:
        """Return statements in braces."""
        return [head, *(_indented(line) for node in body for line in self.statement(node)), "}"]

    def loop(self, node: ast.For | ast.While) -> str:
        """Return the head of a loop."""
        if isinstance(node, ast.While):
            return f"while ({self.expression(node.test)}) {{"
        if not isinstance(node.iter, ast.Call):
            raise TypeError(ast.unparse(node))
        name, bounds = self.name(ast.unparse(node.target)), [self.expression(bound) for bound in node.iter.args]
        counter = f"{self.declaration} {name if name != '_' else 'i'}"
        first = counter.split()[1]
        if len(bounds) == 1:
            return f"for ({counter} = 0; {first} < {bounds[0]}; {first}++) {{"
        return f"for ({counter} = {bounds[0]}; {first} > {bounds[1]}; {first}--) {{"

    def expression(self, node: ast.expr) -> str:
        """Return an expression, in brackets where it has parts."""
        if isinstance(node, ast.Constant):
            return repr(node.value)
        if isinstance(node, (ast.Name, ast.Attribute)):
            return self.name(node.id) if isinstance(node, ast.Name) else str(getattr(self, node.attr))
        if isinstance(node, ast.Tuple):
            return self.pair(*map(self.expression, node.elts))
        if isinstance(node, ast.Subscript):
            return self.entry(node)
        if isinstance(node, ast.Call):
            return self.call(ast.unparse(node.func), [self.expression(x) for x in node.args])
        return self.composed(node)

    def composed(self, node: ast.expr) -> str:
        """Return an expression with operators."""
        if isinstance(node, ast.BinOp):
            return f"({self.expression(node.left)} {OPERATORS[type(node.op)]} {self.expression(node.right)})"
        if isinstance(node, ast.UnaryOp):
            return f"{OPERATORS[type(node.op)]}{self.expression(node.operand)}"
        if isinstance(node, ast.BoolOp):
            return f"({f' {OPERATORS[type(node.op)]} '.join(map(self.expression, node.values))})"
        if isinstance(node, ast.IfExp):
            return f"({self.expression(node.test)} ? {self.expression(node.body)} : {self.expression(node.orelse)})"
        if isinstance(node, ast.Compare):
            return self.comparison(node)
        raise TypeError(ast.unparse(node))

    def comparison(self, node: ast.Compare) -> str:
        """Return a comparison, or several in a chain."""
        signs = [self.sign(op) for op in node.ops]
        sides = [self.expression(x) for x in (node.left, *node.comparators)]
        parts = [f"{sides[i]} {sign} {sides[i + 1]}" for i, sign in enumerate(signs)]
        return f"({' && '.join(parts)})"

    def sign(self, op: ast.cmpop) -> str:
        """Return the sign of a comparison."""
        return (
            self.equal if isinstance(op, ast.Eq) else self.unequal if isinstance(op, ast.NotEq) else OPERATORS[type(op)]
        )

    declaration = "double"

    def name(self, name: str) -> str:
        """Return a name."""
        return name

    def comment(self, text: str) -> str:
        """Return a comment."""
        raise NotImplementedError

    def head(self, name: str, parameters: list[str]) -> str:
        """Return the head of a function."""
        raise NotImplementedError

    def declared(self, names: list[str]) -> list[str]:
        """Return the declarations of variables."""
        raise NotImplementedError

    def table(self, name: str, entries: str) -> str:
        """Return the declaration of a table of numbers."""
        raise NotImplementedError

    def pair(self, high: str, low: str) -> str:
        """Return a pair."""
        raise NotImplementedError

    def entry(self, node: ast.Subscript) -> str:
        """Return an entry of a table or a pair."""
        raise NotImplementedError

    def call(self, name: str, operands: list[str]) -> str:
        """Return a call."""
        raise NotImplementedError


def _indented(line: str) -> str:
    return f"    {line}"


class _C(_Translator):
    """C99, with the pairs of `special.c`."""

    def comment(self, text: str) -> str:
        return f"/* {text} */"

    def head(self, name: str, parameters: list[str]) -> str:
        typed = ", ".join(f"{self._type(x)} {x}" for x in parameters)
        return f"static {'pair' if name in self._pairs else 'double'} {name}({typed})"

    def _type(self, name: str) -> str:
        return "pair" if self._is_pair[name] else "double"

    def declared(self, names: list[str]) -> list[str]:
        floats = ", ".join(f"{name} = 0" for name in names if not self._is_pair[name])
        pairs = ", ".join(f"{name} = {{0, 0}}" for name in names if self._is_pair[name])
        return [f"    {kind} {text};" for kind, text in (("double", floats), ("pair", pairs)) if text]

    def table(self, name: str, entries: str) -> str:
        return f"const double {name}[] = {{{entries}}};"

    def pair(self, high: str, low: str) -> str:
        return f"(pair){{{high}, {low}}}"

    def entry(self, node: ast.Subscript) -> str:
        name, index = self.expression(node.value), ast.unparse(node.slice)
        return f"{name}[(int){index}]" if name in self._tables else f"{name}.{'low' if index == '1' else 'high'}"

    def call(self, name: str, operands: list[str]) -> str:
        return f"{BUILT_IN.get(name, name.removeprefix('math.'))}({', '.join(operands)})"

    def expression(self, node: ast.expr) -> str:
        text = super().expression(node)
        return f"{text}.0" if isinstance(node, ast.Constant) and isinstance(node.value, int) else text


class _Javascript(_Translator):
    """JavaScript, with the pairs of `special.js`, which are arrays."""

    equal, unequal, nan, inf, pi = "===", "!==", "NaN", "Infinity", "Math.PI"
    declaration = "let"

    def name(self, name: str) -> str:
        return camel_case(name) if name != "_" else name

    def comment(self, text: str) -> str:
        return f"// {text}"

    def head(self, name: str, parameters: list[str]) -> str:
        return f"function {self.name(name)}({', '.join(map(self.name, parameters))})"

    def declared(self, names: list[str]) -> list[str]:
        return [f"    let {', '.join(map(self.name, names))};"] if names else []

    def table(self, name: str, entries: str) -> str:
        return f"const {name} = [{entries}];"

    def pair(self, high: str, low: str) -> str:
        return f"[{high}, {low}]"

    def entry(self, node: ast.Subscript) -> str:
        return f"{self.expression(node.value)}[{ast.unparse(node.slice)}]"

    def call(self, name: str, operands: list[str]) -> str:
        if name == "math.fmod":
            return f"({operands[0]} % {operands[1]})"
        if name == "math.copysign":
            return f"(Math.abs({operands[0]}) * ({operands[1]} < 0 ? -1 : 1))"
        if name in {"math.erf", "math.erfc"}:
            return f"{name.removeprefix('math.')}({operands[0]})"
        if name in BUILT_IN or name.startswith("math."):
            return f"Math.{name.removeprefix('math.')}({', '.join(operands)})"
        return f"{self.name(name)}({', '.join(operands)})"
