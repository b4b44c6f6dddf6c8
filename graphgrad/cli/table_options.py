"""Declare the options for a formula over a table, and say which options go with one."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["OF_PICTURES", "TABLE_EXAMPLES", "TABLE_OPTIONS", "WITH_A_QUERY", "WITH_A_TABLE"]

TABLE_EXAMPLES: Final = """\
  graphgrad "(apple*n + orange*m)*tax" --at tax=1.08 --data orders.csv --out bills.parquet
      add the value and its partials to every row of a table
  graphgrad "sum(apple*n)*tax" --at tax=1.08 --data orders.csv
"""

TABLE_OPTIONS: Final[dict[tuple[str, ...], dict[str, Any]]] = {
    ("--data",): {
        "metavar": "FILE",
        "help": "compute for each row of a table: FILE.csv, .tsv, .parquet, .arrow or .feather; - is CSV from standard "
        "input. The names in the expression are its columns, and --at gives values for what it lacks. A folder or a "
        "glob means all of its tables, and URLs such as s3://bucket/orders.parquet go through fsspec",
    },
    ("--out",): {
        "metavar": "FILE",
        "help": "write the table with columns for the value and each derivative; - is CSV to standard output. Without "
        "it, for --summary or an expression with sums over the rows, such as sum(apple*n), nothing is written",
    },
    ("--force",): {
        "action": "store_true",
        "help": "replace the file that --out names, if it exists; of a folder, all tables are computed anew",
    },
    ("--dask",): {
        "metavar": "ADDRESS",
        "help": "compute the tables of a folder or a glob on a Dask cluster: tcp://scheduler:8786, or local for a "
        "process on each core of this machine",
    },
    ("--where",): {
        "action": "append",
        "metavar": "CONDITION",
        "help": "leave out the rows where this is 0, nan or null: 'n > 0', or '(n > 0)*(m < 5)' for both",
    },
    ("--keep",): {
        "metavar": "COLUMNS",
        "help": "write these columns of the table before the new ones (default: all); '' writes the new ones alone",
    },
    ("--value-name",): {"metavar": "NAME", "help": "the column of the value (default: value)"},
    ("--error-name",): {"metavar": "NAME", "help": "the column of the value's error, with --error (default: error)"},
    ("--partial-prefix",): {
        "metavar": "TEXT",
        "help": "what stands before an input's name in the name of its column (default: ∂)",
    },
    ("--strict",): {
        "action": "store_true",
        "help": "end with an error at the first null, text that is no number, or result that is not finite; else such "
        "rows have null or infinite results, and are counted",
    },
    ("--summary",): {
        "action": "store_true",
        "help": "say what drives the value over the rows: for each input its mean, the mean derivative, the percent "
        "per percent, and its share in the variance; with -o FILE it is drawn, at the means of the inputs",
    },
    ("--check-rows",): {"type": int, "metavar": "COUNT", "help": "how many rows to check (default: 8)"},
}
"""The options that need a table; argparse sets them to None or False where they are not given."""

WITH_A_TABLE: Final = frozenset(
    {"expression", "plugin", "file", "source_dialect", "wrt", "at", "error", "check", "json"}
)
"""The other options that go with a table."""

OF_PICTURES: Final = frozenset(
    {"output", "frames", "steps", "passes", "fold", "local", "theme", "scheme", "dpi", "expand"}
    | {"direction", "nary", "width"}
)
"""The options of pictures, which go with a summary: the picture shows both passes at the means."""

WITH_A_QUERY: Final = frozenset({"keep", "value_name", "partial_prefix"})
"""The options of a table that go with --sql, too."""
