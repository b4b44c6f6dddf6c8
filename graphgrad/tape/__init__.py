"""A graph as a list of steps (the tape), its two sweeps, and derivatives written on a tape."""

from typing import TYPE_CHECKING

from graphgrad.base.lazy_face import lazy_face

if TYPE_CHECKING:
    from graphgrad.tape.derivative_writer import DerivativeWriter as DerivativeWriter
    from graphgrad.tape.gradient import differentiated as differentiated
    from graphgrad.tape.sweeps import forward as forward
    from graphgrad.tape.tape import Tape as Tape
    from graphgrad.tape.tape import lower as lower
    from graphgrad.tape.transcript import Transcript as Transcript
    from graphgrad.tape.writer import Writer as Writer
else:
    __getattr__, __dir__ = lazy_face(__name__)
