"""Statistics for staff: what came in, how quickly it was answered, what it waited for. Counts only: no case, no person."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from inbox_bot.domain.span import Span, SpanKind
from inbox_bot.domain.statistics import Bin, Finder, Key, Statistics
from inbox_bot.web import plot
from inbox_bot.web.doors import staff_door
from inbox_bot.web.plot import Datum
from inbox_bot.web.spreadsheet import csv_file
from inbox_bot.web.visit import Site, Visit
from inbox_bot.web.wording import Words

PATH = "/personal/statistik"


def routes(site: Site) -> list[Route]:
    """Return the routes of these pages."""
    return [
        Route(PATH, staff_door(site, show), methods=["GET"]),
        Route(f"{PATH}/siffror.csv", staff_door(site, as_csv), methods=["GET"]),
    ]


def show(visit: Visit) -> Response:
    """Show the figures of the span that was chosen; this year's if none was."""
    desk, words = visit.site.flow.figures, visit.site.pages.words
    span = desk.span(visit.query("period"))
    found = desk.statistics(span)
    table = words.tables["statistics"]
    return visit.site.pages.show(
        "staff/statistics.html",
        visit=visit,
        found=found,
        span=span,
        called=span_words(words, span),
        choices=chosen(words, desk.choices(), span),
        main=list(main_figures(table, found)),
        tiles=_tiles(table, found),
        requests=_requests(words, found),
        month_bars=_month_bars(words, found),
        right_names=[words.right(claim) for claim in found.rights],
        matrix=_matrix(words, found),
        has_older=any(month < found.months[0] for month, _ in found.requests),
        bins=plot.columns([_bin(table, one) for one in found.bins], height=120),
        bin_rows=[(_days(one), one.on_time, one.late) for one in found.bins],
        on_time=_on_time(words, found),
        on_time_rows=[(words.right(claim), found.by_right[claim]) for claim in found.rights],
        waits=plot.bars(
            [
                Datum(
                    label=table["phases"][one.phase.value],
                    value=f"{days(one.days)} ({share(one.share)})",
                    plain=one.days,
                )
                for one in found.waits
            ],
            row=52,
            thick=16,
        ),
        finders=[(table["finders"][finder.value], found.finders[finder]) for finder in Finder],
        share=share,
        days=days,
    )


def as_csv(visit: Visit) -> Response:
    """Hand out every figure of a span, one a line, so that a spreadsheet can filter them."""
    desk, words = visit.site.flow.figures, visit.site.pages.words
    span = desk.span(visit.query("period"))
    rows = lines(words, desk.statistics(span))
    heading = words.tables["statistics"]["csv_heading"]
    return csv_file(f"statistik-{span.name}.csv", heading, rows)


def lines(words: Words, found: Statistics) -> Iterator[Sequence[object]]:
    """Yield table, month, right, measure and number of every figure."""
    table = words.tables["statistics"]
    span = found.span.name
    for label, value, _ in main_figures(table, found, raw=True):
        yield (table["main"], span, "", label, value)
    for (month, claim), number in sorted(found.requests.items()):
        yield (table["requests"], month, words.right(claim), table["measure_requests"], number)
    for claim, key in found.by_right.items():
        for label, value in _measures(table, key):
            yield (table["by_right"], span, words.right(claim), label, value)
    for one in found.bins:
        yield (table["distribution"], span, "", f"{_days(one)} {table['days']}, {table['in_time']}", one.on_time)
        yield (table["distribution"], span, "", f"{_days(one)} {table['days']}, {table['late']}", one.late)
    for wait in found.waits:
        yield (table["waits"], span, "", table["phases"][wait.phase.value], wait.days)
    for finder, number in found.finders.items():
        yield (table["found_by"], span, "", table["finders"][finder.value], number)


def main_figures(
    table: Mapping[str, Any], found: Statistics, *, raw: bool = False
) -> Iterator[tuple[str, object, object]]:
    """Yield the name of each main figure, what it is and what it was in the span before. ``raw``: as numbers."""
    now, before = _measures(table, found.key), _measures(table, found.before or Key())
    for (label, value), (_, earlier) in zip(now, before, strict=True):
        is_share = label == table["share"]
        is_days = label in {table["median"], table["worst"]}
        show_one = (lambda one: one) if raw else share if is_share else days if is_days else _plain
        yield label, show_one(value), "" if found.before is None else show_one(earlier)
    caught = found.caught
    yield table["caught"], caught if raw else share(caught), ""


