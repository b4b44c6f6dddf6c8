"""Queries: the databases themselves compute with them what the interpreter computes."""

from __future__ import annotations

import math
import re
import sqlite3
import struct
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import product
from random import Random
from typing import TYPE_CHECKING, Any, Final

import duckdb
import numpy as np
import pytest
from databases import Job, by_duckdb, by_sqlite, postgres, quoted
from spelling import ULPS, probes, ulps
from table import called, differentiable
from test_corpus import FORMULAS, floats, is_near

import graphgrad as gg
from graphgrad.compile.languages.sql_dialects import DIALECTS, DuckDB, PostgreSQL, SQLite
from graphgrad.namespaces.special_floats import KERNELS
from graphgrad.ops import NUMERIC

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from graphgrad.compile.languages.sql_dialects import Dialect

    Rows = list[dict[str, Any]]
    Run = Callable[[Sequence[Job]], list[Rows]]

EACH: Final = ("duckdb", "sqlite", "postgres")


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    """A PostgreSQL server, or why there is none."""
    with postgres() as started:
        yield started


@pytest.fixture(params=EACH)
def dialect(request: pytest.FixtureRequest) -> str:
    """Each dialect."""
    return str(request.param)


@pytest.fixture
def run(dialect: str, request: pytest.FixtureRequest) -> Run:
    """What runs queries in a dialect."""
    if dialect != "postgres":
        return {"duckdb": by_duckdb, "sqlite": by_sqlite}[dialect]
    started = request.getfixturevalue("server")
    if isinstance(started, str):
        pytest.skip(started)
    return started  # type: ignore[no-any-return]


@pytest.fixture
def one(run: Run, dialect: str) -> Callable[..., Rows]:
    """What runs the query of one formula on rows."""

    def answer(text: str, rows: Rows, types: dict[str, str] | None = None, **arguments: Any) -> Rows:
        query = gg.parse(text).to_sql(dialect=dialect, **arguments)
        return run([Job(query, rows, types or {})])[0]

    return answer


def sayable(graph: gg.Graph, wrt: Sequence[str], dialect: str) -> str | None:
    """Return a query; None where the dialect lacks a function, or takes two columns for one."""
    try:
        return graph.to_sql(wrt, dialect=dialect)
    except gg.GraphgradError as error:
        assert re.search(r"has no function for \w+|does not tell the columns '\w+' and '\w+' apart", error.message)
        return None


LEAST: Final = 680
"""How many of the corpus's 704 formulas each dialect can say at least."""


def test_published_formulas_have_their_numbers(dialect: str, run: Run) -> None:
    """Value and gradient are within the line's own bound, at each of its points, and null where an input is null."""
    graphs = {line["id"]: gg.parse(line["expr"]) for line in FORMULAS}
    queries = {name: sayable(graph, graph.inputs, dialect) for name, graph in graphs.items()}
    said = [line for line in FORMULAS if queries[line["id"]] is not None]
    assert len(said) >= LEAST
    jobs = []
    for line in said:
        inputs = graphs[line["id"]].inputs
        rows: Rows = [{name: floats(point["at"])[name] for name in inputs} for point in line["points"]]
        jobs.append(Job(str(queries[line["id"]]), [*rows, *({**rows[0], name: None} for name in inputs)]))
    wrong = []
    for line, found in zip(said, run(jobs), strict=True):
        inputs, count = graphs[line["id"]].inputs, len(line["points"])
        assert [*found[0]] == ["№", *inputs, "value", *(f"∂{name}" for name in inputs)]
        if not all(map(_near, line["points"], found[:count])) or not all(map(_is_null, found[count:])):
            wrong.append(line["id"])
    assert wrong == []


def _near(point: dict[str, Any], row: dict[str, Any]) -> bool:
    near = partial(is_near, bound=point["bound"], scale=max(abs(Decimal(d)) for d in point["grad"].values()))
    return near(row["value"], point["value"]) and all(near(row[f"∂{name}"], d) for name, d in point["grad"].items())


def _is_null(row: dict[str, Any]) -> bool:
    return all(number is None for name, number in row.items() if name == "value" or name.startswith("∂"))


