"""Reads pictures back, for the tests that look at them."""

from __future__ import annotations

from collections import Counter
from xml.etree import ElementTree as ET

__all__ = ["SVG", "classes", "read", "texts"]

SVG = "{http://www.w3.org/2000/svg}"


def read(svg: str) -> ET.Element:
    """Return a picture's root element."""
    return ET.fromstring(svg)


def texts(svg: str) -> list[str]:
    """Return all texts of a picture, in order."""
    return [element.text or "" for element in read(svg).iter(f"{SVG}text")]


def classes(svg: str) -> Counter[str]:
    """Return how many boxes and arrows of each kind a picture has."""
    return Counter(element.attrib.get("class", "") for element in read(svg).iter(f"{SVG}g"))
