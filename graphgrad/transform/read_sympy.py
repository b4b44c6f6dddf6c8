"""Convert a sympy expression to a graph, node by node, without printing or parsing text.

No table maps sympy's classes to operations: each row of the operation table is evaluated once on sympy's symbols, and
the class of the result is its counterpart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.base.errors import GraphgradError
from graphgrad.base.time_limit import DeadlineError, watched, within
from graphgrad.namespaces.many_digits import as_fraction
from graphgrad.ops.table import NUMERIC, OPERATIONS
from graphgrad.transform.raising import Recorder, raised, refuse_name
from graphgrad.transform.write_sympy import Genuine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from graphgrad.graph.data import GraphData
    from graphgrad.namespaces.rational_functions import SympyNames
    from graphgrad.ops.op import Op
    from graphgrad.ops.operations import Operations
    from graphgrad.ops.targets import Spellings
    from graphgrad.tape.writer import Ref

__all__ = ["counterparts", "from_sympy"]

DOUBLE_BITS: Final = 53
"""The precision of a float64."""

SECONDS: Final = 10.0
"""The CPU time that sympy may take to rewrite a function that the table does not have."""

MAX_SHOWN: Final = 60
"""The most characters of an expression in a message."""


def from_sympy(expression: Any, operations: Operations | None = None) -> GraphData:
    """Return the graph of a sympy expression; its symbols are the inputs, in order of appearance.

    An undefined function with the name of a user's row in the table `operations` is read as that row.

    >>> import sympy
    >>> x, y = sympy.symbols("x y")
    >>> from_sympy(sympy.sin(x) ** 2 - 3 * x / y).source
    'sin(x)**2 - 3*x/y'
    """
    reader = _Reader(Genuine(), OPERATIONS if operations is None else operations)
    if not isinstance(expression, reader.sympy.Basic | int | float | Fraction):
        kind = type(expression).__name__
        raise GraphgradError(f"from_sympy takes a sympy expression, not a {kind}", hint="text is read by parse")
    root = reader.sympy.sympify(expression)
    with watched():
        output = reader.read(root)
    return raised(reader.m.tape([output]), list(reader.symbols))


class _Call(NamedTuple):
    """The pattern of an operation in sympy: where its operands stand among `args`, and the value of all other args.

    sqrt(x) is `Pow(x, 1/2)`: order (0,), fixed {1: 1/2}.
    """

    op: Op
    order: tuple[int, ...]
    fixed: dict[int, Any]

    def operands(self, args: Sequence[Any]) -> Sequence[Any] | None:
        """Return the operation's operands among those of a sympy node; None where it does not match."""
        if self.op.variadic:
            return args
        matches = len(args) == len(self.order) + len(self.fixed)
        matches = matches and all(args[i] == number for i, number in self.fixed.items())
        return [args[i] for i in self.order] if matches else None


COMPOSED: Final[SympyNames] = {
    "lowergamma": lambda m, a, x: m.gammainc(a, x) * m.gamma(a),
    "uppergamma": lambda m, a, x: m.gammaincc(a, x) * m.gamma(a),
}
"""Functions of sympy's, by its names, that are made of operations."""

HEADS: Final[Spellings] = {
    **{name: name for name in ("cot", "sec", "csc", "acot", "asec", "acsc")},
    **{name: name for name in ("coth", "sech", "csch", "acoth", "asech", "acsch")},
    **{name: name for name in ("expm1", "log1p", "log2", "log10", "hypot", "digamma")},
    "lgamma": "loggamma",
    "sin_over_x": "sinc",
}
"""Functions of sympy's that are read as an operation, although the operation is converted to other ones."""


@dataclass(frozen=True, slots=True)
class Counterparts:
    """The operations by sympy's classes: functions (the more specific patterns first), relations, constants."""

    calls: dict[Any, list[_Call]]
    relations: dict[Any, Op]
    constants: dict[Any, Op]


