"""What our own mail server's word makes of a mail: which Authentication-Results count, and whether From is proven by them.

Anyone may write such a header. RFC 8601 (5 and 7.1) has a mail server remove those that bear its own name when a mail comes in, and
put its own on top; not all do. So only the topmost that bears a trusted name counts, with those of the same hop; none that lies
beneath a Received of another's server which lies beneath one of ours. Older OpenDKIM and OpenDMARC, and Gmail, put theirs just
below the Received of the same server, where a server that removes nothing leaves a forged one too. That is why a pass opens no
door here: it is shown to staff, and proves no more than an unsigned mail does. A failure is what counts, and nobody forges that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from inbox_bot.domain.authenticity import Authenticity, Clause, Standing, Statement, Why
from inbox_bot.domain.mail import Message
from inbox_bot.message.domains import DomainRules, is_number
from inbox_bot.message.statements import statements_in

_STRICT = frozenset({"reject", "quarantine"})
_UNDECIDED = frozenset({"temperror", "error"})
_INTERNAL = (".internal", ".local", ".localdomain", ".lan", ".home.arpa")


@dataclass(frozen=True, kw_only=True)
class Trust:
    """Whom to believe: the authserv-ids of each mailbox's own server, in small letters (``*.example.com``: any name below)."""

    servers: Mapping[str, frozenset[str]]
    domains: DomainRules

    @property
    def is_given(self) -> bool:
        """False where no mailbox names a server: then nobody's word counts, whichever mailbox a mail came to."""
        return any(self.servers.values())

    def judged(self, message: Message, mailbox: str) -> Message:
        """Return a message with its standing in place of what mail servers said of it."""
        found = judge(message, self.servers.get(mailbox, frozenset()), self.domains)
        return replace(message, authenticity=found, trace=())


def judge(message: Message, trusted: frozenset[str], domains: DomainRules) -> Authenticity:
    """Return how a mail stands by the word of the trusted servers. What they did not say counts neither for nor against."""
    if not trusted:
        return Authenticity(standing=Standing.UNKNOWN, why=Why.NO_SERVER_SET)
    heard = believed(statements_in(message.trace), trusted, domains)
    if not heard:
        return Authenticity(standing=Standing.UNKNOWN, why=Why.NO_HEADER)
    spf, dkim, dmarc = (_said(heard, method) for method in ("spf", "dkim", "dmarc"))
    verdict = next((clause for clause in dmarc if clause.result == "fail"), dmarc[0] if dmarc else None)
    standing, why = _weigh(message, spf[:1], dkim, verdict, domains)
    return Authenticity(
        standing=standing,
        why=why,
        server=heard[0].server or heard[0].below,
        spf=spf[0].result if spf else "",
        spf_domain=spf[0].domain if spf else "",
        dkim=tuple((clause.result, clause.domain) for clause in dkim),
        dmarc=verdict.result if verdict is not None else "",
        policy=next((clause.policy for clause in dmarc if clause.policy), ""),
    )


def believed(found: Sequence[Statement], trusted: frozenset[str], domains: DomainRules) -> tuple[Statement, ...]:
    """Return the headers that count: the topmost of a trusted server, and its others of the same hop."""
    owners = {domains.owner(name.removeprefix("*.")) for name in trusted}
    ours = [one for one in found if _bears(one, trusted)]
    if not ours or _carried_by_others(ours[0].above, owners, domains):
        return ()
    return tuple(one for one in ours if len(one.above) == len(ours[0].above))


def _bears(said: Statement, trusted: frozenset[str]) -> bool:
    """True if a header gives a trusted name; one without a name is its server's that took the mail in, just below."""
    name = said.server or said.below
    return bool(name) and any(
        name == one
        or (one.startswith("*.") and name.endswith(one[1:]))
        or (not said.server and name.endswith(f".{one}"))
        for one in trusted
    )


def _carried_by_others(above: Sequence[str], owners: set[str], domains: DomainRules) -> bool:
    """True if a mail was with us, then with others, before the header came: Received headers from the top, newest first."""
    been_here = False
    for host in above:
        if domains.owner(host) in owners:
            been_here = True
        elif been_here and not _is_internal(host):
            return True
    return False


def _is_internal(host: str) -> bool:
    return "." not in host or host.endswith(_INTERNAL) or is_number(host)


def _said(heard: Sequence[Statement], method: str) -> tuple[Clause, ...]:
    """Return a method's results from the topmost header that has any; for DMARC from all, so that no failure is overlaid."""
    each = [tuple(clause for clause in one.clauses if clause.method == method) for one in heard]
    if method == "dmarc":
        return tuple(clause for clauses in each for clause in clauses)
    return next((clauses for clauses in each if clauses), ())


def _weigh(
    message: Message, spf: Sequence[Clause], dkim: Sequence[Clause], verdict: Clause | None, domains: DomainRules
) -> tuple[Standing, Why]:
    own = _domain_of(message.sender.address) if message.sender is not None else ""
    dmarc = verdict.result if verdict is not None else ""
    if dmarc == "fail":
        return Standing.FAILED, Why.DMARC_FAIL
    if dmarc == "pass" and verdict is not None:
        if _is_another_from(message, own, verdict.domain, domains):
            return Standing.FAILED, Why.OTHER_FROM
        return Standing.ALIGNED, Why.DMARC_PASS
    for clauses, why in ((dkim, Why.DKIM_ALIGNED), (spf, Why.SPF_ALIGNED)):
        if any(one.result == "pass" and domains.is_same_owner(one.domain, own) for one in clauses):
            return Standing.ALIGNED, why
    looked = bool(spf and dkim) and not _UNDECIDED & {dmarc, *(one.result for one in (*spf, *dkim))}
    if looked and verdict is not None and verdict.policy in _STRICT:
        return Standing.FAILED, Why.POLICY_UNMET
    return Standing.UNPROVEN, Why.NOTHING_EITHER_WAY


def _is_another_from(message: Message, own: str, passed: str, domains: DomainRules) -> bool:
    """True if what passed is another From than the sender's: a mail may name several, of which a server looks at one."""
    if passed:
        return not domains.is_same_owner(passed, own)
    return any(not domains.is_same_owner(_domain_of(one), own) for one in message.froms)


def _domain_of(address: str) -> str:
    return address.rpartition("@")[2]
