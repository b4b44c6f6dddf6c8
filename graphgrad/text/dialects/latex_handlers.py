"""Read the tokens of LaTeX: names, numbers, signs, and the commands that take arguments in braces."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NoReturn

from graphgrad.base.suggestion import suggestion
from graphgrad.text.arguments import read_constant, read_index
from graphgrad.text.dialects.latex_choices import condition_word
from graphgrad.text.dialects.latex_definitions import begin_head, defined_function
from graphgrad.text.dialects.latex_heads import begin_command, begin_root, letter_function
from graphgrad.text.dialects.latex_idioms import difference, indicator, refuse_words
from graphgrad.text.dialects.latex_names import spelled
from graphgrad.text.dialects.latex_numbers import number
from graphgrad.text.dialects.latex_reader import CALL
from graphgrad.text.dialects.latex_refusals import COMMANDS
from graphgrad.text.dialects.latex_series import indexed_name
from graphgrad.text.dialects.latex_state import Bracket, Macro, Waiting
from graphgrad.text.dialects.latex_tokens import BLANKS, NAME, UPRIGHT
from graphgrad.text.greek import GREEK
from graphgrad.text.handlers import literal
from graphgrad.text.reader import BARRIER
from graphgrad.text.statement import Apply, Name, Number
from graphgrad.text.vocabulary import BRACKETS, strange

if TYPE_CHECKING:
    from graphgrad.text.dialects.latex_reader import LatexReader
    from graphgrad.text.statement import Span

__all__ = ["any_token"]

UPRIGHT_WORD: Final = re.compile(rf"\\(?:operatorname\*?|{'|'.join(UPRIGHT)})\s*\{{([A-Za-z0-9\\_ -]+)\}}")
OPERATOR: Final = re.compile(rf"(\\operatorname\*?{BLANKS}\{{.*?\}})(?:{BLANKS}_{BLANKS}\{{(.*)\}})?", re.DOTALL)
PARAMETER: Final = re.compile(r"\s*(?:\\mathrm\{)?([A-Za-z\\_]+)\}?\s*=\s*(\([^()]*\)|\[[^\[\]]*\]|[^,()\[\]]+)(?:,|$)")
SUBSCRIPTS: Final = re.compile(r"[a-z]+(?:,[a-z]+)*(?: \\to [a-z]*)?")
"""The indices of arrays whose products are summed."""

EARLY_POWER: Final = re.compile(rf"{BLANKS}\^{BLANKS}(\{{[^{{}}]*\}}|[0-9])(?={BLANKS}_)")
DERIVATIVE: Final = re.compile(
    r"\s*\{\s*(?:\\mathrm\{?)?(?:d|\\partial)(?![A-Za-z]{2}).*?\}\s*\{\s*(?:\\mathrm\{?)?(?:d|\\partial)\}?\s*\\?[A-Za-z]"
)


MOST_LETTERS: Final = 3
"""How many letters in a row may be a product: more are a word."""


def any_token(reader: LatexReader, text: str, span: Span) -> None:
    """Read a token that has no handler of its own."""
    if not text:
        return
    if text.isspace():
        if not reader.open:
            reader.end_of_statement(span[0])
    elif text[0].isdecimal() or (text[0] == "." and len(text) > 1):
        number(reader, text, span)
    elif text[0].isalpha() and len(text) > MOST_LETTERS and text.isascii() and text.isalpha():
        word(reader, text, span)
    elif text.startswith(r"\operatorname"):
        operator(reader, text, span)
    elif text[0] == "\\":
        command(reader, text, span)
    elif text[0].isalpha():
        name(reader, text, span)
    elif text[0] == "[" and text[-1] == "]":
        index(reader, text, span)
    else:
        refuse(reader, text, span)


def command(reader: LatexReader, text: str, span: Span) -> None:
    """Read what begins with a backslash."""
    grammar = reader.grammar
    word_only = text[1:].rstrip("*")
    if text.startswith((r"\left[", "\\left [")) and "]" in text:
        index(reader, text, span)
    elif text in grammar.macros:
        macro(reader, text, span)
    elif text.startswith(r"\sqrt"):
        begin_root(reader, text, span)
    elif text in COMMANDS:
        message, hint = COMMANDS[text]
        reader.fail(message, span, hint)
    elif re.fullmatch(r"\\[A-Za-z]+", text) and word_only in grammar.functions and word_only not in GREEK:
        function(reader, Waiting(word_only, span), text)
    elif NAME.match(text):
        name(reader, text, span)
    else:
        unknown(reader, text, span)


def unknown(reader: LatexReader, text: str, span: Span) -> NoReturn:
    """Refuse a command that the dialect does not know."""
    if not text[1:].isalpha():
        reader.fail(f"{text} means nothing in a formula here", span)
    known = [f"\\{each}" for each in reader.grammar.functions if each.isalpha()] + [*reader.grammar.macros, *COMMANDS]
    likely, hint = suggestion(text, known), rf"a name is written \mathrm{{{text[1:]}}}"
    reader.fail(f"{text} is not known here", span, f"{likely} {hint}" if likely else hint)


# ---- operands


def word(reader: LatexReader, text: str, span: Span) -> None:
    """Refuse four letters and more in a row: a product of letters, or a word."""
    functions = reader.grammar.functions
    for size in range(min(len(text), 12), 1, -1):
        if text[:size] in functions:
            reader.fail_both(span, f"the function \\{text[:size]}", f"the product of letters {' '.join(text[:8])}")
    reader.fail_both(span, rf"the name \mathrm{{{text}}}", f"the product of letters {' '.join(text[:8])}")


def name(reader: LatexReader, text: str, span: Span) -> None:
    """Read a name, or a constant; before a bracket it may be a function's."""
    grammar = reader.grammar
    if condition_word(reader, text, span) or begin_head(reader, text, span):
        return
    if defined := defined_function(reader, text, span):
        function(reader, defined, text)
        return
    refuse_words(reader, text, span)
    _refuse_run(reader, text, span)
    if difference(reader, text, span) or indicator(reader, text, span):
        return
    upright = UPRIGHT_WORD.fullmatch(text)
    if upright and upright[1] in grammar.functions and CALL.match(reader.source, span[1]):
        function(reader, Waiting(upright[1], span), text)
        return
    if letter := letter_function(reader, text, span):
        function(reader, letter, text)
        return
    if text in grammar.constants:
        reader.begin(text, span, "name")
        reader.add(Apply(grammar.constants[text], 0), span)
        reader.ended()
        return
    early = EARLY_POWER.search(text)
    _named(reader, text.replace(early[0], "") if early else text, span)
    if early:
        digits = early[1].strip("{} ")
        reader.code += [Number(literal(reader, digits, span), digits), grammar.infix["**"][2]]
        reader.spans += [span, span]
        reader.powered = span[1]
    reader.ended()


