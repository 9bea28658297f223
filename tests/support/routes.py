"""Walks the application's routes, and follows its links as a curious visitor would: opening everything, pressing nothing."""

import re
from collections.abc import Callable, Collection, Iterator
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser
from starlette.routing import BaseRoute, Match, Route

_EXAMPLES = {"reference": "PK-2026-0001", "token": "x"}


def routes_of(routes: Collection[BaseRoute], method: str) -> list[Route]:
    """Return the routes that take a method, as the application lists them."""
    return [route for route in routes if isinstance(route, Route) and method in (route.methods or ())]


def example(route: Route) -> str:
    """Return a path that a route takes, which need not lead to anything that exists."""
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: _EXAMPLES.get(found[1], "1"), route.path)


def route_for(routes: Collection[Route], path: str) -> Route | None:
    """Return the route that answers a path, without its query."""
    scope = {"type": "http", "method": "GET", "path": urlsplit(path).path, "root_path": ""}
    return next((route for route in routes if route.matches(scope)[0] is Match.FULL), None)


def explore(get: Callable[[str], Any], seeds: Collection[str]) -> Iterator[tuple[str, Any]]:
    """Open every page that can be reached by links from ``seeds``, each once; yield its path and the answer.

    ``get`` opens a path without following redirects. Pages that differ only in their query are opened once, and no more than
    three that differ in numbers alone: a list of a hundred cases leads to a hundred pages that are alike.
    """
    waiting, seen, alike = list(seeds), set(), dict[str, int]()
    while waiting:
        path = waiting.pop(0)
        key = urlsplit(path).path
        shape = re.sub(r"\d+", "0", key)
        if key in seen or alike.get(shape, 0) >= 3:
            continue
        seen.add(key)
        alike[shape] = alike.get(shape, 0) + 1
        answer = get(path)
        yield path, answer
        if "text/html" in answer.headers.get("content-type", ""):
            waiting += [link for link in _links(path, answer.text) if link.startswith("/")]


def _links(path: str, html: str) -> list[str]:
    tree = LexborHTMLParser(html)
    found = [node.attributes.get("href") or "" for node in tree.css("a[href], link[href]")]
    found += [node.attributes.get("src") or "" for node in tree.css("iframe[src]")]
    found += [node.attributes.get("action") or "" for node in tree.css("form[method=get]")]
    return [urljoin(path, urldefrag(link).url) for link in found if link and not link.startswith("#")]
