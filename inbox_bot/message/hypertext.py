"""HTML to the text a reader sees, with quotations marked as plain mail marks them (``> ``, ``-----Original Message-----``).

Only what says of itself that it is a quotation is marked: an indented paragraph of a person's own words is not lost.
"""

import re
from collections.abc import Iterator
from html import unescape

from selectolax.lexbor import LexborHTMLParser, LexborNode

from inbox_bot.message.hidden import Sizes, is_shown

SEPARATOR = "-----Original Message-----"
"""The line put where a mail program begins the older mail without a quotation mark of its own."""

_MOST_TAGS = 15_000
"""Above this many tags the tree is not built: deep nesting costs the parser quadratic time (100,000 divs: 28 s)."""

_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "center", "dd", "div", "dl", "dt", "fieldset", "figure"}
    | {"footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre"}
    | {"section", "table", "tr", "ul"}
)
_SPACED = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "blockquote", "pre"})
_BORDER_TOP = re.compile(r"border-top\s*:\s*solid", re.IGNORECASE)
_BORDER_LEFT = re.compile(r"border-left(?:-style|-width)?\s*:(?!\s*(?:none|0))", re.IGNORECASE)
_QUOTING_CLASS = re.compile(
    r"\b(?:gmail_quote|gmail_attr|moz-cite-prefix|yahoo_quoted|yahoo_quote|protonmail_quote|tutanota_quote)\b"
)
_FORWARD_CLASS = re.compile(r"\b(?:moz-forward-container|moz-email-headers-table)\b")
_REPLY_IDS = frozenset({"divrplyfwdmsg", "mail-editor-reference-message-container", "zwchr", "x_divrplyfwdmsg"})
_HEADER_LINE = re.compile(r"\s*\S{1,12}(?:\s\S{1,10})?\s*:\s*$")
_DASHED = re.compile(r"\s*-{5,}")
_BLANKS = re.compile(r"[ \t\n\r\f]+")
_TAG = re.compile(r"<(/?[a-zA-Z][a-zA-Z0-9]*|!)[^<>]*>")


def to_text(html: str) -> str:
    """Return what a reader of the HTML sees, a line for each block; never raises, takes time linear in its length."""
    if html.count("<") > _MOST_TAGS:
        return _without_tags(html)
    page = _Page(has_sizes="font-size" in html.lower())
    for node, entering in _walk(LexborHTMLParser(html).root):
        if entering:
            page.enter(node)
        else:
            page.leave(node)
    return page.text()


def _walk(root: LexborNode | None) -> Iterator[tuple[LexborNode, bool]]:
    """Yield each shown node when it is entered and when it is left, without recursion."""
    node = root
    while node is not None:
        shown = is_shown(node)
        if shown:
            yield node, True
            if node.child is not None:
                node = node.child
                continue
            yield node, False
        while node.next is None:
            node = node.parent
            if node is None or node.is_document_node:
                return
            yield node, False
        node = node.next


class _Page:
    """The text as it grows: finished lines, the line being written, and how deep in quotations it stands."""

    def __init__(self, *, has_sizes: bool) -> None:
        self._sizes = Sizes() if has_sizes else None
        self._lines: list[str] = []
        self._line: list[str] = []
        self._quotes: list[int] = []
        self._preformatted = 0

    def enter(self, node: LexborNode) -> None:
        tag = node.tag
        if node.is_text_node:
            if self._sizes is None or self._sizes.can_be_seen:
                self._write(node.text_content or "")
            return
        if self._sizes is not None:
            self._sizes.enter(node)
        self._open(node, tag)

    def _open(self, node: LexborNode, tag: str | None) -> None:
        if tag == "br":
            self._end_line(always=True)
        elif tag in {"td", "th"}:
            self._line.append(" ")
        elif tag in _BLOCKS:
            self._end_line()
            if tag in _SPACED and not _is_tight(node):
                self._gap()
        if tag == "pre":
            self._preformatted += 1
        if _begins_older_mail(node):
            self._end_line()
            self._lines.append("> " * len(self._quotes) + SEPARATOR)
        if _is_quotation(node):
            self._end_line()
            self._quotes.append(node.mem_id)
        if tag == "li":
            self._line.append("- ")

    def leave(self, node: LexborNode) -> None:
        tag = node.tag
        if tag in _BLOCKS or (self._quotes and self._quotes[-1] == node.mem_id):
            self._end_line()
        if tag == "pre":
            self._preformatted -= 1
        if self._quotes and self._quotes[-1] == node.mem_id:
            self._quotes.pop()
        if self._sizes is not None:
            self._sizes.leave(node)
        if tag in _SPACED and not _is_tight(node):
            self._gap()

    def text(self) -> str:
        """Return what was written, without blank lines at either end."""
        self._end_line()
        return "\n".join(self._lines).strip("\n")

    def _write(self, content: str) -> None:
        if self._preformatted:
            first, *rest = content.split("\n")
            self._line.append(first)
            for line in rest:
                self._end_line(always=True)
                self._line.append(line)
        else:
            self._line.append(_BLANKS.sub(" ", content))

    def _end_line(self, *, always: bool = False) -> None:
        line = "".join(self._line)
        self._line.clear()
        if not self._preformatted:
            # "-- " alone is a signature mark (RFC 3676, 4.3): its blank is content.
            line = "-- " if line.strip() == "--" else _BLANKS.sub(" ", line).strip()
        if line or always:
            self._lines.append("> " * len(self._quotes) + line if self._quotes else line)

    def _gap(self) -> None:
        mark = ("> " * len(self._quotes)).rstrip()
        if self._lines and self._lines[-1].rstrip() not in {"", mark}:
            self._lines.append(mark)


