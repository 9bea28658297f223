"""What mail programs do not render, or render so that nobody can read it: Outlook (Word), Gmail, Apple Mail, by day and night.

Rules from what caniemail.com and Microsoft's and Google's own lists say: layout by tables, style on the element itself, a style
block for the dark alone, no picture, nothing fetched from elsewhere, and under the 102 kB at which Gmail cuts a mail off.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

GMAIL_CUTS_AT = 102 * 1024
NARROWEST, WIDEST = 320, 600

_TAGS = {"html", "head", "meta", "title", "style", "body", "table", "tr", "td", "p", "h2", "strong", "a", "br", "ul", "li", "span"}  # fmt: skip
_VOID = {"meta", "br", "img", "link", "input", "hr"}
_PROPERTIES = {
    "margin", "margin-top", "padding", "padding-top", "padding-left", "border-left", "border-top", "border-bottom", "border-radius",
    "background", "color", "font-family", "font-size", "font-weight", "line-height", "width", "max-width", "height", "text-decoration",
    "word-break", "white-space", "letter-spacing", "display", "mso-padding-alt",
}  # fmt: skip
_UNKNOWN_TO_THEM = re.compile(
    r"url\(|calc\(|var\(|flex|grid|position|float|\d(?:rem|em|vw|vh)\b|rgba?\(|hsla?\(", re.IGNORECASE
)
_HEX = re.compile(r"#[0-9a-f]{6}")
_LARGE = 19  # bold, in pixels: 14 points (WCAG 2.2, 1.4.3)


@dataclass
class _Element:
    tag: str
    given: dict[str, str]
    style: dict[str, str] = field(default_factory=dict)
    light: tuple[str, str] = ("#000000", "#ffffff")
    dark: tuple[str, str] = ("#000000", "#ffffff")
    size: float = 16
    bold: bool = False


class _Reader(HTMLParser):
    """Walks a mail with the colours each word has, by day and by night."""

    def __init__(self, night: list[tuple[list[str], dict[str, str]]]) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[_Element] = []
        self._night = night

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        style = dict(_declarations(given.get("style", "")))
        above = self._open[-1] if self._open else _Element(tag="", given={})
        one = _Element(tag=tag, given=given, style=style, size=above.size, bold=above.bold or tag in {"strong", "h2"})
        self._open.append(one)
        self._check(one)
        size = style.get("font-size", "")
        one.size = float(size.removesuffix("px")) if size.endswith("px") else one.size
        one.bold = one.bold or style.get("font-weight") == "bold"
        one.light = (style.get("color", above.light[0]), style.get("background", above.light[1]))
        own = self._by_night()
        one.dark = (
            own.get("color", style.get("color", above.dark[0])),
            own.get("background", style.get("background", above.dark[1])),
        )
        if tag in _VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop().tag != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not data.strip() or not self._open or any(one.tag == "head" for one in self._open):
            return
        one = self._open[-1]
        if not data.strip("\xa0 \n"):
            return
        if max(map(len, data.split())) > 36 and not any(one.style.get("word-break") for one in self._open):
            self.found.append("a word is so long that a phone must be scrolled sideways")
        least = 3.0 if one.bold and one.size >= _LARGE else 4.5
        for when, (ink, paper) in (("day", one.light), ("night", one.dark)):
            seen = contrast(ink, paper)
            if seen < least:
                self.found.append(f"by {when} {data.strip()[:30]!r} is {ink} on {paper}: {seen:.1f} to 1")
        if one.size < 14:
            self.found.append(f"{data.strip()[:30]!r} is smaller than 14 px")

    def _by_night(self) -> dict[str, str]:
        own: dict[str, str] = {}
        for selectors, said in sorted(self._night, key=lambda rule: len(rule[0])):
            if self._fits(selectors):
                own |= said
        return own

    def _fits(self, selectors: list[str]) -> bool:
        *outer, last = selectors
        chain = list(self._open)
        if not _is(chain.pop(), last):
            return False
        for selector in reversed(outer):
            while chain and not _is(chain[-1], selector):
                chain.pop()
            if not chain:
                return False
        return True

    def _check(self, one: _Element) -> None:
        tag, given, style = one.tag, one.given, one.style
        say = self.found.append
        if tag not in _TAGS:
            say(f"<{tag}> is not for mail")
        if tag == "img" and "alt" not in given:
            say("<img> has no alt")
        if {"src", "srcset", "background"} & given.keys() or any(name.startswith("on") for name in given):
            say(f"<{tag}> fetches or runs something")
        for name, value in style.items():
            if name not in _PROPERTIES or _UNKNOWN_TO_THEM.search(f"{name}:{value}"):
                say(f"{name}: {value} is not for mail")
        if style.get("display", "inline-block") != "inline-block":
            say("display is not for mail")
        if tag in {"td", "table"}:
            if style.get("background", "") != given.get("bgcolor", ""):
                say(
                    f"<{tag}> has background {style.get('background')} and bgcolor {given.get('bgcolor')}: Outlook takes the second"
                )
            width = given.get("width", "")
            if (width.isdigit() and int(width) > WIDEST) or style.get("min-width"):
                say(f"<{tag}> is {width} pixels wide")
        if tag == "table" and (given.get("role") != "presentation" or given.get("cellspacing") != "0"):
            say("a table that is no table needs role=presentation, and cellspacing=0 for Outlook")
        if tag == "html" and not given.get("lang"):
            say("<html> has no lang")
        if tag == "a" and not given.get("href", "").startswith(("https://", "http://", "mailto:")):
            say(f"a link leads to {given.get('href')!r}")
        if tag == "a" and not _HEX.fullmatch(style.get("color", "")):
            say("a link has no colour of its own: mail programs make it blue on anything")


def faults(source: str) -> list[str]:
    """Return what is wrong with a mail's HTML, a sentence each."""
    night = _night(source)
    reader = _Reader(night)
    reader.feed(source)
    found = list(dict.fromkeys(reader.found))
    needed = ('<meta charset="utf-8">', 'name="viewport"', 'content="light dark"', "<title>", "<!--[if mso]>")
    found += [f"{part} is missing" for part in needed if part not in source]
    if source.count("<style") > 1 or re.search(r"@import|@font-face|<link\b|<script\b", source):
        found.append("more than the one style block for the dark, or something fetched")
    block = source.partition("<style>")[2].partition("</style>")[0]
    outside = re.sub(r"@media \(prefers-color-scheme: dark\) \{.*?\n\}", "", block, flags=re.DOTALL)
    rules = [rule.strip() for rule in re.findall(r"([^{}]+)\{", outside)]
    if any(not rule.startswith((":root", "[data-ogsc]", "[data-ogsb]")) for rule in rules):
        found.append(f"the style block does more than colour the dark: {rules}")
    if len(source.encode()) > GMAIL_CUTS_AT:
        found.append(f"{len(source.encode())} bytes: Gmail cuts it off")
    return found


def contrast(ink: str, paper: str) -> float:
    """Return how well one colour is read on another (WCAG 2.2, relative luminance)."""
    lights = sorted((_luminance(ink), _luminance(paper)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _declarations(style: str) -> list[tuple[str, str]]:
    pairs = [part.partition(":") for part in style.split(";") if part.strip()]
    return [(name.strip(), value.replace("!important", "").strip()) for name, _, value in pairs]


def _night(source: str) -> list[tuple[list[str], dict[str, str]]]:
    block = re.search(r"@media \(prefers-color-scheme: dark\) \{(.*?)\n\}", source, re.DOTALL)
    rules = re.findall(r"([^{}]+)\{([^{}]*)\}", block[1] if block else "")
    return [(selector.split(), dict(_declarations(said))) for selector, said in rules]


def _is(one: _Element, selector: str) -> bool:
    if selector.startswith("."):
        return selector[1:] in one.given.get("class", "").split()
    return one.tag == selector
