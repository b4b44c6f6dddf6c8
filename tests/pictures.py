"""Reads pictures back, for the tests that look at them."""

from __future__ import annotations

import subprocess
from collections import Counter
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from graphgrad.draw import PictureOptions, find, view_of
from graphgrad.draw.scene.scene import scene

if TYPE_CHECKING:
    from typing import Unpack

    import graphgrad as gg
    from graphgrad.draw import PictureKeywords, Scene

__all__ = ["SVG", "classes", "drawn_by_graphviz", "read", "shown_by", "texts"]

SVG = "{http://www.w3.org/2000/svg}"


def shown_by(result: gg.Backprop[Any], **options: Unpack[PictureKeywords]) -> Scene:
    """Return what a picture of both passes shows."""
    return scene(view_of(result.passes), PictureOptions(**options))


def read(svg: str) -> ET.Element:
    """Return a picture's root element."""
    return ET.fromstring(svg)


def drawn_by_graphviz(source: str) -> str:
    """Return a DOT source drawn as SVG by the embedded engine itself."""
    _, path = find("embedded")
    done = subprocess.run([path, "-Tsvg"], input=source.encode(), capture_output=True, check=True)
    return done.stdout.decode()


def texts(svg: str) -> list[str]:
    """Return all texts of a picture, in order."""
    return ["".join(element.itertext()) for element in read(svg).iter(f"{SVG}text")]


def classes(svg: str) -> Counter[str]:
    """Return how many boxes and arrows of each kind a picture has, lit, shaded, or not."""
    kinds = (element.attrib.get("class", "").split() for element in read(svg).iter(f"{SVG}g"))
    return Counter(kind[0].removeprefix("gg-") if kind else "" for kind in kinds)