SIDES: Final = (-15.5, -3.0, -2.5, -1.0, -0.5, 0.0, 0.3, 1.0, 1.5, 2.0, 30.0)
"""Coordinates within and outside the domains; products of their functions are floats, as PostgreSQL demands."""

WITHOUT: Final = {"acot", "boxcox", "huber", "log_base", "nthroot", "pseudo_huber"}
"""Operations that NumPy gives a value at a point where the interpreter has none."""


def test_every_operation_is_computed_or_refused(dialect: str, run: Run) -> None:
    """Each row of the table has the numbers of columns in Python, and null where those are nan or a pole."""
    ops = [op for op in NUMERIC.values() if op.arity]
    graphs = {op: gg.parse(called(op)) for op in ops}
    queries = {op: sayable(graphs[op], differentiable(op), dialect) for op in ops}
    said = [op for op in ops if queries[op] is not None]
    rows = {
        op: [dict(zip(graphs[op].inputs, xs, strict=True)) for xs in product(SIDES, repeat=op.arity)] for op in said
    }
    wrong = Counter[str]()
    for op, found in zip(said, run([Job(str(queries[op]), rows[op]) for op in said]), strict=True):
        f = graphs[op].compile(differentiable(op))
        with np.errstate(all="ignore"):
            value, grad = f(**{name: np.array([row[name] for row in rows[op]]) for name in graphs[op].inputs})
        theirs = {"value": value, **{f"∂{name}": d for name, d in grad.items()}}
        for i, row in enumerate(found):
            wrong.update(f"{op.name} {name}" for name, numbers in theirs.items() if not _same(row[name], numbers[i]))
    assert {name for name in wrong if name.split()[0] not in WITHOUT} == set()
    refused = {op.name for op in ops} - {op.name for op in said}
    assert refused == {
        "erf",
        "erfc",
        "gamma",
        "lgamma",
        "digamma",
        "polygamma",
        "gelu",
        "log_ndtr",
        "normcdf",
        "norminv",
        *KERNELS,
    }