def _refuse_run(reader: LatexReader, text: str, span: Span) -> None:
    """Refuse letters in a row that spell a function's name, as in sin x."""
    if not (text[0].isascii() and text[0].isalpha()) or reader.source[span[0] - 1 : span[0]].isalpha():
        return
    run = re.compile("[A-Za-z]+").match(reader.source, span[0])
    before = reader.source[max(0, span[0] - 1) : span[0]]
    if run and 1 < len(run[0]) <= MOST_LETTERS and before != "\\" and run[0] in reader.grammar.functions:
        reader.fail_both((span[0], run.end()), f"the function \\{run[0]}", f"the product {' '.join(run[0])}")


def _named(reader: LatexReader, text: str, span: Span) -> None:
    if at := indexed_name(reader, text, span):
        reader.begin(text, span, "name")
        reader.add(at, span)
        return
    found = spelled(text, reader.spelled_out)
    if text.startswith((r"\dot", r"\ddot")):
        reader.fail_both(span, "a derivative by time", r"a name (\mathrm{…})")
    if found is None or not found.name:
        hint = r"an index is letters, digits and words: x_{1}, x_{i,j}, x_{\mathrm{max}}"
        reader.fail("this index is no part of a name", span, hint)
    after = reader.source[span[1] : span[1] + 1]
    if after.isdecimal() and re.search(r"_\s*\d\Z", text):
        digits = re.split(r"\D", reader.source[span[1] - 1 : span[1] + 20])[0]
        reader.fail_both(span, f"{text[:-1]}{{{digits}}}", f"{text} {digits[1:]}")
    styled, shown = reader.styles.setdefault(found.name, (found.style, text))
    if styled != found.style:
        hint = rf"give one another name: {shown}_{{1}}"
        reader.fail(f"{text} and {shown} would be the same name, {found.name}", span, hint)
    reader.begin(text, span, "name")
    if not CALL.match(reader.source, span[1]):
        reader.used[found.name] += 1
    if found.name == reader.grammar.euler and not reader.source.startswith("^", span[1]) and text == found.name:
        reader.letter_e = reader.letter_e or (span if found.name not in reader.assigned else None)
    reader.add(Name(found.name), span)


# ---- functions and commands


