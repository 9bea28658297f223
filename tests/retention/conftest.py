"""A house whose erasure journal lies in the test's own folder, and cases at their end in it."""

import pytest


@pytest.fixture
def kept(build, tmp_path):
    """An installation with a journal of its own; its first look is done."""
    made = build(journal={"file": str(tmp_path / "erasures.jsonl")})
    made.flow.collect(made.mailbox, look_back_days=30)
    return made


@pytest.fixture
def answered(kept):
    """The same, with one closed case of Kalle's: everything that retention takes stands in it."""
    kept.ask_and_confirm(
        "#erasure Radera mitt konto. Min fru Lisa hälsar. 640823-3234", sender="Kalle Ek <Kalle@Example.se>"
    )
    note = "Raderat i kursplattformen enligt artikel 17(1)(a), bilan behålls enligt bokföringslagen 7 kap. 2 §. Hälsa Lisa."
    kept.flow.approve_case("PK-2026-0001", by="anna", note=note, rest=True)
    kept.drain()
    assert kept.case().state.value == "closed"
    return kept
