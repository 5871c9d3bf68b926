"""Elements of HTML and SVG, made so that no text can become one.

Law: what is not Markup is text: harmless first, then escaped. Only element() and `together` make
Markup.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from lab.report.escapes import harmless

_VOID = {"meta", "input", "br", "rect", "circle", "path", "line"}


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Child = str | None
Value = str | int | float | bool | None


def element(name: str, /, *children: Child, **attributes: Value) -> Markup:
    """`element("td", "a<b", class_="x")`; an attribute that is None or False is left out."""
    head = name + "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID and not children:
        return Markup(f"<{head}/>")
    return Markup(f"<{head}>{together(children)}</{name}>")


def together(children: Iterable[Child]) -> Markup:
    """One after another."""
    return Markup("".join(map(_child, children)))


def _child(child: Child) -> str:
    if child is None:
        return ""
    return child if isinstance(child, Markup) else escape(harmless(child), quote=False)


def _attribute(key: str, value: Value) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{_value(value)}"'


def _value(value: Value) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return escape(" ".join(harmless(str(value)).split()))