def _same(ours: float | None, theirs: float) -> bool:
    if ours is None or not math.isfinite(theirs):
        return ours is None and not math.isfinite(theirs)
    return ours == pytest.approx(float(theirs), rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("kind", [DuckDB, SQLite, PostgreSQL])
def test_every_spelling_is_that_of_the_row(kind: type[Dialect], request: pytest.FixtureRequest) -> None:
    """What a dialect calls an operation, or writes for it, has the row's own value, to a few ulp."""
    name = next(name for name, other in DIALECTS.items() if other is kind)
    runs: dict[str, Any] = {"duckdb": by_duckdb, "sqlite": by_sqlite}
    run = runs.get(name) or request.getfixturevalue("server")
    if isinstance(run, str):
        pytest.skip(run)
    ops = [op for op in NUMERIC.values() if op.arity and op.name in {**kind.spellings, **kind.rewrites}]
    rows = {op: [dict(zip("xyz", xs, strict=False)) for xs in probes(op)] for op in ops}
    jobs = [Job(gg.parse(called(op)).to_sql([], dialect=name), rows[op]) for op in ops]
    for op, found in zip(ops, run(jobs), strict=True):
        off = [xs for xs, row in zip(rows[op], found, strict=True) if ulps(op, [*xs.values()], row["value"]) > ULPS]
        assert (op.name, off) == (op.name, [])


def test_a_null_stays_null(one: Any) -> None:
    """Value and derivatives of a row with a null are null, whether or not they depend on it."""
    rows = [{"x": 2.0, "y": None}, {"x": None, "y": 3.0}, {"x": None, "y": None}, {"x": 2.0, "y": 3.0}]
    for text in ("x*y", "where(x > 0, x, y)", "max(x, y) + 2*x + y", "x > y", "x + 0*y"):
        *nulls, last = one(text, rows)
        assert all(map(_is_null, nulls))
        assert None not in last.values()


def test_what_is_not_defined_is_null_and_ends_nothing(one: Any) -> None:
    """One bad row has nulls; a comparison with it is null, and so is a choice by it; all other rows have numbers."""
    rows = [{"x": x} for x in (-2.0, 0.0, 4.0)]
    expected = {
        "log(x)": [None, None, math.log(4)],
        "sqrt(x)*1": [None, 0, 2],
        "1/x": [-0.5, None, 0.25],
        "x**-3": [-0.125, None, 1 / 64],
        "x**0.5": [None, 0, 2],
        "log(x) > 1": [None, None, 1],
        "where(log(x) > 1, 5, 7)": [None, None, 5],
        "max(log(x), 1, 3)": [None, None, 3],
        "where(x > 0, log(x), x)": [-2, 0, math.log(4)],
        "where(x != 0, 1/x, 9)": [-0.5, 9, 0.25],
    }
    for text, values in expected.items():
        assert [row["value"] for row in one(text, rows, wrt=[])] == pytest.approx(values), text


def test_a_branch_not_taken_has_no_effect(one: Any) -> None:
    """Neither a value nor a derivative that does not exist there gets out of a branch that is not taken."""
    texts: dict[str, dict[str, float]] = {
        "where(x > 0, log(x)*sqrt(x), x)": {"x": -2.0},
        "where(x > 0, sqrt(x), 0)*y": {"x": 0.0, "y": 3.0},
        "s = sqrt(x - 1); where(x > 1, s*s*s, 7)": {"x": 0.5},
        "where(x > 0, where(y > 0, log(x*y), 1/y), x**2)": {"x": 0.0, "y": 0.0},
        "where(c, 1/x, where(x, log(c), 4*x))": {"c": 0.0, "x": 0.0},
        "where(x > 0, 1, (x*1e200)*(x*1e200)*(x*1e200))": {"x": 3.0},
        "s = x*1e200; p = s*s; where(x > 0, 1, p + p*p)": {"x": 3.0},
    }
    for text, at in texts.items():
        result = gg.parse(text).backprop(at)
        [row] = one(text, [at])
        assert row["value"] == result.value
        assert {name: row[f"∂{name}"] for name in at} == result.grad


def test_columns_are_cast_to_doubles(one: Any) -> None:
    """Whole numbers are divided as doubles, decimals are, and so is text that is a number."""
    rows = [{"x": 1, "y": 3, "z": "2.5"}, {"x": 7, "y": 2, "z": "1e2"}]
    found = one("x/y + z", rows, {"x": "INTEGER", "y": "NUMERIC(9, 2)", "z": "TEXT"})
    assert [(row["value"], row["∂x"]) for row in found] == [(1 / 3 + 2.5, 1 / 3), (103.5, 0.5)]


@pytest.mark.parametrize("dialect", ["duckdb", "sqlite"])
def test_text_that_is_no_number_is_null(one: Any) -> None:
    """Such a row has no number; PostgreSQL refuses the column."""
    rows = [{"x": text, "y": 2.0} for text in ("abc", "", "1.5", "12abc", "-4")]
    found = one("x*y", rows, {"x": "TEXT"})
    assert [(row["value"], row["∂x"], row["∂y"]) for row in found] == [
        (None, None, None),
        (None, None, None),
        (3.0, 2.0, 1.5),
        (None, None, None),
        (-8.0, 2.0, -4.0),
    ]


def test_integers_beyond_the_floats_are_rounded(one: Any) -> None:
    """A key of 64 bits is a number like any other."""
    assert one("x", [{"x": 2**53 + 1}], {"x": "BIGINT"})[0]["value"] == 2.0**53


def test_equal_rows_stay_rows(one: Any) -> None:
    """Rows with the same inputs are neither merged nor multiplied."""
    rows = [{"x": x, "y": 1.0} for x in (2.0, 2.0, None, 3.0, 2.0, None)]
    assert [row["value"] for row in one("x*y", rows)] == [2, 2, None, 3, 2, None]


NAMES: Final = [
    *("unit price", 'the "best"', "it's", "a;b", "{0}", "select", "∂x", "b\\c", "%s", "りんご", '"', "x" * 50),
    *("two\nlines", "two\x85lines", "tab\there"),
    *("True", "FALSE", "null", "rowid", "oid", "default", "column1", "x.y", " "),
    *("v1", "V2", "row", "key1", "t", "kept1", "complete", "numbers", "stage1", "results", "table row"),
]


def test_any_name_can_be_a_column(run: Run, dialect: str) -> None:
    """Blanks, quotes, keywords and the names of the query's own columns."""
    literals = "*".join(str(i + 2) for i in range(len(NAMES)))
    graph = gg.Graph(replace(gg.parse(f"s = {literals}; s*s", name_literals=NAMES).data, defaults={}))
    at = {name: i + 1.5 for i, name in enumerate(NAMES)}
    result = graph.backprop(at)
    for columns in (None, ["№", *NAMES]):
        query = graph.to_sql(dialect=dialect, names={"value": 'the "sum"; --'}, columns=columns)
        [[row]] = run([Job(query, [at])])
        found = {name: number for name, number in row.items() if name not in {*at, "№"}}
        assert found.pop('the "sum"; --') == pytest.approx(result.value, rel=1e-14)
        assert found == pytest.approx({f"∂{name}": d for name, d in result.grad.items()}, rel=1e-14)


def test_a_query_can_be_a_table(run: Run, dialect: str) -> None:
    """Within another query."""
    query = gg.parse("x*`unit price`").to_sql(dialect=dialect)
    rows = [{"x": 2, "unit price": 3.5}]
    [[row]] = run([Job(f'SELECT * FROM ({query}) AS q WHERE "value" > 6', rows)])
    assert row == {"№": 0, **rows[0], "value": 7, "∂x": 3.5, "∂unit price": 2}


@pytest.mark.parametrize("columns", [None, ["№"]], ids=["all", "chosen"])
def test_a_new_column_can_have_any_name(one: Any, columns: list[str] | None) -> None:
    """Also one that is a value in SQL."""
    [row] = one("x*y", [{"x": 2.0, "y": 3.0}], names=["true", "False", "null"], columns=columns)
    assert (row["true"], row["False"], row["null"]) == (6, 3, 2)


def test_names_in_backquotes_are_columns(one: Any) -> None:
    """So are names that the text writes in backquotes."""
    [row] = one("`unit price`*`how many?`", [{"unit price": 2.0, "how many?": 3.0}])
    assert (row["value"], row["∂unit price"], row["∂how many?"]) == (6, 3, 2)


STATEMENTS: Final = (
    *(
        "{} + {}",
        "{} - {}",
        "{}*{}",
        "{}/{}",
        "sin({})*{}",
        "exp(-{}**2) + {}",
        "log(1 + {}**2)/{}",
        "sqrt(abs({})) + {}",
    ),
    *("where({} > {}, {}, {}*{})", "where({} < {}, log({}), {})", "max({}, {}, {})", "min({}, {})", "sigmoid({}) - {}"),
    *("hypot({}, {})", "floor({}) + {}", "atan2({}, {})", "tanh({})*{}", "cbrt({}) + log1p({}**2)", "({} >= {}) + {}"),
)


def _program(seed: int) -> str:
    """Return a program of random statements, each on inputs, numbers and earlier statements."""
    random, names, lines = Random(seed), ["x", "y", "z"], ["0*x + 0*y + 0*z"]
    for i in range(random.randrange(3, 25)):
        pattern = random.choice(STATEMENTS)
        operands = [random.choice([*names, *names[-3:], "1.5", "2"]) for _ in range(pattern.count("{}"))]
        lines.append(pattern.format(*operands))
        names.append(f"s{i + 1}")
    return "; ".join(f"s{i} = {line}" for i, line in enumerate(lines)) + f"; s0 + {names[-1]} + {random.choice(names)}"


def test_random_programs_have_their_numbers(run: Run, dialect: str) -> None:
    """Whatever is shared, and under which conditions, each row has the interpreter's numbers where there are some."""
    graphs = [gg.parse(_program(seed)) for seed in range(150)]
    random = Random(1)
    rows: Rows = [{name: round(random.uniform(-2, 2), 2) for name in "xyz"} for _ in range(8)]
    found = run([Job(graph.to_sql(dialect=dialect), rows) for graph in graphs])
    compared = 0
    for graph, numbers in zip(graphs, found, strict=True):
        for at, row in zip(rows, numbers, strict=True):
            try:
                result = graph.backprop(at)
            except gg.DomainError:
                continue
            compared += 1
            scale = max(map(abs, result.grad.values()), default=1)
            assert row["value"] == pytest.approx(result.value, rel=1e-8, abs=1e-10), str(graph)
            ours = {name: row[f"∂{name}"] for name in result.grad}
            assert ours == pytest.approx(result.grad, rel=1e-7, abs=1e-9 * scale + 1e-10), str(graph)
    assert compared > len(graphs) * len(rows) // 2


BITS: Final = Random(13)


def test_constants_are_literals_that_read_back(run: Run, dialect: str) -> None:
    """Numbers given in the call, and by the text, are the same doubles in the database, of any size."""
    numbers = [struct.unpack("<d", BITS.randbytes(8))[0] for _ in range(300)]
    numbers += [BITS.uniform(-1000, 1000) for _ in range(300)] + [5e-324, 1.7976931348623157e308, 0.1, 1e22, -0.0]
    numbers = [x for x in numbers if math.isfinite(x)]
    kind = DIALECTS[dialect]()
    query = ", ".join(f"{kind.const(Fraction(x)).string} AS {quoted(str(i))}" for i, x in enumerate(numbers))
    [[row]] = run([Job(f"SELECT t.*, {query} FROM t", [{"x": 1.0}])])
    assert [row[str(i)] for i in range(len(numbers))] == numbers


def test_constants_take_no_column(one: Any) -> None:
    """An input with a number is no column of the table, and has its derivative."""
    [row] = one("n = 3; apple*n*tax + log(2)", [{"apple": 100.0}], at={"tax": 1.08})
    result = gg.parse("n = 3; apple*n*tax + log(2)").backprop({"apple": 100, "tax": 1.08})
    assert {name: row[f"∂{name}"] for name in result.grad} == pytest.approx(result.grad, rel=1e-15)
    assert row["value"] == pytest.approx(result.value, rel=1e-15)


def test_a_query_may_read_no_column(one: Any) -> None:
    """Where all is constant, each row has the number, or null where there is none."""
    assert one("100*5*1.08", [{"x": 1.0}])[0] == {"№": 0, "x": 1.0, "value": 540.0}
    assert one("log(0 - x)", [{"y": 1.0}], at={"x": 2})[0] == {"№": 0, "y": 1.0, "value": None, "∂x": 0.5}


def test_the_columns_of_the_table_can_be_chosen(one: Any) -> None:
    """Those named are kept, in their order, and the results may have other names."""
    rows = [{"x": 2.0, "y": 3.0, "z": 5.0}]
    [row] = one("x*y", rows, columns=["z", "№"], names={"value": "area", "∂x": "by x"})
    assert row == {"z": 5.0, "№": 0, "area": 6.0, "by x": 3.0, "∂y": 2.0}
    assert [*row] == ["z", "№", "area", "by x", "∂y"]


LARGE: Final = {
    "a sum of 2,000 terms": "+".join(f"x**{i % 7 + 1}*{i}" for i in range(2000)),
    "a chain of 50 functions": "sin(" * 50 + "x" + ")" * 50,
    "50 names": "; ".join(["a0 = x"] + [f"a{i} = a{i - 1}*x + sin(a{i - 1})/{i}" for i in range(1, 50)]),
    "30 branches in each other": "where(x > 0, x*" * 30 + "2" + ", x)" * 30,
}


@pytest.mark.parametrize("text", LARGE.values(), ids=LARGE)
def test_a_large_formula_has_its_numbers(text: str, one: Any) -> None:
    """Neither a parser's stack nor the height of its trees is exceeded."""
    result = gg.parse(text).backprop({"x": 0.75})
    [row] = one(text, [{"x": 0.75}])
    assert (row["value"], row["∂x"]) == pytest.approx((result.value, result.grad["x"]), rel=1e-11)


TABLES: Final = {
    "a table": "CREATE TABLE t (id INTEGER PRIMARY KEY, x, y)",
    "a table without row numbers": "CREATE TABLE t (id INTEGER PRIMARY KEY, x, y) WITHOUT ROWID",
    "a view": "CREATE TABLE s (id INTEGER PRIMARY KEY, x, y); CREATE VIEW t AS SELECT * FROM s",
    "a column for capitals": "CREATE TABLE t (id INTEGER PRIMARY KEY, X TEXT COLLATE NOCASE, y NUMERIC)",
}


@pytest.mark.parametrize("created", TABLES.values(), ids=TABLES)
def test_sqlite_takes_any_table_in_its_order(created: str) -> None:
    """SQLite passes no rows on: the results are joined to the table, whatever it is, and its rows keep their order."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(created)
    numbers = [3, 1.5, "2", None, 3, "1e1", "1E1", 1.5]
    name = "s" if "VIEW" in created else "t"
    connection.executemany(f"INSERT INTO {name} VALUES (?, ?, ?)", [(i, x, 2) for i, x in enumerate(numbers)])
    found = connection.execute(gg.parse("x*y").to_sql("x", dialect="sqlite")).fetchall()
    assert [(row[0], row[-2]) for row in found] == list(enumerate([6, 3, 4, None, 6, 20, 20, 3]))


def test_sqlite_refuses_a_column_that_is_missing() -> None:
    """In SQLite, a quoted name that is no column would be a text."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (x)")
    with pytest.raises(sqlite3.OperationalError, match=r"no such column: table row\.y"):
        connection.execute(gg.parse("x*y").to_sql(dialect="sqlite"))


