"""The figures count what they say they count."""

import json

from typer.testing import CliRunner

from inbox_bot.classification import evaluation
from inbox_bot.classification.corpus import Example
from inbox_bot.classification.evaluation import Judged, Miss
from inbox_bot.cli import app
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.domain.verdict import Outcome, Verdict

A, E, STOP = Right.ACCESS, Right.ERASURE, Right.OBJECTION


def _judged(rights, outcome, said=(), also_ok=(), marketing_only=False, language="sv", body="ord"):
    example = Example(
        writer="w",
        subject="",
        body=body,
        rights=frozenset(rights),
        also_ok=tuple(frozenset(one) for one in also_ok),
        marketing_only=marketing_only,
        language=language,
    )
    return Judged(example=example, verdict=Verdict(outcome=outcome, claims=tuple(Claim(right=right) for right in said)))


REQUEST, UNSURE, NOT = Outcome.REQUEST, Outcome.UNSURE, Outcome.NOT_REQUEST
MAILS = [
    _judged([A], REQUEST, [A]),
    _judged([A, E], REQUEST, [A]),
    _judged([E], UNSURE, [E]),
    _judged([E], NOT),
    _judged([E], NOT, also_ok=[[]]),
    _judged([STOP], REQUEST, [Right.CONSENT_WITHDRAWAL], marketing_only=True),
    _judged([], NOT, language="en"),
    _judged([], UNSURE),
    _judged([], REQUEST, [E]),
    _judged([], REQUEST, [E], also_ok=[[E]]),
]


def test_each_figure_counts_its_own_mails():
    rows = {name: (share.count, share.of) for name, share in evaluation.figures(MAILS).rows().items()}
    assert rows == {
        "requests caught": (5, 6),
        "requests sorted exactly": (3, 6),
        "wrong sets of those sorted": (1, 3),
        "other mail left alone": (2, 4),
        "other mail taken for a request": (1, 4),
    }


def test_every_kind_of_miss_is_named():
    assert [one.miss for one in MAILS] == [
        *(None, Miss.WRONG_SET, Miss.ASKED_FOR_HELP, Miss.LEFT_ALONE, None, None, None, Miss.STOPPED, Miss.TAKEN, None)
    ]


def test_precision_and_recall_of_a_right_come_with_their_counts():
    precision, recall = evaluation.by_right(MAILS)[E]
    assert (precision.count, precision.of) == (1, 2)
    assert (recall.count, recall.of) == (1, 2)


def test_figures_come_by_language_and_by_length():
    found = evaluation.groups([*MAILS, _judged([A], REQUEST, [A], body="ord " * 60)])
    assert {name: len(mails) for name, mails in found["language"].items()} == {"sv": 10, "en": 1}
    assert {name: len(mails) for name, mails in found["length"].items()} == {"1-12 words": 10, "41-100 words": 1}


def test_a_share_of_nothing_says_so():
    empty = evaluation.figures([])
    assert empty.caught.share is None
    assert "none" in str(empty.caught)


def _file(tmp_path):
    rows = [
        {
            "id": "1",
            "subject": "",
            "body": "Jag begär att ni raderar alla mina personuppgifter.",
            "labels": ["erasure"],
        },
        {"id": "2", "subject": "Bokning", "body": "Vi vill boka två platser på kursen i mars.", "labels": []},
        {"id": "3", "subject": "Bokning", "body": "Vilken sal är vi i på måndag?", "labels": ["portability"]},
    ]
    path = tmp_path / "exam.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def test_the_command_prints_figures_and_each_miss_with_its_text(tmp_path):
    ran = CliRunner().invoke(app, ["evaluate", str(_file(tmp_path))])
    assert ran.exit_code == 0, ran.output
    assert "requests caught                     50.0 % (1 of 2)" in ran.output
    assert (
        "exam.jsonl:3: a request was left alone: not_request (no right), a careful reader says portability"
        in ran.output
    )
    assert "    Vilken sal är vi i på måndag?" in ran.output


def test_the_command_prints_the_same_as_json(tmp_path):
    ran = CliRunner().invoke(app, ["evaluate", "--json", str(_file(tmp_path))])
    found = json.loads(ran.output)
    assert found["mails"] == 3
    assert found["figures"]["requests caught"] == {"count": 1, "of": 2, "share": 0.5}
    assert [miss["place"] for miss in found["misses"]] == ["exam.jsonl:3"]
    assert found["by_right"]["erasure"]["recall"]["count"] == 1
    assert set(found["by"]) == {"language", "length"}
