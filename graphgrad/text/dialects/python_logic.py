"""Read Python's `and` and `or`, which give one of their operands: `x or 5` is x where x is not 0, else 5."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from graphgrad.text.choices import choice_of
from graphgrad.text.plain import program_grammar
from graphgrad.text.statement import Apply, Compound, Name, NameAt, Number, Part, Repeat, TakeAt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphgrad.ops.op import Op
    from graphgrad.ops.operations import Operations
    from graphgrad.ops.targets import Spellings
    from graphgrad.text.reader import Reader
    from graphgrad.text.statement import Item, Span

__all__ = ["read_logic"]

CHOSEN: Final = {"and": (0, 1, 0), "or": (0, 0, 1)}
"""The operands of the choice that a word is: a and b is b if a else a."""

TRUTHS: Final = frozenset({0, 1})

TRUE_OR_FALSE: Final[Spellings] = dict.fromkeys(
    ("lt", "le", "gt", "ge", "eq", "ne", "logical_and", "logical_or", "logical_not", "logical_xor"), ""
)
"""Operations that are 1 or 0."""


def read_logic(reader: Reader, begin: int = 0) -> None:
    """Replace `and` and `or` of operands that are not both true or false by choices, in the code from a place on."""
    words, choice = _logic(reader.grammar.operations)
    code = reader.code[begin:]
    if any(isinstance(item, Apply) and item.op in words.values() for item in code):
        _with_operands(code, reader.spans[begin:], words, choice)
        reader.code[begin:] = code


@lru_cache(maxsize=16)
def _logic(operations: Operations) -> tuple[dict[str, Op], Op]:
    """Return the operations of `and` and `or`, and that of a choice."""
    infix = program_grammar(operations).infix
    return {word: infix[word][2].op for word in CHOSEN}, choice_of(operations)


def _with_operands(code: list[Item], spans: Sequence[Span], words: Mapping[str, Op], choice: Op) -> None:
    chosen = {words[word].name: places for word, places in CHOSEN.items()}
    stack: list[bool] = []
    for i, item in enumerate(code):
        if isinstance(item, (Number, Name, NameAt, Repeat)):
            stack.append(isinstance(item, Number) and item.value in TRUTHS)
            continue
        count = 1 if isinstance(item, TakeAt) else item.arity
        split = len(stack) - count
        logical = isinstance(item, Apply) and item.op.name in chosen
        if logical and not all(stack[split:]):
            code[i] = Compound(count, (Part(choice, chosen[item.op.name], spans[i]),))  # type: ignore[union-attr]
            stack[split:] = [False]
        else:
            stack[split:] = [_is_true_or_false(item)]


def _is_true_or_false(item: Item) -> bool:
    if isinstance(item, Compound) and item.parts:
        return item.parts[-1].op.name in TRUE_OR_FALSE
    return isinstance(item, Apply) and item.op.name in TRUE_OR_FALSE
