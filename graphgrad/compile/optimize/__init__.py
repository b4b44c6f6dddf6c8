"""Rewrite a tape so that fewer operations are left."""

__all__: list[str] = []
