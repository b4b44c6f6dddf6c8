"""Define what a picture shows, before it has a layout."""

__all__: list[str] = []
