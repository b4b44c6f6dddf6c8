"""The formats that a picture is written in."""

__all__: list[str] = []
