"""The command line: read the options, run, print the answer."""

from typing import TYPE_CHECKING

from graphgrad.base.lazy_face import lazy_face

if TYPE_CHECKING:
    from graphgrad.cli.answer import answer_json as answer_json
    from graphgrad.cli.command import main as main
    from graphgrad.cli.options import OPTIONS as OPTIONS
else:
    __getattr__, __dir__ = lazy_face(__name__)