def test_duckdb_reads_files(tmp_path: Any) -> None:
    """A name in one part may be a file's; its rows keep their order."""
    path = str(tmp_path / "orders.parquet")
    duckdb.execute(f"COPY (SELECT range::INTEGER AS n FROM range(100000)) TO '{path}'")
    found = duckdb.execute(gg.parse("n/3").to_sql(table=(path,))).fetchall()
    assert [row[:2] for row in found] == [(n, n / 3) for n in range(100_000)]


def test_an_operation_is_written_once(dialect: str) -> None:
    """What value and derivatives share is one column, and constants are worked out."""
    query = gg.parse("exp(x*y)*log(2)*(a + b)").to_sql(dialect=dialect)
    assert len(re.findall(r"THEN exp\(|(?<!THEN )exp\(", query)) == 1
    assert "ln(" not in query
    assert query.count('"a" + "b"') == 1


def test_an_operation_is_computed_once() -> None:
    """A database does not put the text of a column in the place of its name: SQLite counts the calls."""
    connection = sqlite3.connect(":memory:")
    calls: list[float] = []

    def counted(x: float) -> float:
        calls.append(x)
        return math.exp(x)

    connection.create_function("exp", 1, counted, deterministic=True)
    connection.execute("CREATE TABLE t AS SELECT 1.0 AS x, 2.0 AS y UNION SELECT 3.0, 4.0")
    graph = gg.parse("s = exp(x); s*s*y + s + s**3")
    for columns in (None, ["y"]):
        connection.execute(graph.to_sql(dialect="sqlite", columns=columns)).fetchall()
        assert sorted(calls) == [1.0, 3.0]
        calls.clear()


