"""Leaves out of a page what its reader may not do: forms, buttons and links whose route needs more.

One pass over the finished page, from the table that also guards the doors: no template can show a button that is refused, and
none has to ask. What is there to be read stays. A page whose words should differ asks ``visit.may("approve")``.
"""

from collections.abc import Iterator
from functools import cache
from re import Pattern
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode
from starlette.routing import compile_path

from inbox_bot.domain.staff import Role
from inbox_bot.web.needs import NEEDS, Need

_GONE = "data-gone"
_TO_READ = ".letter, iframe, dl, .said"
_TO_FILL_IN = ".field, fieldset, .choices, label, input, select, textarea, button, .hint"
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def hide(html: str, role: Role, prefix: str) -> str:
    """Return the page as a role may see it. ``prefix``: what stands before every path of this site."""
    page = LexborHTMLParser(html)
    for form in page.css("form"):
        _form(page, form, role, prefix)
    for link in page.css("a[href]"):
        if _closed(role, "GET", _local(link.attributes.get("href"), prefix)) is not None:
            _unlink(link)
    # Backwards: what lies inside another goes before it.
    for gone in reversed(page.css(f"[{_GONE}]")):
        gone.decompose()
    for section in page.css("section[aria-labelledby]"):
        _unname(page, section)
    return page.html or ""


def _form(page: LexborHTMLParser, form: LexborNode, role: Role, prefix: str) -> None:
    method = (form.attributes.get("method") or "get").upper()
    need = _closed(role, method, _local(form.attributes.get("action"), prefix))
    if need is None:
        return
    usual = next((one.attributes.get("value") or "" for one in form.css("input[name=do]")), "")
    buttons = [*form.css("button"), *_outside(page, form)]
    for button in buttons:
        value = button.attributes.get("value") if button.attributes.get("name") == "do" else usual
        if method == "GET" or not role.covers(need.role_for(value or "")):
            _take(button, form)
    if not any(map(_stays, buttons)):
        _strip(form)


def _unname(page: LexborHTMLParser, section: LexborNode) -> None:
    """Take out a section that is empty now; one that has lost its heading alone has no name any more."""
    if page.css_first(f'[id="{section.attributes["aria-labelledby"]}"]') is not None:
        return
    if section.text().strip():
        del section.attrs["aria-labelledby"]
    else:
        section.decompose()


def _outside(page: LexborHTMLParser, form: LexborNode) -> Iterator[LexborNode]:
    """Yield the buttons that stand elsewhere on the page and belong to a form by its id."""
    name = form.attributes.get("id")
    yield from (one for one in page.css("button[form]") if name and one.attributes.get("form") == name)


def _take(button: LexborNode, form: LexborNode) -> None:
    """Mark a button, and what is only there for it: the row or the fold it stands in, the fields beside it."""
    _mark(button)
    node = button.parent
    while node is not None and node.mem_id != form.mem_id and not any(map(_stays, node.css("button"))):
        if node.tag == "details" or "choices" in _classes(node):
            _mark(node)
        else:
            for field in node.css(".field"):
                _mark(field)
        node = node.parent


def _strip(form: LexborNode) -> None:
    """Mark a form nobody can send; what there is to read in it stays."""
    if not form.css(_TO_READ):
        _mark(form)
        _close(form)
        return
    for part in form.css(_TO_FILL_IN):
        _mark(part)
    for fold in form.css("details"):
        if not fold.css(_TO_READ):
            _mark(fold)


def _close(node: LexborNode) -> None:
    """Mark what is empty now that a part of it is gone: the fold around it, the heading above it with its lines."""
    fold = node.parent
    if fold is not None and "card" in _classes(fold):
        return  # A card says what it is about also where nothing can be done with it.
    if fold is not None and fold.tag == "details" and not any(_stays(one) for one in fold.css("form, a, iframe")):
        _mark(fold)
        node = fold
        if node.parent is not None and "card" in _classes(node.parent):
            return
    heading = next((one for one in _siblings(node, back=True) if one.tag in _HEADINGS), None)
    if heading is None:
        return
    section: list[LexborNode] = []
    for one in _siblings(heading, back=False):
        if (one.tag in _HEADINGS and str(one.tag) <= str(heading.tag)) or "part" in _classes(one):
            break  # A folded part of the page has its heading inside.
        section.append(one)
    if all(not _stays(one) or (one.tag == "p" and not one.css("a")) for one in section):
        for one in (heading, *section):
            _mark(one)


def _unlink(link: LexborNode) -> None:
    """Mark a link, and the line it stands in where that holds nothing else."""
    line = link.parent
    _mark(link)
    if line is None or line.tag not in {"li", "p"} or any(map(_stays, line.css("a, button"))):
        return
    said = line.text()
    for one in line.css("a"):
        said = said.replace(one.text(), "")
    if not said.strip(" ·\n") or line.tag == "li":
        _mark(line)
        if line.tag == "p":
            _close(line)


def _siblings(node: LexborNode, *, back: bool) -> Iterator[LexborNode]:
    found = node.prev if back else node.next
    while found is not None:
        if found.is_element_node:
            yield found
        found = found.prev if back else found.next


def _mark(node: LexborNode) -> None:
    node.attrs[_GONE] = ""


def _stays(node: LexborNode) -> bool:
    return _GONE not in node.attributes


def _classes(node: LexborNode) -> list[str]:
    return (node.attributes.get("class") or "").split()


def _local(address: str | None, prefix: str) -> str:
    return urlsplit(address or "").path.removeprefix(prefix)


def _closed(role: Role, method: str, path: str) -> Need | None:
    """Return the need of a route where it, or one of its buttons, takes more than the role."""
    return next((need for pattern, need in _above(role, method) if pattern.match(path)), None)


@cache
def _above(role: Role, method: str) -> tuple[tuple[Pattern[str], Need], ...]:
    return tuple(
        (compile_path(path)[0], need)
        for (of, path), need in NEEDS.items()
        if of == method and not all(map(role.covers, need.buttons.values() or (need.role,)))
    )
