"""Extensions for Sphinx, Markdown and notebooks, and a command for pictures committed beside Markdown files."""

__all__: list[str] = []
