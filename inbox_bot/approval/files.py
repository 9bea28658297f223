"""Files of an answer: whose case a name speaks of; where one is fetched, and until when."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from inbox_bot.approval.rulebook import DecisionRules
from inbox_bot.domain.case import DraftRecord
from inbox_bot.domain.page import PATH, Deliverable
from inbox_bot.errors import NotAllowedError
from inbox_bot.store.unit import Unit


def check_name(name: str, reference: str) -> None:
    """Raise NotAllowedError for a file named after another case: whoever chose it took the wrong one (law.md 5.2).

    Our own prefix is known however it is written; another one only in capitals, for a name may end in a date: kopia-2026-1123.
    """
    prefix = reference.partition("-")[0]
    ours = re.findall(rf"{re.escape(prefix)}[-_ ]?(\d{{4}})[-_ ]?(\d{{4,}})", name, re.IGNORECASE)
    named = {"-".join((prefix, *one)) for one in ours} | set(re.findall(r"[A-Z]{1,8}-\d{4}-\d{4,}", name))
    if named - {reference}:
        raise NotAllowedError("The file's name holds another case's number.")


def told_of(unit: Unit, draft: DraftRecord, pages: str, day: date, rules: DecisionRules) -> dict[str, Any]:
    """Return the link and the last day of an answer's file, had it been approved on ``day``; nothing where there is none."""
    files = files_for(unit, draft.case_id, draft.claim_ids)
    return {"file_link": f"{pages}{PATH}{files[-1].token}", "file_until": last_day(day, rules)} if files else {}


def files_for(unit: Unit, case_id: int, claim_ids: Sequence[int]) -> list[Deliverable]:
    """Return the file of each of some claims, the last one put there."""
    files = [one for one in unit.deliverables.of_case(case_id) if one.claim_id in claim_ids and not one.emptied]
    return list({one.claim_id: one for one in files}.values())


def last_day(day: date, rules: DecisionRules) -> date:
    """Return the last day that a file can be fetched whose answer is approved on ``day``."""
    return day + timedelta(days=rules.delivery_days)
