"""Random programs with functions, and the same programs with every call written out by hand."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import random

__all__ = ["Programs"]

INPUTS: Final = ("a", "b", "x", "k")
OUTER: Final = ("k", "m")
PARAMETERS: Final = ("x", "y", "t")
UNARY: Final = ("sin", "tanh", "exp", "sigmoid", "atan")


@dataclass
class Programs:
    """Makes pairs of programs: one with functions, one with their bodies in parentheses in place of the calls."""

    random: random.Random
    functions: dict[str, tuple[tuple[str, ...], str]] = field(default_factory=dict)

    def pair(self) -> tuple[str, str]:
        """Return a program with functions, and the one without."""
        self.functions.clear()
        lines = ["m = a*k"]
        for i in range(self.random.randint(1, 4)):
            name = f"f{i}"
            parameters = tuple(self.random.sample(PARAMETERS, self.random.randint(1, 3)))
            short, long = self.expression((*parameters, *OUTER), depth=self.random.randint(1, 3))
            lines.append(f"{name}({', '.join(parameters)}) = {short}")
            self.functions[name] = parameters, long
        short, long = self.expression((*INPUTS, "m"), depth=4)
        return "\n".join([*lines, short]), "\n".join([lines[0], long])

    def expression(self, names: tuple[str, ...], depth: int) -> tuple[str, str]:
        """Return an expression of these names, with calls and with the calls written out."""
        kind = self.random.choice(("name", "number")) if depth == 0 else self.random.choice(("two", "one", "call"))
        if kind == "name":
            name = self.random.choice(names)
            return name, name
        if kind == "number":
            number = str(self.random.randint(1, 3))
            return number, number
        if kind == "one":
            short, long = self.expression(names, depth - 1)
            unary = self.random.choice(UNARY)
            return f"{unary}({short})", f"{unary}({long})"
        if kind == "call" and self.functions:
            return self.call(names, depth)
        sign = self.random.choice("+-*")
        left, right = (self.expression(names, depth - 1) for _ in range(2))
        return f"({left[0]} {sign} {right[0]})", f"({left[1]} {sign} {right[1]})"

    def call(self, names: tuple[str, ...], depth: int) -> tuple[str, str]:
        """Return a call of a function, and its body with the operands in place of the parameters."""
        name = self.random.choice(list(self.functions))
        parameters, body = self.functions[name]
        operands = [self.expression(names, depth - 1) for _ in parameters]
        given = dict(zip(parameters, (f"({long})" for _, long in operands), strict=True))
        written_out = re.sub(r"[a-z]\w*", lambda match: given.get(match[0], match[0]), body)
        return f"{name}({', '.join(short for short, _ in operands)})", f"({written_out})"