def test_postgresql_computes_a_column_once(server: Any) -> None:
    """Its plan evaluates the exponential function in one step."""
    if isinstance(server, str):
        pytest.skip(server)
    query = gg.parse("s = exp(x); s*s*y + s + s**3").to_sql(dialect="postgres")
    plan = server.psql(f"CREATE TEMPORARY TABLE t (x float8, y float8); EXPLAIN (VERBOSE, COSTS OFF) {query};")
    assert plan.count("THEN exp(") == 1


def test_postgresql_plans_few_steps_within_each_other() -> None:
    """Its planner's time grows with the cube of their number; a small query is one of steps that are not stored."""
    query = gg.parse(LARGE["50 names"]).to_sql(dialect="postgres")
    nested = [part.count(" AS (") for part in query.split(" AS MATERIALIZED (")]
    assert len(nested) > 1
    assert max(nested) <= PostgreSQL.nested
    assert "MATERIALIZED" not in gg.parse("s = exp(x*y); t = s*s + s; t*t + t").to_sql(dialect="postgres")


REFUSED: Final = {
    ("2*erf(x)", "sqlite"): ("SQLite has no function for erf", (2, 8), "its gradient can be computed"),
    ("1 + lgamma(x)", "postgres"): ("PostgreSQL has no function for lgamma", (4, 13), "its gradient can be computed"),
    ("gamma(x)", "duckdb"): ("DuckDB has no function for digamma, which the derivative of gamma needs", (0, 8), "its"),
    ("sinh(x)", "mysql"): (
        "portable SQL for mysql has no function for sinh",
        (0, 7),
        "DuckDB and SQLite and PostgreSQL",
    ),
    ("sum(x @ y)", "sqlite"): ("SQLite has no operation @ on arrays", (4, 9), "its gradient can be computed"),
}