def _is_tight(node: LexborNode) -> bool:
    """True for Outlook's paragraphs, which are lines."""
    return node.tag == "p" and "MsoNormal" in (node.attributes.get("class") or "")


def _is_quotation(node: LexborNode) -> bool:
    """True where the mail program itself marks a quotation, or the attribution above one."""
    attributes = node.attributes
    if not attributes:
        return False
    name = attributes.get("class") or ""
    if node.tag == "blockquote":
        style = attributes.get("style") or ""
        return bool(
            (attributes.get("type") or "").lower() == "cite"
            or "cite" in attributes
            or _QUOTING_CLASS.search(name)
            or _BORDER_LEFT.search(style)
        )
    match = _QUOTING_CLASS.search(name)
    # In Gmail the div of class gmail_quote also holds answers typed between the quotations, and forwarded mail.
    return match is not None and match[0] != "gmail_quote" and not _is_forward_heading(node)


def _is_forward_heading(node: LexborNode) -> bool:
    return bool(_DASHED.match("".join(text for _, text in _first_texts(node))))


def _begins_older_mail(node: LexborNode) -> bool:
    """True for the elements with which Outlook, Zimbra and Thunderbird begin the mail answered or forwarded."""
    if node.tag not in {"div", "hr", "table"}:
        return False
    attributes = node.attributes
    if not attributes:
        return False
    if (attributes.get("id") or "").lower() in _REPLY_IDS:
        return True
    name = attributes.get("class") or ""
    if _FORWARD_CLASS.search(name):
        return "moz-email-headers-table" in name
    if "gmail_attr" in name:
        return _is_forward_heading(node)
    return bool(_BORDER_TOP.search(attributes.get("style") or "")) and _starts_with_header(node)


def _starts_with_header(node: LexborNode) -> bool:
    """True if three of the element's first words are bold and end in a colon: From, Sent, To."""
    return sum(bold and bool(_HEADER_LINE.match(text)) for bold, text in _first_texts(node)) >= 3


def _first_texts(node: LexborNode) -> Iterator[tuple[bool, str]]:
    """Yield the element's first texts, and whether each is bold; looks at 60 nodes at most, for elements may nest."""
    waiting = [(node.child, False)]
    for _ in range(60):
        if not waiting:
            return
        at, bold = waiting.pop()
        if at is None:
            continue
        waiting.append((at.next, bold))
        if at.is_text_node:
            yield bold, (at.text_content or "")[:80]
        else:
            waiting.append((at.child, bold or at.tag in {"b", "strong"}))


def _without_tags(html: str) -> str:
    """Return the text of HTML too large to build a tree of: a line for each tag that starts one, quotations unmarked."""
    lines: list[str] = [""]
    end, skipped = 0, ""
    for tag in _TAG.finditer(html):
        name = tag[1].lower()
        if not skipped:
            lines[-1] += html[end : tag.start()]
        end = tag.end()
        if name == f"/{skipped}":
            skipped = ""
        elif not skipped and name in {"style", "script", "title"}:
            skipped = name
        elif not skipped and (name.lstrip("/") in _BLOCKS or name == "br"):
            lines.append("")
        elif not skipped:
            lines[-1] += " "
    lines[-1] += "" if skipped else html[end:]
    readable = (_BLANKS.sub(" ", unescape(line)).strip() for line in lines)
    return "\n".join(line for line in readable if line)
