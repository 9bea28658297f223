"""Who has received personal data from the company (Art 4(9)): suppliers, hosts, employers and authorities, by name."""

from dataclasses import dataclass
from enum import StrEnum

from inbox_bot.domain.letters import Language
from inbox_bot.domain.rights import Right


class RecipientKind(StrEnum):
    """What a recipient is to the company. ``HOST``: mail, hosting or newsletters; ``EMPLOYER``: the participant's."""

    SUPPLIER = "supplier"
    HOST = "host"
    EMPLOYER = "employer"
    AUTHORITY = "authority"


TOLD_OF = (Right.RECTIFICATION, Right.ERASURE, Right.RESTRICTION)
"""The rights whose outcome each recipient must be told of (Art 19)."""


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """One recipient as ``rules/controller.toml`` lists it. ``…_sv`` and ``…_en`` are the same words in two languages.

    ``role`` stands after "som" / "which", ``data`` and ``country`` inside a sentence. ``processor``: acts on the
    company's instructions (Art 28), so that a notice to it is an instruction. ``eea``: keeps the data within the EU and
    the EEA. ``address`` is where a notice is mailed, empty until the company has settled it; ``language`` is the one it
    is written in; ``told``: the rights whose outcome it is told of.
    """

    name: str
    kind: RecipientKind
    role_sv: str
    role_en: str
    data_sv: str
    data_en: str
    country_sv: str
    country_en: str
    processor: bool
    eea: bool
    address: str
    language: Language
    told: tuple[Right, ...] = TOLD_OF
