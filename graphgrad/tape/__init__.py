"""The tape: a graph as a list of steps, its two sweeps, and the derivative written on a tape."""

from typing import TYPE_CHECKING

from graphgrad.base.lazy_face import lazy_face

if TYPE_CHECKING:
    from graphgrad.tape.derivative_writer import Flow as Flow
    from graphgrad.tape.gradient import differentiated as differentiated
    from graphgrad.tape.sweeps import forward as forward
    from graphgrad.tape.tape import Tape as Tape
    from graphgrad.tape.tape import lower as lower
    from graphgrad.tape.transcript import Transcript as Transcript
    from graphgrad.tape.writer import Writer as Writer
else:
    __getattr__, __dir__ = lazy_face(__name__)