@pytest.mark.parametrize(("text", "dialect"), REFUSED)
def test_what_a_dialect_lacks_is_refused_by_name(text: str, dialect: str) -> None:
    """The error points at the operation, and says who has it."""
    message, span, hint = REFUSED[text, dialect]
    with pytest.raises(gg.ExpressionError) as caught:
        gg.parse(text).to_sql(dialect=dialect)
    error = caught.value
    assert (error.message, error.span) == (message, span)
    assert hint in error.hint


def test_a_value_may_be_sayable_without_its_derivative() -> None:
    """DuckDB knows gamma, not its derivative."""
    assert "gamma(" in gg.parse("gamma(x)").to_sql([], dialect="duckdb")


WRONG: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "'oracel' is no dialect of SQL": ("x", {"dialect": "oracel"}),
    "'a..b' is not the name of a table": ("x", {"table": "a..b"}),
    "'' is not the name of a table": ("x", {"table": ""}),
    "names= has '∂y', which is no result": ("x", {"names": {"∂y": "d"}}),
    "columns cannot be [1]": ("x", {"columns": [1]}),
    "there is a column 'value' already": ("value*x", {}),
    "there is a column 'Value' already": ("Value*x", {}),
    "there is a column 'a' already": ("x*y", {"names": {"∂x": "a", "∂y": "A"}}),
    "there is a column 'total' already": ("x", {"columns": ["total"], "names": {"value": "total"}}),
    "DuckDB does not tell the columns 'x' and 'X' apart": ("x*X", {}),
    "'y' is not an input of the expression": ("x", {"at": {"y": 1}}),
    "'' is no name in SQL": ("x", {"names": {"value": ""}}),
    "a query is for numbers, and 'x' is an array": ("x", {"at": {"x": [1, 2]}}),
    "x = nan is not a finite number": ("x", {"at": {"x": math.nan}}),
}


