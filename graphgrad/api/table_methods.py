"""Define the method of `Graph` that works on tables in files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphgrad.base.arguments import path_of, text_of
from graphgrad.base.options import options_from

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Unpack

    from graphgrad.graph.data import GraphData
    from graphgrad.tables.options import TableKeywords
    from graphgrad.tables.report import TableReport

__all__ = ["TableMethods"]


class TableMethods:
    """What a graph does with a table in a file."""

    data: GraphData

    def map_file(
        self,
        data: str | Path,
        out: str | Path | None = None,
        *,
        force: bool = False,
        dask: str | None = None,
        **options: Unpack[TableKeywords],
    ) -> TableReport:
        r"""Write a table with the value and a partial for each input added to every row.

        The inputs are columns of the table `data`; `at` gives values for what the table lacks. The formats of both
        files are CSV, Parquet and Arrow, by their suffixes, and "-" is standard input or output. Rows are read and
        written in batches. `out` appears when it is complete; an existing file is replaced with `force=True` only.

        `data` may also be a folder or a glob of tables, and `out` is then a folder, in which each gets a file of its
        name. What is finished when a run is ended is kept by the next one. `dask` is the address of a Dask scheduler
        whose workers compute the files, or "local". Both may be URLs, such as "s3://bucket/orders", for fsspec.

        `wrt` names the inputs to differentiate by, all by default. The new columns are `value` and `∂x` for each input
        x; `value_name` and `partial_prefix` change that. `keep` names the table's columns that are written before them,
        all by default. `where` is a condition, such as "n > 0": rows where it is 0, nan or null are left out.
        `error` gives standard deviations of inputs, such as `{"apple": 2, "n": "±5%", "m": "σ_m"}`, the last one a
        formula of columns: a column `error`, or `error_name`, then has that of the value, to first order.

        A row has null results where an input is null or a text that is no number; the report counts them, and with
        `strict=True` such a row, and one whose result is not finite, is an error. `check` is how many rows, spread over
        the table, are checked against sympy; 0 checks nothing. With `summary=True` the report says what drives the
        value; then `out` may be left out. So it must be for a formula with sums over the rows, such as
        `sum(apple*n*tax)`: the report has its value, and its gradient by constants.

        Raises `UnknownNameError` for a column that the table lacks, `FileError` where a file cannot be read or written,
        and `GraphgradError` for a wrong option, a column that holds no numbers, and a new column with the name of
        another one.

        >>> from pathlib import Path
        >>> from tempfile import mkdtemp
        >>> from graphgrad import parse
        >>> folder = Path(mkdtemp())
        >>> _ = (folder / "orders.csv").write_text("apple,n\n100,2\n200,3\n")
        >>> report = parse("apple*n*tax").map_file(folder / "orders.csv", folder / "bills.csv", at={"tax": 1.5})
        >>> print((folder / "bills.csv").read_text().strip())
        apple,n,value,∂apple,∂n,∂tax
        100,2,300,3,150,200
        200,3,900,4.5,300,600
        >>> parse("sum(apple*n*tax)").map_file(folder / "orders.csv", at={"tax": 1.5}).grad
        {'tax': 800.0}
        """
        from graphgrad.tables.installed import refuse_without_pyarrow

        refuse_without_pyarrow()
        from graphgrad.tables.map_files import map_data
        from graphgrad.tables.options import TableOptions, task_of
        from graphgrad.tables.reporting import report_of

        for path in (data, *([] if out is None else [out])):
            path_of(path, "the file of a table")
        task = task_of(self.data, options_from(TableOptions, options))
        outcome = map_data(task, data, out, dask=dask if dask is None else text_of(dask, "dask"), force=force)
        return report_of(task, outcome.tally, outcome.notes)
