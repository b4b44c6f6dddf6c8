"""Describe compiled functions, and what they return for columns, to users and their type checkers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar, overload

from graphgrad.base.public import public

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphgrad.check.report import Report
    from graphgrad.compile.blame_rows import RowBlame
    from graphgrad.compile.row_analysis import RowPropagation, RowSensitivity
    from graphgrad.namespaces.value_types import Floats, Scalar, Values

    Listed: TypeAlias = Scalar | Sequence[object]
    Names: TypeAlias = Mapping[str, str] | Sequence[str] | None

__all__ = ["Compiled"]

Array_co = TypeVar("Array_co", covariant=True)
Array = TypeVar("Array")


class _Column(Protocol[Array_co]):
    """An array of any library; times a float it has the type of a result."""

    @property
    def shape(self) -> Any: ...
    def __mul__(self, factor: float, /) -> Array_co: ...


class _Frame(Protocol):
    """A frame: it has columns, which a series has not."""

    @property
    def columns(self) -> Any: ...


class _Stream(Protocol):
    """What hands out its rows through Arrow."""

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any: ...


class _Interchange(Protocol):
    """What follows the dataframe interchange protocol."""

    def __dataframe__(self, nan_as_null: bool = False, allow_copy: bool = True) -> Any: ...  # noqa: FBT001, FBT002  the protocol's


Frame = TypeVar("Frame", bound=_Frame)


@public
class Compiled(Protocol):
    """A function of a graph's inputs, by position or by name, that returns the value and the gradient by name.

    `inputs` are the names of its arguments, `wrt` those of the derivatives. Numbers give floats, arrays give arrays.

    >>> from graphgrad import parse
    >>> f = parse("x*y").compile(wrt=["x"])
    >>> f.inputs, f.wrt, f(3, y=5)
    (('x', 'y'), ('x',), (15.0, {'x': 5.0}))
    """

    inputs: tuple[str, ...]
    wrt: tuple[str, ...]

    @overload
    def __call__(self, frame: Frame, /, *, names: Names = None, **named: object) -> Frame: ...

    @overload
    def __call__(self, *values: Scalar, **named: Scalar) -> tuple[float, dict[str, float]]: ...  # type: ignore[overload-overlap]  # a str is a number, no sequence

    @overload
    def __call__(self, *values: Listed, **named: Listed) -> tuple[Floats, dict[str, Floats]]: ...  # type: ignore[overload-overlap]  # as all that follow, it may have numbers alone

    @overload
    def __call__(  # type: ignore[overload-overlap]
        self, *values: _Column[Array] | Listed, **named: _Column[Array] | Listed
    ) -> tuple[Array, dict[str, Array]]: ...

    @overload
    def __call__(
        self, *values: Mapping[str, Any] | Scalar, **named: Mapping[str, Any] | Scalar
    ) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]: ...

    @overload
    def __call__(self, frame: _Stream | _Interchange, /, *, names: Names = None, **named: object) -> Any: ...

    def __call__(self, *values: Any, names: Any = None, **named: Any) -> Any:  # type: ignore[misc]  # it does accept a frame
        """Return the value and the derivative by each input in `wrt`.

        For a frame, return it with columns `value`, `∂apple` and so on added; `names` are other names for them, by
        these names or those of the inputs, or a list of all. Its columns are the inputs of their names; further ones
        are `named` numbers or columns.

        An input may be a dict of arrays: then so are the value and the derivatives, as if the function were called for
        each of its names. Several dicts must have the same names, else `GraphgradError` is raised:

        >>> from graphgrad import parse
        >>> from numpy import array
        >>> step = parse("w - rate*g").compile(wrt=[])
        >>> weights, _ = step(w={"a": array([1.0, 2.0])}, g={"a": array([5.0, 10.0])}, rate=0.1)
        >>> weights
        {'a': array([0.5, 1. ])}
        """

    @overload
    def raw(self, *values: Scalar) -> tuple[float, ...]: ...  # type: ignore[overload-overlap]  # a str is a number

    @overload
    def raw(self, *values: Listed) -> tuple[Floats, ...]: ...

    @overload
    def raw(self, *values: _Column[Array] | Listed) -> tuple[Array, ...]: ...

    def raw(self, *values: Any) -> Any:
        """Return the value and the derivative by each input in `wrt`, in their order, as one plain tuple.

        It gives the numbers of the call, to the last bit, and its errors; the values are those of `inputs` by position.
        For floats it is the fastest way: with llvmlite, the extra `llvm`, it is machine code that Python
        calls directly, made with the first call and kept on disk. Keywords are refused, and more values than there are
        inputs. Raises `UnknownNameError` for a value that is missing, and `DomainError` where an operation is not
        defined.

        >>> from graphgrad import parse
        >>> f = parse("x*y").compile()
        >>> f(3.0, 5.0), f.raw(3.0, 5.0)
        ((15.0, {'x': 5.0, 'y': 3.0}), (15.0, 5.0, 3.0))
        """

    @overload
    def map_frame(self, frame: Frame, *, at: Values | None = None, names: Names = None) -> Frame: ...

    @overload
    def map_frame(self, frame: _Stream | _Interchange, *, at: Values | None = None, names: Names = None) -> Any: ...

    def map_frame(self, frame: Any, *, at: Any = None, names: Any = None) -> Any:
        """Return a frame with the value and the derivatives added, as the call with a frame does.

        `at` gives the inputs that are no columns. A frame of Dask gets the new columns partition by partition, once it
        is computed; the formula is sent to the workers, which compile it, and `at` holds numbers. Raises
        `GraphgradError` for what is no frame.

        >>> from graphgrad import parse
        >>> import pandas
        >>> f = parse("apple*n").compile()
        >>> f.map_frame(pandas.DataFrame({"apple": [100.0, 200.0]}), at={"n": 2})
           apple  value  ∂apple     ∂n
        0  100.0  200.0     2.0  100.0
        1  200.0  400.0     2.0  200.0
        """

    @overload
    def propagate(
        self, columns: Frame, errors: Mapping[str, object], *, at: Values | None = None, names: Names = None
    ) -> Frame: ...

    @overload
    def propagate(
        self, columns: Values, errors: Mapping[str, object], *, at: Values | None = None, names: Names = None
    ) -> RowPropagation: ...

    def propagate(self, columns: Any, errors: Any, *, at: Any = None, names: Any = None) -> Any:
        """Return the error of each row's value, a standard deviation, from those of the inputs, to first order.

        `columns` are numbers, arrays and series by name, or a frame; `at` are inputs that it lacks. `errors` are
        standard deviations by input: numbers, texts such as "±2" and "±5%" (of the value), columns, or names of columns
        of the frame. The inputs are uncorrelated, and those without an error exact. A frame gets the columns `value`,
        `error`, and for each input with an error `share apple`, its share in the variance; `names` are other names.
        Raises `UnknownNameError` for a name that is no input and for a missing value, and `GraphgradError` for an error
        that is negative and for operations on arrays.

        >>> from graphgrad import parse
        >>> f = parse("apple*n").compile()
        >>> f.propagate({"apple": [100, 200], "n": 2}, {"apple": "±5%", "n": 0}).error
        array([10., 20.])
        """

    @overload
    def sensitivity(self, columns: Frame, *, at: Values | None = None, names: Names = None) -> Frame: ...

    @overload
    def sensitivity(self, columns: Values, *, at: Values | None = None, names: Names = None) -> RowSensitivity: ...

    def sensitivity(self, columns: Any, *, at: Any = None, names: Any = None) -> Any:
        """Return each row's derivative and elasticity by each input in `wrt`.

        An elasticity is the output's change in percent per percent of the input: x/f · ∂f/∂x. `columns`, `at` and
        `names` are as those of `propagate`; a frame gets the columns `value`, `∂apple` and `elasticity apple`. Raises
        what `propagate` raises: `UnknownNameError`, `GraphgradError`.

        >>> from graphgrad import parse
        >>> f = parse("apple**n").compile(["apple"])
        >>> f.sensitivity({"apple": [100, 200], "n": 2}).elasticities
        {'apple': array([2., 2.])}
        """

    def check(self, columns: Values | None = None, rows: int = 100) -> Report:
        """Check the function at `rows` rows of `columns`, without them at points spread over the positive numbers.

        Rows are compared with the interpreter, and the interpreter with sympy. Raises `UnknownNameError` for a name
        that is no input and for a missing value, `GraphgradError` where the columns cannot be broadcast together.

        >>> from graphgrad import parse
        >>> bool(parse("x*y").compile().check({"x": [1, 2, 3], "y": 5}))
        True
        """

    def blame(self, columns: Values, rows: int = 3) -> tuple[RowBlame, ...]:
        """Return what made a number nan, infinite, 0 or huge, in the first `rows` rows of columns that have one.

        Raises `UnknownNameError` for a name that is no input and for a missing value, and `GraphgradError` where the
        columns cannot be broadcast together.

        >>> from graphgrad import parse
        >>> f = parse("exp(x)*y").compile()
        >>> [(row, blame.sentence) for row, blame in f.blame({"x": [1, 800], "y": 2})][0]
        (1, 'the value is infinite because exp(x) at column 1 overflows at x = 800')
        """
