"""Machine-readable reports that tell of no failure: a letter arrived, was displayed, or somebody complained of it."""

from inbox_bot.domain.mail import Report, ReportKind
from inbox_bot.message.body import Body
from inbox_bot.message.bounces import action_of, groups_of, original_id, recipient_of, tag_of
from inbox_bot.message.headers import Headers

_COMPLAINTS = frozenset({"abuse", "fraud", "opt-out", "opt-out-list", "other"})
"""Kinds of feedback that speak against what we sent (RFC 5965, 3.1 and 7.3). ``not-spam`` speaks for it; ``virus`` and
``auth-failure`` (RFC 6591) are about machines, and no reader has complained."""

_ARRIVED = frozenset({"delivered", "relayed", "expanded"})


def read_report(headers: Headers, body: Body, own: frozenset[str]) -> Report | None:
    """Return what a report says, or None for a mail that is none or tells of nothing a case should know."""
    groups = groups_of(body)
    kind = next((found for group in groups if (found := _kind(group)) is not None), None)
    if kind is None:
        return None
    named = [address for group in groups if (address := recipient_of(group)) and address.lower() not in own]
    return Report(
        kind=kind,
        recipients=tuple(dict.fromkeys(named)),
        # The text of a complaint is the reader's or the provider's; only the copy of our letter names it.
        original_message_id=_named_message(groups) or original_id(headers, body, ""),
        envelope_id=next((one for group in groups if (one := group.get("original-envelope-id", ""))), ""),
        tag=tag_of(headers, own),
    )


def _kind(group: dict[str, str]) -> ReportKind | None:
    if "feedback-type" in group:
        complains = group["feedback-type"].strip().lower() in _COMPLAINTS
        return ReportKind.COMPLAINT if complains else None
    if "disposition" in group:
        shown = group["disposition"].lower().rpartition(";")[2].strip().startswith("displayed")
        return ReportKind.DISPLAYED if shown else None
    return ReportKind.DELIVERED if action_of(group) in _ARRIVED else None


def _named_message(groups: list[dict[str, str]]) -> str | None:
    """Return the Message-ID a read receipt names (RFC 8098, 3.2.5)."""
    return next((one for group in groups if (one := group.get("original-message-id", "")).startswith("<")), None)
