"""The sentences a staff member reads about a date."""

import pytest

from inbox_bot.case.deadline import parse_moment
from inbox_bot.domain.dates import ClockEvents, Pause


@pytest.fixture
def explained(calendar):
    """Return the explanation of events given as text."""

    def explain(received, *pauses, extension=None, pausable=True):
        moments = [tuple(parse_moment(text) if text else None for text in pair) for pair in pauses]
        return calendar.dates(
            ClockEvents(
                received_at=parse_moment(received),
                pauses=tuple(Pause(asked_at=asked, confirmed_at=confirmed) for asked, confirmed in moments),
                extension_sent_at=parse_moment(extension) if extension else None,
                pausable=pausable,
            )
        ).explanation

    return explain


@pytest.mark.parametrize(
    ("received", "words"),
    [
        (
            "2025-09-03",
            (
                "Kom in onsdag 3 september 2025. En månad senare är fredag 3 oktober 2025. "
                "Det är en arbetsdag, så svaret ska vara skickat senast då."
            ),
        ),
        (
            "2026-03-31",
            (
                "Kom in tisdag 31 mars 2026. En månad senare är torsdag 30 april 2026 (april har inget 31:a datum). "
                "Det är en arbetsdag, så svaret ska vara skickat senast då."
            ),
        ),
        (
            "2027-01-29",
            (
                "Kom in fredag 29 januari 2027. En månad senare är söndag 28 februari 2027 (februari 2027 har inget 29:e datum). "
                "Det är en söndag, så svaret ska vara skickat senast nästa arbetsdag, måndag 1 mars 2027."
            ),
        ),
        (
            "2028-01-30",
            (
                "Kom in söndag 30 januari 2028. En månad senare är tisdag 29 februari 2028 (februari har inget 30:e datum). "
                "Det är en arbetsdag, så svaret ska vara skickat senast då."
            ),
        ),
        (
            "2026-11-25",
            (
                "Kom in onsdag 25 november 2026. En månad senare är fredag 25 december 2026. Det är juldagen, "
                "26 december är annandag jul och 27 december är en söndag, så svaret ska vara skickat senast nästa arbetsdag, "
                "måndag 28 december 2026."
            ),
        ),
        (
            "2026-04-14",
            (
                "Kom in tisdag 14 april 2026. En månad senare är torsdag 14 maj 2026. Det är Kristi himmelsfärdsdag, "
                "så svaret ska vara skickat senast nästa arbetsdag, fredag 15 maj 2026."
            ),
        ),
    ],
)
def test_the_month_is_explained(explained, received, words):
    assert explained(received) == words


PLAIN = (
    "Kom in måndag 2 mars 2026. En månad senare är torsdag 2 april 2026. "
    "Det är en arbetsdag, så svaret ska vara skickat senast då."
)


@pytest.mark.parametrize(
    ("pauses", "words"),
    [
        (
            [("2026-03-02", "2026-03-12")],
            (
                "Identiteten efterfrågades måndag 2 mars 2026 och bekräftades torsdag 12 mars 2026, vilket kan räknas som paus. "
                "Planera för torsdag 2 april 2026; går inte det kan reservdatumet måndag 13 april 2026 åberopas."
            ),
        ),
        (
            [("2026-03-02", "2026-03-02")],
            (
                "Identiteten efterfrågades måndag 2 mars 2026 och bekräftades måndag 2 mars 2026, vilket kan räknas som paus. "
                "Pausen ger ingen senare dag än torsdag 2 april 2026."
            ),
        ),
        (
            [("2026-03-02", None)],
            (
                "Identiteten efterfrågades måndag 2 mars 2026 och är ännu inte bekräftad. "
                "Något reservdatum finns inte förrän den är bekräftad."
            ),
        ),
        (
            [("2026-03-22", "2026-03-25")],
            (
                "Identiteten efterfrågades söndag 22 mars 2026, 20 dagar efter att begäran kom in, "
                "vilket är för sent för att ge en paus."
            ),
        ),
        (
            [("2026-02-20", "2026-02-21")],
            "Identiteten efterfrågades fredag 20 februari 2026 och bekräftades innan begäran kom in, vilket inte ger någon paus.",
        ),
    ],
)
def test_a_pause_is_explained(explained, pauses, words):
    assert explained("2026-03-02", *pauses) == f"{PLAIN} {words}"


def test_why_nothing_is_paused_is_said_once(explained):
    told = explained("2026-03-02", ("2026-03-02", "2026-03-03"), ("2026-03-04", None), pausable=False)
    assert told == f"{PLAIN} Frågan om identitet ger ingen paus för en begäran av det här slaget."


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (
            "2026-03-30",
            (
                "Besked om förlängning skickades måndag 30 mars 2026, inom den första månaden: tre månader efter mottagandet är "
                "tisdag 2 juni 2026. Det är en arbetsdag, så svaret ska i stället vara skickat senast då. "
                "Ett avslag ska ändå vara skickat senast torsdag 2 april 2026."
            ),
        ),
        (
            "2026-04-03",
            "Besked om förlängning skickades fredag 3 april 2026, efter att tiden gått ut, och förlänger därför inget.",
        ),
        (
            "2026-03-01",
            "Besked om förlängning skickades söndag 1 mars 2026, innan begäran kom in, och förlänger därför inget.",
        ),
    ],
)
def test_an_extension_is_explained(explained, sent, words):
    assert explained("2026-03-02", extension=sent) == f"{PLAIN} {words}"


def test_an_extended_date_that_is_clipped_and_moved_is_explained(explained):
    told = explained("2025-11-30", extension="2025-12-15")
    assert told.endswith(
        "tre månader efter mottagandet är lördag 28 februari 2026 (februari har inget 30:e datum). Det är en lördag och "
        "1 mars är en söndag, så svaret ska i stället vara skickat senast nästa arbetsdag, måndag 2 mars 2026. "
        "Ett avslag ska ändå vara skickat senast tisdag 30 december 2025."
    )


@pytest.mark.parametrize(
    ("received", "extension", "words"),
    [
        ("2026-03-02", None, "Svar senast torsdag 2 april 2026: en månad från måndag 2 mars 2026, då begäran kom in."),
        (
            "2026-04-14",
            None,
            (
                "Svar senast fredag 15 maj 2026: en månad från tisdag 14 april 2026, då begäran kom in, "
                "och eftersom 14 maj är Kristi himmelsfärdsdag gäller nästa arbetsdag."
            ),
        ),
        (
            "2026-03-02",
            "2026-03-30",
            (
                "Svar senast tisdag 2 juni 2026: tre månader från måndag 2 mars 2026, "
                "för beskedet om förlängd tid skickades i tid."
            ),
        ),
        (
            "2026-03-02",
            "2026-04-03",
            "Svar senast torsdag 2 april 2026: en månad från måndag 2 mars 2026, då begäran kom in.",
        ),
    ],
)
def test_one_sentence_says_why(calendar, received, extension, words):
    sent = parse_moment(extension) if extension else None
    dates = calendar.dates(ClockEvents(received_at=parse_moment(received), extension_sent_at=sent))
    assert dates.why == words
