"""The words a reader of a letter's HTML sees."""

from html.parser import HTMLParser

_INLINE = frozenset({"a", "b", "em", "i", "small", "span", "strong"})


def visible(source: str) -> str:
    """Return the words of an HTML letter, each block on lines of its own."""
    reader = _Reader()
    reader.feed(source)
    reader.close()
    return "".join(reader.parts)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._in_head = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  # the parser's own signature
        self._in_head = self._in_head or tag == "head"
        self._part(tag)

    def handle_endtag(self, tag: str) -> None:
        self._in_head = self._in_head and tag != "head"
        self._part(tag)

    def handle_data(self, data: str) -> None:
        if not self._in_head:
            self.parts.append(data)

    def _part(self, tag: str) -> None:
        if tag not in _INLINE:
            self.parts.append("\n")
