"""``inbox-bot train``: from a folder of labelled mails, and what staff sorted, to a model that can be used."""

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from inbox_bot.classification import corpus, staff_corpus
from inbox_bot.classification.model import load_model
from inbox_bot.cli import app
from inbox_bot.domain.example import KeptExample
from inbox_bot.domain.rights import Claim, Right


@pytest.fixture
def few(rules_dir, tmp_path):
    """A folder with the mails of a few writers, and how many there are."""
    lines = [
        line
        for line in (rules_dir / "corpus" / "c1.jsonl").read_text(encoding="utf-8").splitlines()
        if json.loads(line)["writer"] in {"c1-01", "c1-02", "c1-03", "c1-04", "c1-05", "c1-06"}
    ]
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "c1.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder, len(lines)


def _kept(number, text, claims):
    return KeptExample(
        number=number,
        subject="",
        text=text,
        claims=claims,
        language="sv",
        said="unsure",
        said_claims=(),
        day=date(2026, 9, 7),
    )


def test_a_model_is_built_from_a_folder_and_from_what_staff_sorted(few, tmp_path):
    folder, count = few
    # As ``inbox-bot corpus export`` writes them: no words are marked as asking.
    sorted_by_staff = tmp_path / "staff.jsonl"
    kept = [_kept(1, "Hej.\n\nStryk mig.", (Claim(right=Right.ERASURE),)), _kept(2, "Vi blir tre på lunchen.", ())]
    sorted_by_staff.write_text("".join(f"{line}\n" for line in staff_corpus.as_lines(kept)), encoding="utf-8")
    assert not staff_corpus.look_through([sorted_by_staff]).faults
    out = tmp_path / "model"
    ran = CliRunner().invoke(app, ["train", "--corpus", str(folder), "--add", str(sorted_by_staff), "--out", str(out)])
    assert ran.exit_code == 0, ran.output
    assert f"Reading {count + 2} mails." in ran.output
    assert "Held back, all:" in ran.output
    card = load_model(out).card
    assert card["mails"] == count + 2
    assert card["corpus"] == corpus.fingerprint(corpus.read_files([*corpus.files(folder), sorted_by_staff]))


def test_a_folder_without_mails_is_a_clear_error(tmp_path):
    ran = CliRunner().invoke(app, ["train", "--corpus", str(tmp_path), "--out", str(tmp_path / "model")])
    assert ran.exit_code != 0
    assert not (tmp_path / "model").exists()
