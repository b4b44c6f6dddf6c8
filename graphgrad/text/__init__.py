"""Text to statements: tokens, vocabulary, the parser."""

from typing import TYPE_CHECKING

from graphgrad.base.lazy_face import lazy_face

if TYPE_CHECKING:
    from graphgrad.text.handlers import MAX_ARGUMENTS as MAX_ARGUMENTS
    from graphgrad.text.parser import parse as parse
    from graphgrad.text.tokens import MAX_LITERAL_DIGITS as MAX_LITERAL_DIGITS
else:
    __getattr__, __dir__ = lazy_face(__name__)