@pytest.mark.parametrize("message", WRONG)
def test_a_query_that_cannot_be_is_refused(message: str) -> None:
    """Names that are one, or none, and constants that are no numbers."""
    text, arguments = WRONG[message]
    with pytest.raises(gg.GraphgradError) as caught:
        gg.parse(text).to_sql(**arguments)
    assert caught.value.message == message


def test_postgresql_tells_capitals_apart() -> None:
    """There, x and X are two columns."""
    assert gg.parse("x*X").to_sql(dialect="postgresql")


def test_postgresql_does_not_tell_long_names_apart() -> None:
    """It cuts them off, in the middle of no letter: two columns would have one name."""
    first, second = ("`" + "é" * 30 + f" {i}`" for i in "ab")
    graph = gg.parse(f"{first}*{second}")
    with pytest.raises(gg.GraphgradError, match=r"there is a column '∂é+ a' already"):
        graph.to_sql(dialect="postgres")
    assert graph.to_sql(dialect="postgres", names=["value", "d a", "d b"])


def test_columns_are_named_as_those_of_frames() -> None:
    """By result, by input, or all in order."""
    graph = gg.parse("x*y")
    for names in ({"value": "v", "x": "dx"}, {"value": "v", "∂x": "dx"}, ["v", "dx", "∂y"]):
        assert re.findall('THEN .* AS "(.*)"', graph.to_sql(names=names))[-3:] == ["v", "dx", "∂y"]


