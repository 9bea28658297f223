"""What holds of every verdict, whoever came to it."""

from inbox_bot.domain.verdict import Outcome, Part


def check_verdict(verdict, subject, text):
    """Check that the words that decided stand where the verdict says, and that there is what its outcome needs."""
    for evidence in verdict.evidence:
        source = subject if evidence.part is Part.SUBJECT else text
        assert 0 <= evidence.start < evidence.end <= len(source)
        assert evidence.text == source[evidence.start : evidence.end]
        assert evidence.rule
    assert len(set(verdict.claims)) == len(verdict.claims)
    if verdict.outcome is Outcome.UNSURE:
        assert verdict.reasons
    if verdict.outcome is Outcome.NOT_REQUEST:
        assert not verdict.claims
        assert not verdict.evidence
