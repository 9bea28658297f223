"""What each page and form of the staff needs, and what of a person's data it shows: one table, asked at the door.

A route that is not in it is refused to everyone. A form whose buttons differ names each of them; a button it does not name
needs the highest of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from inbox_bot.domain.staff import Role, Subject

_CASE = "/personal/arende/{reference}"


@dataclass(frozen=True, kw_only=True)
class Need:
    """What one route needs.

    ``buttons``: the role for each value of ``do``, up to its colon. ``shows``: what of a requester's the answer holds, and
    ``part``, which part of the path says which one (or the words themselves where it has none). ``taken``: it is handed out as a
    file. ``looks`` is False where the look is noted elsewhere, or where there is none. ``noted``: the buttons whose act stands in
    no history, so that the log of views must have it.
    """

    role: Role
    buttons: Mapping[str, Role] = field(default_factory=dict)
    shows: Subject | None = None
    part: str = ""
    taken: bool = False
    looks: bool = True
    noted: frozenset[str] = field(default_factory=frozenset)

    def role_for(self, button: str) -> Role:
        """Return what pressing a button needs; ``""`` is a form with one button, or a page."""
        if not self.buttons:
            return self.role
        name = button.partition(":")[0]
        order = list(Role)
        return self.buttons.get(name) or max(self.buttons.values(), key=order.index)

    def which(self, path: Mapping[str, object]) -> str:
        """Return the number or reference of what is shown."""
        return str(path.get(self.part, self.part))


def _case(role: Role, **buttons: Role) -> Need:
    return Need(role=role, buttons=_named(buttons), shows=Subject.CASE, part="reference")


def _list(name: str, role: Role = Role.READ) -> Need:
    return Need(role=role, shows=Subject.LIST, part=name)


def _named(buttons: Mapping[str, Role]) -> Mapping[str, Role]:
    return MappingProxyType({name.replace("_", "-"): role for name, role in buttons.items()})


NEEDS: Mapping[tuple[str, str], Need] = MappingProxyType(
    {
        ("GET", "/personal"): _list("start"),
        ("GET", "/personal/arenden"): _list("arenden"),
        ("GET", "/personal/arenden/sok"): Need(role=Role.READ),
        ("POST", "/personal/arenden/sok"): _list("arenden"),
        ("GET", "/personal/osakra"): _list("osakra"),
        ("GET", "/personal/ingen-begaran"): _list("ingen-begaran"),
        ("POST", "/personal/ingen-begaran/{mail:int}"): Need(
            role=Role.HANDLE, shows=Subject.MAIL, part="mail", looks=False, noted=frozenset({""})
        ),
        ("GET", "/personal/incidenter"): _list("incidenter"),
        ("POST", "/personal/incidenter"): Need(role=Role.HANDLE),
        ("GET", "/personal/incidenter/ny"): Need(role=Role.HANDLE),
        ("GET", "/personal/incidenter/{breach:int}"): Need(role=Role.READ, shows=Subject.BREACH, part="breach"),
        ("POST", "/personal/incidenter/{breach:int}"): Need(
            role=Role.HANDLE,
            buttons=_named({"steg": Role.HANDLE, "kand": Role.HANDLE, "avsluta": Role.APPROVE}),
            shows=Subject.BREACH,
            part="breach",
            noted=frozenset({"steg", "kand"}),
        ),
        ("GET", "/personal/incidenter/{breach:int}/dokumentation.txt"): Need(
            role=Role.APPROVE, shows=Subject.BREACH, part="breach", taken=True
        ),
        ("GET", "/personal/sammanfattning"): _list("sammanfattning"),
        ("GET", _CASE): _case(Role.READ),
        ("POST", f"{_CASE}/last"): Need(
            role=Role.HANDLE, shows=Subject.CASE, part="reference", noted=frozenset({"last"})
        ),
        ("POST", f"{_CASE}/fraga"): _case(Role.HANDLE),
        ("POST", f"{_CASE}/avfor"): _case(Role.APPROVE),
        ("POST", f"{_CASE}/forlang"): _case(Role.APPROVE),
        ("POST", f"{_CASE}/utanfor"): _case(Role.APPROVE),
        ("POST", f"{_CASE}/sak"): _case(Role.HANDLE),
        ("POST", f"{_CASE}/satt"): _case(Role.HANDLE),
        # Whoever reads at that address is given the answer.
        ("POST", f"{_CASE}/lank"): _case(Role.APPROVE),
        ("POST", f"{_CASE}/oidentifierad"): _case(Role.HANDLE),
        ("POST", f"{_CASE}/svar/{{draft:int}}"): _case(
            Role.HANDLE,
            spara=Role.HANDLE,
            rader=Role.HANDLE,
            faktura=Role.HANDLE,
            byt=Role.HANDLE,
            ta_bort=Role.HANDLE,
            tillbaka=Role.HANDLE,
            godkann=Role.APPROVE,
            angra=Role.APPROVE,
            avsla=Role.APPROVE,
            andra=Role.APPROVE,
        ),
        ("POST", f"{_CASE}/svar/{{draft:int}}/bilaga"): _case(Role.HANDLE),
        # A file holds what a letter tells: all there is about a person. Who only reads needs to know that it went along.
        ("GET", f"{_CASE}/svar/{{draft:int}}/bilaga/{{file:int}}"): Need(
            role=Role.HANDLE, shows=Subject.DRAFT, part="draft", taken=True
        ),
        ("POST", f"{_CASE}/svar/{{draft:int}}/bilaga/{{file:int}}"): _case(Role.HANDLE),
        ("POST", f"{_CASE}/lagg-upp"): _case(Role.HANDLE),
        ("POST", f"{_CASE}/uppgift"): _case(Role.HANDLE),
        ("POST", f"{_CASE}/hav"): _case(Role.HANDLE),
        ("POST", f"{_CASE}/varna"): _case(Role.HANDLE),
        ("POST", f"{_CASE}/mottagare"): _case(Role.HANDLE),
        ("GET", f"{_CASE}/mottagare/{{notice:int}}"): _case(Role.READ),
        ("POST", f"{_CASE}/mottagare/{{notice:int}}"): _case(
            Role.READ,
            visa=Role.READ,
            svarat=Role.HANDLE,
            annat_satt=Role.HANDLE,
            inte=Role.APPROVE,
            skicka=Role.APPROVE,
        ),
        ("GET", "/personal/brev/{mail:int}"): Need(role=Role.READ, shows=Subject.MAIL, part="mail"),
        ("POST", "/personal/brev/{mail:int}"): Need(
            role=Role.HANDLE, shows=Subject.MAIL, part="mail", noted=frozenset({"ingen"})
        ),
        ("POST", "/personal/brev/{mail:int}/lagg-till"): Need(role=Role.HANDLE, shows=Subject.MAIL, part="mail"),
        ("GET", "/personal/utkorg"): _list("utkorg"),
        ("POST", "/personal/utkorg/{letter:int}"): Need(role=Role.APPROVE, shows=Subject.LETTER, part="letter"),
        ("GET", "/personal/brev-ut/{letter:int}"): Need(role=Role.READ, shows=Subject.LETTER, part="letter"),
        ("GET", "/personal/brev-ut/{letter:int}/brev.html"): Need(role=Role.READ, shows=Subject.LETTER, part="letter"),
        ("GET", "/personal/brev-ut/{letter:int}/bilaga/{file:int}"): Need(
            role=Role.HANDLE, shows=Subject.LETTER, part="letter", taken=True
        ),
        ("GET", "/personal/svar/{draft:int}/brev.html"): Need(role=Role.READ, shows=Subject.DRAFT, part="draft"),
        ("GET", "/personal/karantan"): _list("karantan"),
        ("POST", "/personal/karantan/in"): Need(
            role=Role.ADMIN, shows=Subject.LIST, part="karantan", looks=False, noted=frozenset({""})
        ),
        # Who looked, and who took the file out, is noted with the mail itself.
        ("GET", "/personal/karantan/{mail:int}"): Need(role=Role.READ),
        ("GET", "/personal/karantan/{mail:int}/innehall"): Need(role=Role.HANDLE),
        ("POST", "/personal/karantan/{mail:int}"): Need(
            role=Role.HANDLE,
            buttons=_named({"igen": Role.HANDLE, "arende": Role.HANDLE, "ingen": Role.APPROVE}),
            shows=Subject.MAIL,
            part="mail",
            looks=False,
            noted=frozenset({"igen", "ingen"}),
        ),
        ("GET", "/personal/sparrlista"): _list("sparrlista"),
        ("POST", "/personal/sparrlista"): Need(
            role=Role.HANDLE,
            buttons=_named({"sok": Role.READ, "sparra": Role.HANDLE, "ta_bort": Role.APPROVE}),
            shows=Subject.LIST,
            part="sparrlista",
        ),
        ("GET", "/personal/sparrlista/lista.txt"): Need(
            role=Role.ADMIN, shows=Subject.LIST, part="sparrlista", taken=True
        ),
        ("GET", "/personal/sparrlista/lista.csv"): Need(
            role=Role.ADMIN, shows=Subject.LIST, part="sparrlista", taken=True
        ),
        ("GET", "/personal/statistik"): Need(role=Role.READ),
        ("GET", "/personal/statistik/siffror.csv"): Need(role=Role.READ),
        ("GET", "/personal/register"): _list("register", Role.ADMIN),
        ("GET", "/personal/register/register.csv"): Need(
            role=Role.ADMIN, shows=Subject.LIST, part="register", taken=True
        ),
        ("GET", "/personal/kalender"): Need(role=Role.ADMIN),
        ("POST", "/personal/kalender"): Need(role=Role.ADMIN),
        ("GET", "/personal/inloggningar"): Need(role=Role.READ),
        ("POST", "/personal/inloggningar"): Need(
            role=Role.READ,
            buttons=_named(
                {"avsluta": Role.READ, "overallt": Role.READ, "avsluta_annans": Role.ADMIN, "alla_annans": Role.ADMIN}
            ),
        ),
        ("GET", "/personal/atkomst"): _list("atkomst", Role.ADMIN),
        ("GET", "/personal/atkomst/atkomst.csv"): Need(role=Role.ADMIN, shows=Subject.LIST, part="atkomst", taken=True),
        ("POST", "/personal/logga-ut"): Need(role=Role.READ),
    }
)


def need_of(method: str, path: str) -> Need | None:
    """Return what a route needs, by its path as the route was written; None for one that declares nothing."""
    return NEEDS.get(("GET" if method == "HEAD" else method, path))
