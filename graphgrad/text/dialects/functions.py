"""Read functions that a program defines: the last one is the whole text, earlier ones are called by what follows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from graphgrad.ops.table import NEG
from graphgrad.text.calls import unknown_function
from graphgrad.text.dialects.declarations import parameters_in
from graphgrad.text.reader import BARRIER, Reader
from graphgrad.text.statement import Apply, Call, Code, Name, Number, Repeat, Statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphgrad.text.statement import Item, Span

__all__ = ["ONE_NUMBER", "TEXTS", "FunctionReader"]

ONE_NUMBER: Final = ("a name stands for one number, and is not changed", "give the new number a name of its own")
TEXTS: Final = ("texts are not read", "write names without quotes")
"""The messages and hints for what programs write, and no formula has: x += 1, and "text"."""

REST: Final = re.compile(r"(?:[\s;,]|[#%][^\n]*+)*+\Z")
"""What may stand behind a function that is the whole text."""


@dataclass(slots=True)
class FunctionReader(Reader):
    """The parser's state where functions are defined.

    `declared` are the inputs that the parameters of the function that is being read would be, `local` the statements
    of its body. `given` are defaults by function and parameter, `called` is how functions are called here that have
    the name of an operation, `known` are names that are assigned, `words` all that the text has, once they are needed.
    `ended` is where the last function ended, `head` how the one that is being read began.
    """

    declared: list[Statement] | None = None
    local: list[Statement] = field(default_factory=list)
    given: dict[str, dict[str, Statement]] = field(default_factory=dict)
    called: dict[str, str] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    ended: int = -1
    head: str = ""
    defined: str = ""
    defined_span: Span = (0, 0)

    def at_start(self) -> bool:
        """Whether nothing of an expression has been read."""
        return not self.complete and not self.code and len(self.stack) == 1

    def begin_function(self, name: str, name_span: Span, parameters: str, start: int) -> None:
        """Begin a function; `parameters` is the list between its parentheses, `start` where that stands."""
        self.declared = parameters_in(self, parameters, start)
        self.known |= {each.target for each in self.declared if each.target}
        self.defined, self.defined_span = name, name_span
        if name and (name in self.called or name in self.functions):
            self.fail(f"'{name}' is defined twice", name_span, "give one of both another name")

    def finish_statement(self) -> None:
        """Hand a statement over, or keep it until the function that it belongs to has been read."""
        end = self.last
        if self.declared is not None and self.head != "def" and self.target:
            self.fail("a function gives an expression", self.target_span, "leave the name and the equals sign out")
        Reader.finish_statement(self)
        [statement] = self.finished[-1:]
        self.known |= {statement.target} if statement.target else set()
        if self.declared is None:
            return
        self.local.append(self.finished.pop())
        if statement.target is None:
            self._finish_function(end)

    def _finish_function(self, end: int) -> None:
        declared, local = self.declared or [], self.local
        self.declared, self.local, self.head, self.ended = None, [], "", end
        if not self.defined or REST.match(self.source, end):
            self.finished += [*declared, *local]
            return
        self.dangling = False
        if not declared:
            hint = "give its value the name: name = expression"
            self.fail("a function that is called needs parameters", self.defined_span, hint)
        parameters = tuple(each.target or "" for each in declared)
        name = self._own_name(self.defined) if self._is_taken(self.defined) else self.defined
        self.called[self.defined] = name
        self.given[name] = {each.target or "": each for each in declared if each.code}
        calls: dict[str, Call] = {}
        for each in local:
            target = name if each.target is None else self._own_name(f"{name}_{each.target}")
            code = _with_calls(Code(each.code, each.spans), calls, parameters)
            span = self.defined_span if each.target is None else each.target_span
            self.finished.append(Statement(target, code.items, code.spans, span, parameters))
            self.functions[target] = parameters
            if each.target is not None:
                calls[each.target] = Call(target, len(parameters))

    def _is_taken(self, name: str) -> bool:
        grammar = self.grammar
        return name in grammar.functions or name in grammar.constants or name in grammar.forms

    def _own_name(self, name: str) -> str:
        """Return a name for a function that the text has nowhere."""
        self.words = self.words or set(re.findall(r"\w+", self.source))
        while name in self.words or self._is_taken(name):
            name += "_"
        self.words.add(name)
        return name

    def close_call(self, span: Span) -> None:
        """Prepare the call that is closed next: give it the name of its function, and defaults; refuse unknown ones."""
        opening = self.open[-1]
        name = opening.function
        if name in self.called:
            opening.function = self.called[name]
            self._fill(opening, span)
        elif name == self.defined and self.declared is not None:
            self.fail(f"'{name}' is defined by itself", opening.span, "a function may only use functions before it")
        elif name not in self.grammar.functions and name not in self.grammar.forms and name not in self.functions:
            below = re.compile(rf"\bdef[ \t]+{re.escape(name)}\b|^[ \t]*{re.escape(name)}[ \t]*=(?!=)", re.MULTILINE)
            if below.search(self.source, span[1]):
                self.fail(f"'{name}' is used before it is defined", opening.span, "move its definition up")
            known = (*self.called, *self.grammar.functions)
            raise unknown_function(name, self.source, opening.span, known, self.grammar.forms)

    def _fill(self, opening: Any, span: Span) -> None:
        """Give a call the operands that are named, and defaults for those that are left out."""
        parameters, given = self.functions[opening.function], self.given[opening.function]
        if opening.operands == 1 and not self.complete and self.stack[-1] is BARRIER:
            opening.operands = 0
        elif self.complete:
            self.end_operand()
        for parameter in parameters[opening.operands :]:
            if parameter in opening.params:
                value, at = opening.params.pop(parameter)
                if type(value) is not int:
                    break
                self._number(value, at)
            elif parameter in given:
                each = given[parameter]
                self.code += each.code
                self.spans += [span] * len(each.code)
                self.starts.append(span[0])
            else:
                break
            self.complete, self.last = True, span[0]
            opening.operands += 1
        missing = parameters[opening.operands : opening.operands + 1]
        if missing:
            whole, hint = (opening.span[0], span[1]), f"its parameters are {', '.join(parameters)}"
            self.fail(f"this call gives no '{missing[0]}'", whole, hint)

    def _number(self, value: int, at: Span) -> None:
        self.add(Number(Fraction(abs(value)), str(abs(value))), at)
        if value < 0:
            self.applied(Apply(NEG, 1), at)


def _with_calls(code: Code, calls: Mapping[str, Call], parameters: Sequence[str]) -> Code:
    """Return code in which names of local values are calls of the functions that give these values."""
    if not calls:
        return code
    done: dict[int, Code] = {}
    waiting = [(code, frozenset(calls))]
    while waiting:
        each, local = waiting[-1]
        inner = [
            (part, local - {item.text} if part is item.body else local)
            for item in each.items
            if isinstance(item, Repeat)
            for part in (item.first, item.last, item.body)
            if id(part) not in done
        ]
        if inner:
            waiting += inner
            continue
        waiting.pop()
        items: list[Item] = []
        spans: list[Span] = []
        for item, span in zip(each.items, each.spans, strict=True):
            if isinstance(item, Name) and item.text in local:
                items += [*map(Name, parameters), calls[item.text]]
                spans += [span] * (len(parameters) + 1)
                continue
            spans.append(span)
            if isinstance(item, Repeat):
                first, last, body = (done[id(part)] for part in (item.first, item.last, item.body))
                items.append(item._replace(first=first, last=last, body=body))
            else:
                items.append(item)
        done[id(each)] = Code(tuple(items), tuple(spans))
    return done[id(code)]
