"""Labelled mails are read whole, or refused with file, line, fault and cure; what is in the repo is what it should be."""

import json
import re
from collections import Counter
from dataclasses import replace

import pytest

from inbox_bot.classification import corpus
from inbox_bot.domain.rights import Right
from inbox_bot.domain.verdict import Part
from inbox_bot.errors import RulesError

ROW = {
    "writer": "w-1",
    "language": "sv",
    "subject": "Kontot",
    "body": "Hej, stäng mitt konto. Tack!",
    "rights": ["erasure"],
    "asks": [{"right": "erasure", "part": "body", "start": 5, "end": 21}],
    "also_ok": [[], ["erasure", "objection"]],
    "on_behalf": True,
    "traps": ["tiny"],
    "pair": "w-1/1",
}


def _written(tmp_path, *rows):
    path = tmp_path / "mails.jsonl"
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def shipped(rules_dir):
    return corpus.read_files(corpus.files(rules_dir / "corpus"))


def test_a_row_is_read_and_written_as_it_was(tmp_path):
    (example,) = corpus.read_file(_written(tmp_path, ROW))
    assert example.rights == {Right.ERASURE}
    assert example.body[example.asks[0].start : example.asks[0].end] == "stäng mitt konto"
    assert example.accepted == {frozenset({Right.ERASURE}), frozenset(), frozenset({Right.ERASURE, Right.OBJECTION})}
    assert corpus.as_row(example) == ROW


def test_the_labels_of_an_exam_are_read_as_rights(tmp_path):
    row = {
        "id": "x-1",
        "subject": "",
        "body": "Sluta mejla",
        "labels": ["objection"],
        "marketing_only": True,
        "lang": "sv",
    }
    (example,) = corpus.read_file(_written(tmp_path, row))
    assert example.language == "sv"
    assert example.accepted == {
        frozenset({Right.OBJECTION}),
        frozenset({Right.CONSENT_WITHDRAWAL}),
        frozenset({Right.OBJECTION, Right.CONSENT_WITHDRAWAL}),
    }


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{", "is not JSON"),
        ("[]", "is not a JSON object"),
        (ROW | {"rights": ["deletion"]}, "rights cannot be 'deletion'"),
        (ROW | {"rights": "erasure"}, "rights must be a list"),
        (ROW | {"rights": []}, "do not name the same rights"),
        (ROW | {"body": None}, "body must be a text"),
        (ROW | {"asks": [{"right": "erasure", "part": "body", "start": 5, "end": 500}]}, "points outside the body"),
        (
            ROW | {"asks": [{"right": "erasure", "part": "foot", "start": 5, "end": 9}]},
            "lacks right, part, start or end",
        ),
    ],
)
def test_what_cannot_be_used_is_named_with_its_line(tmp_path, row, said):
    path = _written(tmp_path, ROW, row)
    with pytest.raises(RulesError, match=re.escape(said)) as raised:
        corpus.read_file(path)
    assert "mails.jsonl:2" in str(raised.value)


def test_an_empty_folder_and_a_missing_file_are_told(tmp_path):
    with pytest.raises(RulesError, match="no labelled mails"):
        corpus.files(tmp_path)
    with pytest.raises(RulesError, match="cannot be read"):
        corpus.read_file(tmp_path / "none.jsonl")


def test_the_fingerprint_sees_every_change_and_no_order(tmp_path):
    one, other = corpus.read_file(_written(tmp_path, ROW, ROW | {"writer": "w-2"}))
    assert corpus.fingerprint([one, other]) == corpus.fingerprint([other, one])
    for changed in (replace(one, body=one.body + "!"), replace(one, rights=frozenset()), replace(one, writer="w-3")):
        assert corpus.fingerprint([changed, other]) != corpus.fingerprint([one, other])


def test_the_shipped_corpus_is_as_large_and_as_varied_as_it_is_said_to_be(shipped):
    asking = [one for one in shipped if one.rights]
    languages = Counter(one.language for one in shipped)
    assert len(shipped) >= 4_000
    assert 0.4 <= len(asking) / len(shipped) <= 0.55
    assert sum(len(one.rights) > 1 for one in asking) >= len(asking) / 5
    assert languages["en"] >= 0.08 * len(shipped)
    assert languages["no"] + languages["da"] >= 0.03 * len(shipped)
    assert {right for one in asking for right in one.rights} == set(Right)


def test_each_pair_is_one_writers_and_one_of_the_two_asks(shipped):
    pairs: dict[str, list[corpus.Example]] = {}
    for one in shipped:
        if one.pair:
            pairs.setdefault(one.pair, []).append(one)
    assert len(pairs) >= 1_200
    for first, second in pairs.values():
        assert first.writer == second.writer
        assert bool(first.rights) != bool(second.rights)


def test_no_mail_stands_twice(shipped):
    seen = Counter((one.subject, one.body) for one in shipped)
    assert [mail for mail, times in seen.items() if times > 1] == []


def test_every_request_has_its_asking_words_marked_in_new_words(shipped):
    for one in shipped:
        assert {ask.right for ask in one.asks} == one.rights, one.place
        for ask in one.asks:
            text = one.subject if ask.part is Part.SUBJECT else one.body
            assert text[ask.start : ask.end].strip(), one.place


def test_nobody_in_the_corpus_can_be_written_to(shipped):
    for one in shipped:
        text = f"{one.subject} {one.body}"
        for host in re.findall(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)", text):
            assert re.search(r"(^|\.)(example\.(com|se|org|no|dk)|prokompetens\.se)$", host.lower()), one.place
        for day, last in re.findall(r"\b(?:19|20)?(\d{2}(?:0[1-9]|1[0-2])\d{2})[-+ ]?(\d{4})\b", text):
            digits = [int(digit) * (2 - place % 2) for place, digit in enumerate(day + last)]
            assert sum(digit // 10 + digit % 10 for digit in digits) % 10, one.place
