"""What of HTML no reader sees: hidden by its element, an attribute, a style, or letters without size."""

import re

from selectolax.lexbor import LexborNode

_SKIPPED = frozenset({"head", "script", "style", "title", "template", "noscript", "object", "svg", "select"})
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all|(?<![\w-])(?:opacity\s*:\s*0+(?:\.0*)?(?![\d.])"
    r"|color\s*:\s*transparent|(?:left|top|text-indent)\s*:\s*-\d{3,})",
    re.IGNORECASE,
)
_NO_ROOM = re.compile(r"(?<![\w-])(?:max-)?(?:height|width)\s*:\s*0(?:px|pt|em|%)?\s*(?:[;!]|$)", re.IGNORECASE)
_CUT_OFF = re.compile(r"overflow(?:-[xy])?\s*:\s*(?:hidden|clip)", re.IGNORECASE)
_FONT_SIZE = re.compile(
    r"(?<![\w-])font-size\s*:\s*(?:(\d{1,4}(?:\.\d{0,4})?|\.\d{1,4})\s*(px|pt|em|rem|%)?|[a-z-])", re.IGNORECASE
)


def is_shown(node: LexborNode) -> bool:
    """Return whether a reader sees an element, as far as it tells by itself."""
    if node.is_text_node:
        return True
    # Only an element has attributes: asked for those of a processing instruction (<?a b?>), the parser written in C reads
    # memory that is not there, and the process ends.
    if not node.is_element_node or node.tag in _SKIPPED:
        return False
    attributes = node.attributes
    if not attributes:
        return True
    style = attributes.get("style") or ""
    if "hidden" in attributes or _HIDDEN.search(style):
        return False
    return not (_NO_ROOM.search(style) and _CUT_OFF.search(style))


class Sizes:
    """The sizes of letters that are set as one walks down: newsletters make all of them 0, and give those they show a size again."""

    def __init__(self) -> None:
        self._set: list[tuple[int, bool]] = []

    @property
    def can_be_seen(self) -> bool:
        """Whether letters have a size at this place."""
        return not self._set or self._set[-1][1]

    def enter(self, node: LexborNode) -> None:
        """Note the size an element sets, if any. The last of several counts."""
        sizes = _FONT_SIZE.findall((node.attributes.get("style") or "")[:2_000])
        if not sizes:
            return
        number, unit = sizes[-1]
        is_seen = not number or float(number) > (1 if unit.lower() in {"px", "pt"} else 0)
        if unit.lower() in {"em", "%"}:
            is_seen = is_seen and self.can_be_seen
        self._set.append((node.mem_id, is_seen))

    def leave(self, node: LexborNode) -> None:
        """Forget the size an element set."""
        if self._set and self._set[-1][0] == node.mem_id:
            self._set.pop()