@cache
def counterparts() -> Counterparts:
    """Evaluate every row of the table on sympy's symbols, and return the operations by the classes of the results.

    >>> sorted(head.__name__ for head in counterparts().relations)[:2]
    ['Equality', 'GreaterThan']
    """
    m, table = Genuine(), Counterparts({}, {}, {})
    for op in NUMERIC.values():
        symbols = [m.symbol(f"x{i}") for i in range(op.arity)]
        z = m.value(op, symbols)
        if not symbols:
            table.constants[z] = op
        elif isinstance(z, m.sympy.Piecewise):
            relation = z.args[0].cond
            if list(relation.args) == symbols:
                table.relations.setdefault(relation.func, op)
        elif z.is_Pow and any(x.is_Integer for x in z.args):  # a power is read as one, not as the row of a square
            continue
        elif set(symbols) <= set(z.args) and all(x.is_Symbol or x.is_Number for x in z.args):
            fixed = {i: x for i, x in enumerate(z.args) if x.is_Number}
            table.calls.setdefault(z.func, []).append(_Call(op, tuple(map(z.args.index, symbols)), fixed))
    for name, head in HEADS.items():
        op = NUMERIC[name]
        table.calls.setdefault(_head(m, head), [_Call(op, tuple(range(op.arity)), {})])
    for calls in table.calls.values():
        calls.sort(key=lambda call: -len(call.fixed))
    return table


def _head(m: Genuine, name: str) -> Any:
    """Return a function of sympy's, or of its C code generator."""
    from sympy.codegen import cfunctions

    return getattr(m.sympy, name, None) or getattr(cfunctions, name)


class _Plan(NamedTuple):
    """How a node is converted: `combined` takes the references of its converted parts and returns the node's."""

    parts: Sequence[Any]
    combined: Callable[..., Ref]