def _tiles(table: Mapping[str, Any], found: Statistics) -> list[tuple[str, object, object]]:
    """Return the few figures that say the most: what came in, how much of it in time, how quickly, what is open and late."""
    rows = {label: (label, value, before) for label, value, before in main_figures(table, found)}
    return [rows[table[name]] for name in ("asked", "share", "median", "open", "overdue")]


def _measures(table: Mapping[str, Any], key: Key) -> list[tuple[str, Any]]:
    names = ("asked", "answered", "open", "overdue", "share", "median", "worst", "dismissed", "disowned", "withdrawn")
    return [(table[name], getattr(key, name)) for name in names]


def _requests(words: Words, found: Statistics) -> list[tuple[str, int, tuple[plot.Mark, ...]]]:
    """Return a row of columns for each right: the months side by side, each with its number, on one scale for all."""
    highest = max(found.requests.values(), default=0)
    rows = []
    for claim in found.rights:
        numbers = [found.requests.get((month, claim), 0) for month in found.months]
        data = [
            Datum(label=_short_month(words, month), value=str(number or ""), plain=number)
            for month, number in zip(found.months, numbers, strict=True)
        ]
        rows.append((words.right(claim), sum(numbers), plot.columns(data, height=44, most=highest)))
    return rows


def _month_bars(words: Words, found: Statistics) -> tuple[plot.Mark, ...]:
    """Return a bar for each right where there is but one month: a single column says nothing."""
    if len(found.months) != 1:
        return ()
    data = [
        Datum(label=words.right(claim), value=str(found.by_right[claim].asked), plain=found.by_right[claim].asked)
        for claim in found.rights
    ]
    return plot.bars(data, row=52, thick=16)


def _matrix(words: Words, found: Statistics) -> list[tuple[str, list[int]]]:
    return [
        (_month(words, month), [found.requests.get((month, claim), 0) for claim in found.rights])
        for month in found.months
    ]


def _on_time(words: Words, found: Statistics) -> tuple[plot.Mark, ...]:
    table = words.tables["statistics"]
    data = []
    for claim in found.rights:
        key = found.by_right[claim]
        if key.due_by_now:
            value = table["of_in_time"].format(on_time=key.on_time, due=key.due_by_now)
            late = key.due_by_now - key.on_time
            data.append(Datum(label=words.right(claim), value=value, plain=key.on_time, hatched=late))
    return plot.bars(data, row=52, thick=16)


def _bin(table: Mapping[str, Any], one: Bin) -> Datum:
    value = str(one.count or "")
    if one.late:
        value = table["late_of"].format(count=one.count, late=one.late)
    return Datum(label=_days(one), value=value, plain=one.on_time, hatched=one.late)


def _days(one: Bin) -> str:
    if one.high is None:
        return f"{one.low}+"
    return str(one.low) if one.low == one.high else f"{one.low}–{one.high}"


def span_words(words: Words, span: Span) -> str:
    """Return what a span is called: "november 2026", "kvartal 4 2026", "2026", "allt"."""
    table = words.tables["statistics"]
    match span.kind:
        case SpanKind.MONTH:
            return _month(words, span.name)
        case SpanKind.QUARTER:
            return str(table["quarter"].format(number=span.name[-1], year=span.first.year))
        case SpanKind.YEAR:
            return span.name
        case SpanKind.ALL:
            return str(table["all"])


def chosen(
    words: Words, choices: Mapping[SpanKind, Sequence[Span]], span: Span
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the choices by kind, the one that is shown among them."""
    kinds = words.tables["statistics"]["kinds"]
    listed = {kind: list(spans) for kind, spans in choices.items()}
    if span.name not in {one.name for one in listed[span.kind]}:
        listed[span.kind].append(span)
    return [
        (kinds[kind.value], [(one.name, span_words(words, one)) for one in spans]) for kind, spans in listed.items()
    ]


def _month(words: Words, name: str) -> str:
    year, _, number = name.partition("-")
    return f"{words.tables['months'][int(number) - 1]} {year}"


def _short_month(words: Words, name: str) -> str:
    return str(words.tables["months"][int(name[-2:]) - 1])[:3]


def share(value: float | None) -> str:
    """Return a share in per cent; never 100 for what is not all, nor 0 for what is not nothing."""
    if value is None:
        return "–"
    whole = round(value * 100)
    if whole == 0 and value > 0:
        return "under 1 %"
    if whole == 100 and value < 1:
        return "över 99 %"
    return f"{whole} %"


def days(value: float | None) -> str:
    """Return a number of days as Swedish writes it."""
    if value is None:
        return "–"
    text = f"{value:.1f}".removesuffix(".0").replace(".", ",")
    return f"{text} {'dag' if text == '1' else 'dagar'}"


def _plain(value: object) -> str:
    return str(value)
