"""Read the arguments of calls of NumPy's functions: which are operands, which are options, and which change nothing."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from graphgrad.base.errors import GraphgradError
from graphgrad.tape.writer import Ref

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphgrad.ops.targets import Spellings

__all__ = ["CLIP", "DIAGONAL", "FACTOR", "LETTERS", "SIGNATURES", "Signature", "bound", "cannot_record", "packed"]


class Signature(NamedTuple):
    """The parameters of a function of NumPy's, in its order: the first ones are operands, some are options.

    `packs` says that the method takes its option also as several arguments.
    """

    operands: int
    parameters: tuple[str, ...]
    options: tuple[str, ...] = ()
    packs: bool = False


REDUCED: Final = ("axis", "keepdims")
JOINED: Final = Signature(1, ("arrays", "axis", "out", "dtype", "casting"), ("axis",))
PRODUCT: Final = Signature(2, ("a", "b", "out"))
CLIP: Final = Signature(3, ("a", "a_min", "a_max", "out"))
DIAGONAL: Final = Signature(1, ("a", "offset", "axis1", "axis2", "dtype", "out"))
FACTOR: Final = Signature(1, ("a", "upper"))
LETTERS: Final = Signature(0, ("out", "dtype", "order", "casting", "optimize"))

SIGNATURES: Final[Spellings] = {
    "amax": Signature(1, ("a", "axis", "out", "keepdims", "initial", "where"), REDUCED),
    **dict.fromkeys(("cumsum", "cumprod"), Signature(1, ("a", "axis", "dtype", "out"), ("axis",))),
    **dict.fromkeys(("det", "inv"), Signature(1, ("a",))),
    **dict.fromkeys(("tril", "triu"), Signature(1, ("m", "k"), ("k",))),
    **dict.fromkeys(
        ("var", "std"),
        Signature(
            1,
            ("a", "axis", "dtype", "out", "ddof", "keepdims", "where", "mean", "correction"),
            ("axis", "ddof", "keepdims"),
        ),
    ),
    "amin": Signature(1, ("a", "axis", "out", "keepdims", "initial", "where"), REDUCED),
    "concat": JOINED,
    "cross": Signature(2, ("a", "b", "axisa", "axisb", "axisc", "axis")),
    "diag": Signature(1, ("v", "k")),
    "flip": Signature(1, ("m", "axis"), ("axis",)),
    "matmul": PRODUCT,
    "mean": Signature(1, ("a", "axis", "dtype", "out", "keepdims", "where"), REDUCED),
    "norm": Signature(1, ("x", "ord", "axis", "keepdims"), REDUCED),
    "outer": PRODUCT,
    "prod": Signature(1, ("a", "axis", "dtype", "out", "keepdims", "initial", "where"), REDUCED),
    "reshape": Signature(1, ("a", "shape", "order", "copy"), ("shape",), packs=True),
    "roll": Signature(1, ("a", "shift", "axis"), ("shift", "axis")),
    "solve": Signature(2, ("a", "b")),
    "stack": JOINED,
    "sum_along": Signature(1, ("a", "axis", "dtype", "out", "keepdims", "initial", "where"), REDUCED),
    "transpose": Signature(1, ("a", "axes"), ("axes",), packs=True),
    "where": Signature(3, ("condition", "x", "y")),
}
"""How the functions of NumPy's that are no ufuncs are called; methods have the parameters after the first."""

DEFAULTS: Final = ("C", "same_kind")
"""The defaults of an order of entries and of a casting, which change nothing, as True changes no selection."""

EUCLIDEAN: Final = 2
"""The order of the root of the sum of squares."""


def cannot_record(what: str, hint: str = "") -> GraphgradError:
    """Return the error for a call that has no counterpart among the operations."""
    return GraphgradError(f"{what} cannot be recorded", hint=hint or "graphgrad --operations lists what can")


def bound(
    name: str, signature: Signature, arguments: Sequence[Any], keywords: Mapping[str, Any]
) -> tuple[list[Any], dict[str, Any]]:
    """Return the operands and the options of a call, as NumPy reads its arguments.

    Raises `GraphgradError` for an argument that has a meaning to NumPy, but none to an operation.

    >>> bound("mean", SIGNATURES["mean"], ["x", 0, None, None, True], {})
    (['x'], {'axis': 0, 'keepdims': True})
    >>> bound("norm", SIGNATURES["norm"], ["x", 1], {})
    Traceback (most recent call last):
    graphgrad.GraphgradError: np.norm with ord = 1 cannot be recorded
    graphgrad --operations lists what can
    """
    given = _by_parameter(name, signature.parameters, arguments, keywords)
    if given.get("correction") is not None and given.get("ddof") is None:  # NumPy 2's name
        given["ddof"] = given.pop("correction")
    operands = [given.pop(parameter, None) for parameter in signature.parameters[: signature.operands]]
    options = {key: _option(name, key, given.pop(key)) for key in signature.options if given.get(key) is not None}
    for parameter, value in given.items():
        if value is not None and not _is_default(parameter, value) and not _is_euclidean(parameter, value, options):
            raise cannot_record(f"np.{name} with {parameter} = {value!r}")
    return operands, options


def _by_parameter(
    name: str, parameters: Sequence[str], arguments: Sequence[Any], keywords: Mapping[str, Any]
) -> dict[str, Any]:
    if len(arguments) > len(parameters):
        raise cannot_record(f"np.{name} of {len(arguments)} arguments")
    given = dict(zip(parameters, arguments, strict=False))
    for keyword, value in keywords.items():
        spelled = (keyword, f"a_{keyword}", keyword.removeprefix("new"))  # in all versions of NumPy
        parameter = next((each for each in spelled if each in parameters), None)
        if parameter is None or parameter in given:
            raise cannot_record(f"np.{name} with {keyword} = {value!r}")
        given[parameter] = value
    return given


def _is_default(parameter: str, value: Any) -> bool:
    return (value is True and parameter != "initial") or (isinstance(value, str) and value in DEFAULTS)


def _is_euclidean(parameter: str, value: Any, options: Mapping[str, Any]) -> bool:
    """Whether an order of a norm is 2 along one axis; that of a whole matrix is another norm."""
    return parameter == "ord" and type(value) is int and value == EUCLIDEAN and isinstance(options.get("axis"), int)


def _option(name: str, key: str, value: Any) -> Any:
    """Return an option as whole numbers, a tuple of them, or true or false."""
    try:
        if isinstance(value, list | tuple):
            return tuple(operator.index(each) for each in value)
        return bool(value) if key == "keepdims" and not isinstance(value, Ref) else operator.index(value)
    except (TypeError, GraphgradError):
        raise cannot_record(f"np.{name} with {key} = {value!r}", "let it be a whole number, or several") from None


def packed(signature: Signature, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return a method's arguments as those of the function: several numbers as one tuple.

    >>> packed(SIGNATURES["reshape"], (2, -1)), packed(SIGNATURES["mean"], (0,))
    (((2, -1),), (0,))
    """
    is_tuple = len(arguments) == 1 and isinstance(arguments[0], list | tuple)
    return (arguments,) if signature.packs and arguments and not is_tuple else arguments
