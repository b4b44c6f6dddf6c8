"""graphgrad in other people's tools: Sphinx, Markdown, notebooks, and pictures committed beside their source."""

__all__: list[str] = []
