"""What a picture shows, without places."""

__all__: list[str] = []