@dataclass
class _Reader:
    """Traverses an expression with an explicit stack; nodes are keyed by identity, so they are kept alive."""

    sympy_namespace: Genuine
    operations: Operations = OPERATIONS
    m: Recorder = field(default_factory=Recorder)
    symbols: dict[str, Any] = field(default_factory=dict)
    done: dict[int, Ref] = field(default_factory=dict)
    alive: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sympy = self.sympy_namespace.sympy
        self.table = counterparts()

    def read(self, root: Any) -> Ref:
        stack: list[tuple[Any, _Plan | None]] = [(root, None)]
        while stack:
            node, plan = stack.pop()
            if id(node) in self.done:
                continue
            if plan is not None:
                self.done[id(node)] = plan.combined(*[self.done[id(part)] for part in plan.parts])
                continue
            plan = self.plan(node)
            self.alive += [node, *plan.parts]
            stack.append((node, plan))
            stack += [(part, None) for part in reversed(plan.parts)]
        return self.done[id(root)]

    def plan(self, node: Any) -> _Plan:
        for kind, plan in self.plans():
            if isinstance(node, kind):
                return plan(node)
        return self.call(node)

    def plans(self) -> Iterable[tuple[Any, Callable[[Any], _Plan]]]:
        s = self.sympy
        return (
            (s.Symbol, self.symbol),
            (s.Number, self.number),
            (s.NumberSymbol, self.constant),
            (s.Add, self.total),
            (s.Mul, self.product),
            (s.Pow, self.power),
            (s.Piecewise, self.piecewise),
            (s.logic.boolalg.BooleanAtom, self.truth),
            (s.And, lambda node: self.folded(node, self.m.logical_and)),
            (s.Or, lambda node: self.folded(node, self.m.logical_or)),
            (s.Not, lambda node: _Plan(node.args, self.m.logical_not)),
            (s.Xor, lambda node: self.folded(node, self.m.logical_xor)),
            (s.ITE, lambda node: _Plan(node.args, self.m.where)),
            (s.core.relational.Relational, self.relation),
        )

    # ---- leaves

    def symbol(self, node: Any) -> _Plan:
        if self.symbols.setdefault(node.name, node) != node:
            message = f"two different symbols are called '{node.name}'"
            raise GraphgradError(message, hint="give their assumptions alike, or rename one")
        refuse_name(node.name)
        return _Plan((), lambda: self.m.input(node.name))

    def number(self, node: Any) -> _Plan:
        if node.is_Rational:
            return _Plan((), lambda: self.m.const(Fraction(int(node.p), int(node.q))))
        if node.is_Float and node.is_finite:
            return _Plan((), lambda: self.m.const(_float(node)))
        raise _unknown(node)

    def constant(self, node: Any) -> _Plan:
        if node in self.table.constants:
            return _Plan((), lambda: self.m.value(self.table.constants[node], []))
        if node is self.sympy.E:
            return _Plan((self.sympy.Integer(1),), self.m.exp)
        return self.rewritten(node)

    def truth(self, node: Any) -> _Plan:
        return _Plan((), lambda: self.m.const(Fraction(bool(node))))

    # ---- arithmetic

    def total(self, node: Any) -> _Plan:
        terms = sorted(node.args, key=lambda term: (self.is_negative(term), bool(term.is_Number)))
        signs = [self.is_negative(term) for term in terms]
        pairs = zip(terms, signs, strict=True)
        parts = [self.negated(term) if i and minus else term for i, (term, minus) in enumerate(pairs)]

        def combined(total: Any, *others: Ref) -> Any:
            for minus, other in zip(signs[1:], others, strict=True):
                total = total - other if minus else total + other
            return total

        return _Plan(parts, combined)

    def is_negative(self, term: Any) -> bool:
        number = term.args[0] if term.is_Mul else term
        return bool(number.is_Number and number.is_negative)

    def negated(self, term: Any) -> Any:
        if not term.is_Mul:
            return -term
        number, *others = term.args
        return self.times([*([] if number == -1 else [-number]), *others])

    def times(self, factors: Sequence[Any]) -> Any:
        return self.sympy.Mul(*factors, evaluate=False) if len(factors) > 1 else factors[0]

    def product(self, node: Any) -> _Plan:
        above, below = list[Any](), list[Any]()
        for factor in node.args:
            self.sort_factor(factor, above, below)
        minus = len(above) > 1 and above[0] == -1
        parts = [*above[minus:], *below] if above else [self.sympy.Integer(1), *below]
        count = len(parts) - len(below)

        def combined(first: Any, *others: Ref) -> Any:
            result = -first if minus else first
            for i, other in enumerate(others, 1):
                result = result * other if i < count else result / other
            return result

        return _Plan(parts, combined)

    def sort_factor(self, factor: Any, above: list[Any], below: list[Any]) -> None:
        if factor.is_Rational and not factor.is_Integer and not (_is_decimal(factor.q) and abs(factor.p) > 1):
            above += [] if factor.p == 1 else [self.sympy.Integer(factor.p)]
            below.append(self.sympy.Integer(factor.q))
        elif factor.is_Pow and factor.exp.is_Rational and factor.exp.is_negative:
            below.append(self.reciprocal(factor))
        else:
            above.append(factor)

    def reciprocal(self, power: Any) -> Any:
        return power.base if power.exp == -1 else self.sympy.Pow(power.base, -power.exp, evaluate=False)

    def power(self, node: Any) -> _Plan:
        if node.exp.is_Rational and node.exp.is_negative:
            return _Plan((self.sympy.Integer(1), self.reciprocal(node)), lambda one, x: one / x)
        return _Plan((node.exp,), self.m.exp) if node.base is self.sympy.E else self.call(node)

    def folded(self, node: Any, combine: Callable[[Any, Any], Any]) -> _Plan:
        def all_of(first: Any, *others: Any) -> Any:
            for other in others:
                first = combine(first, other)
            return first

        return _Plan(node.args, all_of)

    # ---- choices

    def relation(self, node: Any) -> _Plan:
        op = self.table.relations.get(node.func)
        if op is None:
            raise _unknown(node)
        return _Plan(node.args, partial(self.applied, op))

    def piecewise(self, node: Any) -> _Plan:
        if self.sympy.Or(*[piece.cond for piece in node.args]) != self.sympy.true:
            message = f"a Piecewise has no value where none of its conditions hold: {_shown(node)}"
            raise GraphgradError(message, hint="give it a last piece for all other values: (expression, True)")
        *chosen, last = node.args
        parts = [part for piece in chosen for part in (piece.cond, piece.expr)]

        def combined(*xs: Ref) -> Any:
            result = xs[-1]
            for i in range(len(xs) - 3, -1, -2):
                result = self.m.where(xs[i], xs[i + 1], result)
            return result

        return _Plan([*parts, last.expr], combined)

    # ---- functions

    def call(self, node: Any) -> _Plan:
        for call in self.table.calls.get(node.func, ()):
            operands = call.operands(node.args)
            if operands is not None:
                return _Plan(operands, partial(self.applied, call.op))
        if compose := COMPOSED.get(node.func.__name__):
            return _Plan(node.args, partial(compose, self.m))
        own = self.own(node)
        return self.rewritten(node) if own is None else _Plan(node.args, partial(self.applied, own.with_params({})))

    def own(self, node: Any) -> Op | None:
        """Return the row of the user's table that an undefined function names; None where there is none."""
        is_undefined = isinstance(node, self.sympy.core.function.AppliedUndef)
        op = self.operations.own.get(node.func.__name__) if is_undefined else None
        if op is not None and not op.takes(len(node.args)):
            raise GraphgradError(f"{op.name} does not take {len(node.args)} operands: {_shown(node)}", hint=op.about)
        return op

    def applied(self, op: Op, *operands: Ref) -> Ref:
        return self.m.value(op, operands)

    def rewritten(self, node: Any) -> _Plan:
        """Convert a function that the table does not have as sympy rewrites it: `factorial` as `gamma`."""
        s = self.sympy
        targets = (s.gamma, s.erf, s.sin, s.floor, s.Piecewise, s.exp)
        rewrites = [
            lambda: node.doit(deep=False),
            lambda: node.expand(func=True, deep=False),
            lambda: node.to_nnf(simplify=False),
            *(lambda target=target: node.rewrite(target, deep=False) for target in targets),
        ]
        for form in (_attempted(rewrite, node) for rewrite in rewrites):
            if form is not None and form != node and not form.has(node.func, s.I, s.Integral, s.Sum, s.Product):
                return _Plan((form,), lambda x: x)
        raise _unknown(node)


def _attempted(rewrite: Callable[[], Any], node: Any) -> Any:
    try:
        return within(SECONDS, rewrite, steps=lambda: int(node.count_ops()) ** 2)
    except (DeadlineError, AttributeError, ArithmeticError, ValueError, TypeError, RecursionError):
        return None


def _float(node: Any) -> Fraction:
    # A float64 is read as the decimal that it is printed as, 1.1 as 11/10; any other precision exactly.
    if node._prec == DOUBLE_BITS:  # noqa: SLF001  sympy has no public name for it
        return Fraction(repr(float(node)))
    return as_fraction(node)


def _is_decimal(denominator: int) -> bool:
    """Whether a fraction with this denominator has a decimal of at most six places."""
    return 10**6 % denominator == 0


def _unknown(node: Any) -> GraphgradError:
    name = getattr(node.func, "__name__", str(node.func)) if node.args else _shown(node)
    where = f", in {_shown(node)}" if node.args else ""
    return GraphgradError(f"no operation is sympy's {name}{where}", hint="write it in functions that both know")


def _shown(node: Any) -> str:
    try:
        text = str(node)
    except RecursionError:
        return "an expression too deep to print"
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"
