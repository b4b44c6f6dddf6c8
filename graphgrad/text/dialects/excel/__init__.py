"""The dialect of Excel and LibreOffice Calc: formulas whose names are cells, alone or in a workbook."""

__all__: list[str] = []
