"""Reads Authentication-Results headers (RFC 8601) as they stand in a mail, believing none of them yet.

The grammar of a result is the library authres's. It raises on much that real servers write, and loses a whole header for one
result it cannot read, so comments go first, each result is read by itself, and what cannot be read is left out: it counts as not
said. Only a "dmarc=fail" that can be seen in a header counts even so.
"""

import re
from collections.abc import Iterable, Iterator

import authres

from inbox_bot.domain.authenticity import Clause, Statement
from inbox_bot.message.headers import as_bytes

MOST_HEADERS = 12
"""Headers read, from the top: our own server's stand first."""

MOST_HOPS = 40
_LONGEST = 6_000
_LONGEST_CLAUSE = 1_500
_MOST_CLAUSES = 30
_NAMELESS = re.compile(r"\s*[a-z][a-z0-9-]*(?:/\d+)?\s*=", re.IGNORECASE)
"""Microsoft 365 writes no authserv-id: the header begins with a result."""

_BY = re.compile(r"(?:^|\s)by\s+\[?([^\s;\[\]()]{1,255})", re.IGNORECASE)
_POLICY = re.compile(
    r"(?<![\w.-])(?:p|policy|policy\.dmarc|policy\.published-domain-policy)=(none|quarantine|reject)\b", re.IGNORECASE
)
_DMARC_FAILS = re.compile(r"(?<![\w.-])dmarc\s*=\s*fail\b", re.IGNORECASE)
_DOMAIN = re.compile(r"(?=.{1,253}$)[^\s@<>()\[\],;:\"\\/]+(?:\.[^\s@<>()\[\],;:\"\\/]+)+")
_FROM_DOMAIN = re.compile(r"(?:^|\s)d=(\S+)")
_PROPERTIES = {
    "spf": (("smtp", "mailfrom"), ("smtp", "mail"), ("smtp", "mfrom"), ("smtp", "envelope-from")),
    "dkim": (("header", "d"), ("header", "i")),
    "dmarc": (("header", "from"), ("header", "d")),
}
"""Where each method says which domain it speaks of; what stands first is asked first (RFC 8601, 2.7)."""


def trace_of(headers: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return a mail's topmost Received and Authentication-Results headers, in order; none where nobody says who wrote it.

    Nothing is read of them yet: that takes longer than the rest of a mail, and most mails are let go as soon as they are read.
    """
    found: list[tuple[str, str]] = []
    counts = {"received": 0, "authentication-results": 0}
    for name, value in headers:
        kind = name.lower()
        if kind in counts and counts[kind] < (MOST_HOPS if kind == "received" else MOST_HEADERS):
            counts[kind] += 1
            found.append((kind, _one_line(value)))
    return tuple(found) if counts["authentication-results"] else ()


def statements_in(trace: Iterable[tuple[str, str]]) -> tuple[Statement, ...]:
    """Return what each Authentication-Results header of a trace says, from the top. Raises nothing, whatever they hold."""
    lines = list(trace)
    hosts = [_written_by(value) if kind == "received" else None for kind, value in lines]
    said = []
    for place, (kind, value) in enumerate(lines):
        if kind == "authentication-results":
            server, clauses = _read(value)
            above = tuple(host for host in hosts[:place] if host is not None)
            below = next((host for host in hosts[place:] if host is not None), "")
            if server or clauses:
                said.append(Statement(server=server, clauses=clauses, above=above, below=below))
    return tuple(said)


def _written_by(received: str) -> str:
    """Return the host that wrote a Received header, in small letters; ``""`` where it does not say."""
    plain = next(_pieces(received), ("", ""))[0]
    found = _BY.search(plain)
    return found[1].lower().rstrip(".") if found else ""


def _read(value: str) -> tuple[str, tuple[Clause, ...]]:
    """Return who a header says wrote it and what could be read of it."""
    pieces = list(_pieces(value))
    first = pieces[0][0] if pieces else ""
    nameless = _NAMELESS.match(first) is not None
    server = "" if nameless else first.partition(" ")[0].strip('"').lower()
    clauses = _clauses(pieces if nameless else pieces[1:])
    if not any(clause.method == "dmarc" for clause in clauses) and _DMARC_FAILS.search(value):
        # What a sender may choose (a quote or a bracket before the @ of the envelope address) shall hide no failure.
        clauses = (*clauses, Clause(method="dmarc", result="fail"))
    return (server if len(server) <= 255 else ""), clauses


def _clauses(pieces: list[tuple[str, str]]) -> tuple[Clause, ...]:
    clauses = (_clause(plain, comments) for plain, comments in pieces[:_MOST_CLAUSES])
    return tuple(clause for clause in clauses if clause is not None)


def _clause(plain: str, comments: str) -> Clause | None:
    if len(plain) > _LONGEST_CLAUSE:
        return None
    try:
        parsed = authres.AuthenticationResultsHeader.parse(f"Authentication-Results: x; {plain}")
        results = parsed.results
    except Exception:  # noqa: BLE001  # a stranger's bytes in a library's hands: what it cannot read was not said
        return None
    if not results or results[0].method not in _PROPERTIES:
        return None
    method, result = str(results[0].method), str(results[0].result)
    said = {(one.type, one.name): str(one.value or "") for one in reversed(results[0].properties)}
    values = [said[key] for key in _PROPERTIES[method] if said.get(key)]
    if method == "dmarc" and not values:
        values = _FROM_DOMAIN.findall(plain)[:1]  # Gmail some years ago: "dmarc=pass (p=NONE) d=example.com"
    policy = _POLICY.search(f"{comments} {plain}") if method == "dmarc" else None
    return Clause(
        method=method, result=result, domain=_domain(values), policy=policy[1].lower() if policy is not None else ""
    )


def _domain(values: list[str]) -> str:
    domain = values[0].rpartition("@")[2].strip('."<>').lower() if values else ""
    return domain if _DOMAIN.fullmatch(domain) else ""


def _one_line(value: str) -> str:
    """Return a header value unfolded, with everything but printable ASCII replaced."""
    line = " ".join(value[:_LONGEST].split())
    if line.isascii() and line.isprintable():
        return line
    text = as_bytes(line).decode("utf-8", "replace")
    return "".join(letter if " " <= letter <= "~" else "?" for letter in text)


def _pieces(value: str) -> Iterator[tuple[str, str]]:
    """Yield what stands between semicolons, and its comments apart; one inside a comment or quotes parts nothing."""
    kept: list[str] = []
    comments: list[str] = []
    depth, quoted, skip = 0, False, False
    for letter in f"{value};":
        into = comments if depth else kept
        if skip:
            skip = False
        elif letter == "\\" and (quoted or depth):
            skip = True
        elif letter == '"' and not depth:
            quoted = not quoted
        elif letter == "(" and not quoted:
            depth += 1
            into = comments
            letter = " "  # noqa: PLW2901  # a comment is a space to whoever reads on (RFC 5322, 3.2.2)
            kept.append(letter)
        elif letter == ")" and depth:
            depth -= 1
            letter = " "  # noqa: PLW2901
        elif letter == ";" and not (depth or quoted):
            if text := "".join(kept).strip():
                yield text, "".join(comments)
            kept, comments = [], []
            continue
        into.append(letter)
    if text := "".join(kept).strip():
        yield text, "".join(comments)