def function(reader: LatexReader, waiting: Waiting, text: str) -> None:
    """Read a function's name."""
    reader.begin(text, waiting.span, "function")
    reader.wait(waiting)


def operator(reader: LatexReader, text: str, span: Span) -> None:
    r"""Read \operatorname{name}, with parameters below it: \operatorname{sum}_{\mathrm{axis}=0}."""
    match = OPERATOR.fullmatch(text)
    upright = UPRIGHT_WORD.fullmatch(match[1]) if match else None
    called = upright[1].replace(r"\_", "_") if upright else ""
    known = reader.grammar.functions
    called = next((each for each in (called, called.lower()) if each in known), called)
    if (called not in known and called not in reader.grammar.below) or not match:
        hint = r"write \max(a, b), or a name: \mathrm{apple}"
        hint = suggestion(called, known, rf"a name is written \mathrm{{{called}}}") if called else hint
        reader.fail(f"{match[1] if match else text} is not known here", span, hint)
    params = parameters(reader, match[2], span) if match[2] else {}
    function(reader, Waiting(called, span, params=params), text)


def parameters(reader: LatexReader, text: str, span: Span) -> dict[str, tuple[Any, Span]]:
    r"""Read what stands below an operation's name: \mathrm{axis}=(0, 1), \mathrm{keepdims}=\mathrm{True}."""
    plain = re.sub(r"\\mathrm\{(\w+)\}", r"\1", text.replace(r"\ldots", "...").replace("{:}", ":").replace(r"\_", "_"))
    found: dict[str, tuple[Any, Span]] = {}
    if SUBSCRIPTS.fullmatch(plain):
        return {"subscripts": (plain.replace(r" \to ", "->"), span)}
    end = 0
    for match in PARAMETER.finditer(plain):
        value = _constant(match[2].strip())
        if match.start() != end or value is NotImplemented or match[1] in found:
            break
        found[match[1]] = value, span
        end = match.end()
    if end != len(plain):
        hint = r"a parameter is written \mathrm{axis}=0; sums over an index are \sum_{i=1}^{3}"
        reader.fail("what stands below this name is no parameter", span, hint)
    return found


def _constant(text: str) -> Any:
    is_whole = re.fullmatch(r"[-+]?[0-9]{1,9}", text) is not None
    if is_whole or text in {"None", "True", "False"} or re.fullmatch(r"\([-+0-9, ]*\)|\[.*\]", text):
        return read_constant(text)
    return NotImplemented


def macro(reader: LatexReader, text: str, span: Span) -> None:
    r"""Read a command that takes arguments in braces: \frac, \sqrt."""
    op, needs = reader.grammar.macros[text]
    if reader.grammar.infix["/"][2].op is op and DERIVATIVE.match(reader.source, span[1]):
        hint = r"write the function alone: --wrt x differentiates it by x"
        reader.fail("derivatives are not written here: they are computed", span, hint)
    arguments(reader, text, span, needs, (Apply(op, needs),))


def arguments(reader: LatexReader, text: str, span: Span, needs: int, items: tuple[Any, ...]) -> None:
    """Expect arguments in braces, to which items are applied."""
    begin_command(reader, text, span)
    reader.open.append(Macro(span, needs=needs, at=len(reader.code), items=items))
    reader.stack.append(BARRIER)


# ---- what stands behind an operand


def index(reader: LatexReader, text: str, span: Span) -> None:
    r"""Read an index of constants behind an array: x\left[0, 1{:}\right]."""
    inner = text[text.index("[") + 1 : text.rindex("]")].removesuffix("\\right").strip()
    plain = inner.replace("{:}", ":").replace(r"\ldots", "...").replace(r"\mathrm{None}", "None")
    at = read_index(f"[{plain}]")
    take = reader.grammar.postfix.get(BRACKETS)
    is_number = reader.complete and isinstance(reader.code[-1], Number) and reader.spans[-1][0] == reader.starts[-1]
    if not reader.complete and "," in inner:
        _written_out(reader, text, span)
        return
    if reader.complete and at is not None and take is not None and not is_number:
        reader.applied(Apply(take.with_params({"at": at}), 1), span)
        return
    if not plain.replace(".", "", 1).isdecimal():
        reader.fail("no index can be read here", span, r"an index is of constants, behind an array: x[0]")
    reader.begin(text, span, "bracket")
    place = span[0] + text.index(inner)
    reader.add(Number(literal(reader, plain, span), plain), (place, place + len(inner)))
    reader.starts[-1], reader.last = span


