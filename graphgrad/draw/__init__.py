"""Draw graphs: view, scene, layout, then SVG, PNG, PDF, DOT, Mermaid, TikZ, HTML, or a tree for a terminal."""

from typing import TYPE_CHECKING

from graphgrad.base.lazy_face import lazy_face

if TYPE_CHECKING:
    from graphgrad.draw.formats.dot import dot as dot
    from graphgrad.draw.formats.mermaid import escaped as escaped
    from graphgrad.draw.formats.tree import MAX_LINES as MAX_LINES
    from graphgrad.draw.formats.tree import tree as tree
    from graphgrad.draw.layout.drawing import Drawing as Drawing
    from graphgrad.draw.layout.engine import EMBEDDED as EMBEDDED
    from graphgrad.draw.layout.engine import SYSTEM as SYSTEM
    from graphgrad.draw.layout.engine import find as find
    from graphgrad.draw.layout.layout import Layout as Layout
    from graphgrad.draw.layout.layout import Path as Path
    from graphgrad.draw.layout.layout import Point as Point
    from graphgrad.draw.layout.layout import beside as beside
    from graphgrad.draw.layout.layout import parse_layout as parse_layout
    from graphgrad.draw.layout.layout import shortened as shortened
    from graphgrad.draw.layout.plan import plan as plan
    from graphgrad.draw.layout.sizes import label_size as label_size
    from graphgrad.draw.layout.sizes import measured as measured
    from graphgrad.draw.layout.text_width import text_width as text_width
    from graphgrad.draw.layout.tree_layout import tidied as tidied
    from graphgrad.draw.options import FrameKeywords as FrameKeywords
    from graphgrad.draw.options import FrameOptions as FrameOptions
    from graphgrad.draw.options import PictureKeywords as PictureKeywords
    from graphgrad.draw.options import PictureOptions as PictureOptions
    from graphgrad.draw.page.program import lesson as lesson
    from graphgrad.draw.scene.model import Arrow as Arrow
    from graphgrad.draw.scene.model import Scene as Scene
    from graphgrad.draw.scene.outline import MAX_NODES_OPEN as MAX_NODES_OPEN
    from graphgrad.draw.scene.outline import Outline as Outline
    from graphgrad.draw.scene.outline import outlined as outlined
    from graphgrad.draw.scene.schedule import schedule as schedule
    from graphgrad.draw.theme import MINIMAL as MINIMAL
    from graphgrad.draw.theme import RECORD as RECORD
    from graphgrad.draw.theme import TEXTBOOK as TEXTBOOK
    from graphgrad.draw.theme import THEMES as THEMES
    from graphgrad.draw.theme import Theme as Theme
    from graphgrad.draw.view import View as View
    from graphgrad.draw.view import view_of as view_of
    from graphgrad.draw.words import EngineName as EngineName
    from graphgrad.draw.words import Pass as Pass
    from graphgrad.draw.words import ThemeName as ThemeName
else:
    __getattr__, __dir__ = lazy_face(__name__)