@pytest.mark.parametrize("columns", ["id, `a, b`, id", ["id", "a, b", "id"]])
def test_a_column_is_kept_once(columns: Any) -> None:
    """A text is a list with commas, as for the table of a file."""
    assert re.findall('"kept.*" AS "(.*)"', gg.parse("x").to_sql(columns=columns)) == ["id", "a, b"]


@pytest.mark.parametrize(("name", "known"), [("mssql", "tsql"), ("mariadb", "mysql"), ("snowflakes", "snowflake")])
def test_names_of_databases_suggest_their_dialect(name: str, known: str) -> None:
    """What a user calls it need not be what sqlglot does."""
    with pytest.raises(gg.GraphgradError, match=f"'{name}' is no dialect of SQL\n.*'{known}'"):
        gg.parse("x").to_sql(dialect=name)


def test_functions_far_from_0_have_their_numbers(one: Any) -> None:
    """Written with others, they have no factors beyond the floats."""
    rows = [{"x": x} for x in (-1e17, -2000.0, -1.0, -0.9999, -1e-9, 0.0, 1e-9, 0.9999, 1.0, 300.0)]
    found = [row["value"] for row in one("expm1(x)", rows, wrt=[])]
    assert found == pytest.approx([math.expm1(row["x"]) for row in rows], rel=1e-15)
    rows = [{"x": x} for x in (-0.75, -1e-9, 0.0, 1e-20, 1e17, 1e308)]
    found = [row["value"] for row in one("log1p(x)", rows, wrt=[])]
    assert found == pytest.approx([math.log1p(row["x"]) for row in rows], rel=1e-15)


OTHERS: Final = (
    "bigquery",
    "clickhouse",
    "databricks",
    "hive",
    "mysql",
    "oracle",
    "redshift",
    "snowflake",
    "spark",
    "trino",
)


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("columns", [None, ["№", "x"]], ids=["all", "chosen"])
def test_other_dialects_say_the_same(other: str, columns: list[str] | None) -> None:
    """What sqlglot writes for another database, and reads again, gives the same numbers in DuckDB."""
    sqlglot = pytest.importorskip("sqlglot")
    graph = gg.parse("where(x > 0, log(x)*sqrt(x), max(x, y))*sigmoid(y) + x**y + floor(x/0.3) + hypot(x, y)")
    query = sqlglot.transpile(graph.to_sql(dialect=other, columns=columns), read=other, write="duckdb")[0]
    rows: Rows = [{"x": x, "y": y} for x in (-2.0, 0.0, 0.5, 3.0, None) for y in (1.0, 2.0)]
    theirs, ours = by_duckdb([Job(query, rows), Job(graph.to_sql(columns=columns), rows)])
    for left, right in zip(theirs, ours, strict=True):
        assert [*left] == [*right]
        assert all(_same(left[name], math.nan if x is None else x) for name, x in right.items())


def test_other_dialects_claim_no_function_that_sqlglot_passes_on() -> None:
    """Each function of a portable query is one that sqlglot knows."""
    sqlglot = pytest.importorskip("sqlglot")
    for op in NUMERIC.values():
        query = op.arity and sayable(gg.parse(called(op)), differentiable(op), "mysql")
        if query:
            assert not list(sqlglot.parse_one(query, read="mysql").find_all(sqlglot.exp.Anonymous))


def test_a_part_of_a_name_may_have_a_dot() -> None:
    """In a text, dots separate the parts of a table's name; each is quoted."""
    assert 'FROM "shop"."orders" AS' in gg.parse("x").to_sql(table="shop.orders")
    for table in (("shop", 'orders "2024".csv'), 'shop.`orders "2024".csv`'):
        assert 'FROM "shop"."orders ""2024"".csv" AS' in gg.parse("x").to_sql(table=table)