def _written_out(reader: LatexReader, text: str, span: Span) -> None:
    """Read an array of numbers, token by token."""
    size = re.match(r"\\left\s*\[|\[", text)
    last = re.search(r"(?:\\right\s*)?\]$", text)
    if not size or not last:
        refuse(reader, text, span)
    end = span[0] + size.end()
    reader.token(size[0], (span[0], end))
    for blank, token in reader.grammar.tokens(text[size.end() : last.start()]):
        start = end + len(blank)
        end = start + len(token)
        if token:
            reader.token(token, (start, end))
    reader.token(last[0], (span[0] + last.start(), span[1]))


def refuse(reader: LatexReader, text: str, span: Span) -> NoReturn:
    """Raise the error for a token that has no meaning where it stands."""
    if text in reader.grammar.infix and not reader.complete:
        reader.fail(f"a number or a name is missing before '{text}'", span)
    if text in COMMANDS:
        message, hint = COMMANDS[text]
        reader.fail(message, span, hint)
    reader.fail(strange(text[0]), (span[0], span[0] + 1), r"leave it out, or write it in braces: \text{…}")


def power_of_e(reader: LatexReader) -> bool:
    """Whether the operand that has just ended is e as a number of its own: not one that the text gives a value."""
    euler = reader.grammar.euler
    if reader.code[-1:] != [Name(euler)] or euler in reader.assigned:
        return False
    return reader.spans[-1] == (reader.starts[-1], reader.last) and not reader.source.startswith(
        (r"\mathit", r"\textit"), reader.starts[-1]
    )


def bracket(reader: LatexReader, span: Span, kind: str) -> None:
    """Open a bracket: behind a function's name it holds the operands, behind an operand it is a factor."""
    function_before = reader.stack[-1][1] if not reader.complete else None
    if isinstance(function_before, Waiting) and type(function_before) is Waiting:
        reader.stack.pop()
        reader.open.append(Bracket(span, kind=kind, call=function_before, begin=len(reader.code)))
    else:
        factor = factor_before(reader, span) if kind == "(" else ""
        if reader.complete and kind == "(":
            _doubt(reader, span)
        reader.begin(reader.source[span[0] : span[1]], span, "bracket")
        sign = "[" if kind == "[" else "("
        reader.open.append(Bracket(span, kind=kind, begin=len(reader.code), sign=sign, factor=factor))
    reader.stack.append(BARRIER)


GROWTH: Final = re.compile(r"\s*(?:[0-9.]+|\\[dt]?frac\{\d+\}\{\d+\})\s*[-+]")
"""What a bracket begins with that is a factor when it is raised to a power: (1 + r)^n."""

OFTEN_FUNCTIONS: Final = frozenset("fghuvwFGHTBEKJYIW") | {"phi", "psi", "zeta", "eta", "xi", "Phi", "Psi"}
"""Letters before a bracket that some reader takes for a function, whatever is in the bracket."""


def factor_before(reader: LatexReader, span: Span) -> str:
    """Return the name before a bracket that every reader takes for a factor if the bracket is raised to a power."""
    item = reader.code[-1] if reader.complete else None
    if not isinstance(item, Name) or reader.spans[-1][0] != reader.starts[-1]:
        return ""
    is_function = item.text.split("_")[0] in OFTEN_FUNCTIONS
    return "" if is_function or not GROWTH.match(reader.source, span[1]) else item.text


def _doubt(reader: LatexReader, span: Span) -> None:
    """Note a name before a parenthesis, which is a factor only where the name is known to be a number."""
    code = reader.code
    is_power = len(code) >= len("x2^") and code[-1] is reader.grammar.infix["**"][2] and isinstance(code[-2], Number)
    item, place = (code[-3], reader.spans[-3]) if is_power else (code[-1], reader.spans[-1])
    begins = reader.starts[-1] == place[0]
    if reader.unclear == reader.last:
        left = reader.source[reader.starts[-1] : reader.last]
        called = re.split(r"\\left|[({]", left)[0]
        reader.fail_both(span, rf"{left} \cdot (…)", f"{called}({left[len(called) :]}(…))")
    if item in map(Name, reader.parameters or ()):
        return
    if isinstance(item, Name) and begins and item.text not in reader.doubts:
        shown = reader.source[place[0] : place[1]]
        message = f"this can be read as the product {shown} \\cdot (…) or as the function {shown} of (…)"
        hint = rf"write {shown} \cdot (…), or define the function above: {shown}(x) = … \\"
        reader.doubts[item.text] = ((place[0], span[1]), message, hint)
    if isinstance(item, Name) and begins and is_power:
        reader.used[item.text] -= 1
