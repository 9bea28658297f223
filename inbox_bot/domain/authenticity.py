"""Who really wrote a mail: what mail servers said of it (RFC 8601), and what that is worth to us."""

from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """What our own mail server's word makes of a mail's From address.

    ``ALIGNED``: DMARC passes, or a passing DKIM or SPF domain is the From domain's own. ``UNPROVEN``: the server has looked
    and nothing speaks for or against (most often an unsigned mail). ``FAILED``: DMARC fails. ``UNKNOWN``: the server has said
    nothing, or the settings name no server to believe; never taken for a failure.
    """

    ALIGNED = "aligned"
    UNPROVEN = "unproven"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Why(StrEnum):
    """What decided a mail's standing.

    ``POLICY_UNMET``: the server gives no DMARC verdict, yet the domain asks for rejection or quarantine and neither DKIM nor SPF
    is its own. ``OTHER_FROM``: the server passed another From address than the sender's.
    """

    NO_SERVER_SET = "no_server_set"
    NO_HEADER = "no_header"
    DMARC_PASS = "dmarc_pass"  # noqa: S105  # a result, no password
    DKIM_ALIGNED = "dkim_aligned"
    SPF_ALIGNED = "spf_aligned"
    NOTHING_EITHER_WAY = "nothing_either_way"
    DMARC_FAIL = "dmarc_fail"
    POLICY_UNMET = "policy_unmet"
    OTHER_FROM = "other_from"


@dataclass(frozen=True, kw_only=True)
class Clause:
    """One result of one method, in small letters: ``dkim``, ``pass``, the domain it speaks of, the domain's DMARC policy."""

    method: str
    result: str
    domain: str = ""
    policy: str = ""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One Authentication-Results header, whoever wrote it, and where it stands among the Received headers.

    ``server``: the authserv-id it gives, ``""`` for none (Microsoft 365). ``above``: the hosts that wrote the Received headers
    above it, from the top. ``below``: the host that wrote the next one below, ``""`` for none.
    """

    server: str
    clauses: tuple[Clause, ...]
    above: tuple[str, ...] = ()
    below: str = ""


@dataclass(frozen=True, kw_only=True)
class Authenticity:
    """What is kept of it with the mail. ``server``: who said so. ``dkim``: a signature each, its result and its domain."""

    standing: Standing
    why: Why
    server: str = ""
    spf: str = ""
    spf_domain: str = ""
    dkim: tuple[tuple[str, str], ...] = ()
    dmarc: str = ""
    policy: str = ""


class Sign(StrEnum):
    """What staff should see about a sender, beside what the server says."""

    REPLY_TO = "reply_to"
    SEVERAL_FROM = "several_from"
    NAME_IS_ADDRESS = "name_is_address"
    LOOKALIKE = "lookalike"
    OTHER_ENDING = "other_ending"
    PUNYCODE = "punycode"
