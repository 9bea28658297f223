"""The one place that builds what touches the world and plugs it into the rooms."""

import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, make_url
from sqlalchemy.exc import SQLAlchemyError

from inbox_bot.access.keyring import Keyring
from inbox_bot.approval.room import Approval
from inbox_bot.approval.toml_attachments import read_attachments
from inbox_bot.approval.toml_rules import read_decisions
from inbox_bot.assembly_access import build_keyring, build_sign_in, make_key
from inbox_bot.breach.desk import BreachDesk
from inbox_bot.breach.toml_rules import read_breach
from inbox_bot.case import redating
from inbox_bot.case.calendar import SwedishCalendar
from inbox_bot.case.deadline import deadline_report, parse_moment
from inbox_bot.case.redating import Almanac
from inbox_bot.classification import corpus, evaluation
from inbox_bot.classification.keeping import RedactingKeeper
from inbox_bot.classification.redaction import Ordinary
from inbox_bot.classification.whole import read_whole
from inbox_bot.clock import Clock, SystemClock, stockholm_day
from inbox_bot.digest.hours import Hours
from inbox_bot.digest.room import Digest
from inbox_bot.domain.authenticity import Standing
from inbox_bot.domain.case import LetterPurpose
from inbox_bot.domain.example import Keeper, KeepsNothing
from inbox_bot.domain.letters import LetterBook
from inbox_bot.domain.loops import LoopRules
from inbox_bot.domain.mail import Message
from inbox_bot.domain.notice import Addressee
from inbox_bot.domain.people import People
from inbox_bot.domain.verdict import Classifier
from inbox_bot.errors import RulesError, SettingsError, StoreError, TemplateError
from inbox_bot.flow import Flow
from inbox_bot.fulfilment.desk import Fulfilment
from inbox_bot.fulfilment.recording import Recording
from inbox_bot.fulfilment.rulebook import Place, TaskRules
from inbox_bot.fulfilment.text_file import TextListFile
from inbox_bot.fulfilment.toml_rules import read_tasks
from inbox_bot.health.board import Board
from inbox_bot.health.desk import Watchman
from inbox_bot.health.disk import free_bytes
from inbox_bot.health.report import proof
from inbox_bot.health.status_file import JsonStatusFile
from inbox_bot.letters.controller import Controller, read_controller
from inbox_bot.letters.jinja import JinjaLetterBook
from inbox_bot.mailbox.beside import Beside, Wishes
from inbox_bot.mailbox.imap import ImapAccount, ImapSource
from inbox_bot.mailbox.imap_neighbour import ImapNeighbour
from inbox_bot.mailbox.toml_folders import FolderRules, read_folders
from inbox_bot.message.acquaintance import acquaint
from inbox_bot.message.authenticity import Trust
from inbox_bot.message.domains import DomainRules
from inbox_bot.message.parse import read as read_message
from inbox_bot.message.parse import read_text
from inbox_bot.message.toml_domains import read_domains
from inbox_bot.message.toml_lists import automatic_lists
from inbox_bot.outbox.room import Alarm, Outbox
from inbox_bot.outbox.smtp import SmtpAccount, SmtpTransport
from inbox_bot.outbox.toml_returns import read_returns
from inbox_bot.outbox.transport import Transport
from inbox_bot.people.csv_file import CsvPeople
from inbox_bot.people.sql_query import SqlPeople
from inbox_bot.reading.edition import edition
from inbox_bot.reading.intake import Intake
from inbox_bot.reading.process import ReaderProcess
from inbox_bot.reading.rules import load_rules, phrase_folder
from inbox_bot.retention.desk import Keeping
from inbox_bot.retention.journal_file import JournalFile
from inbox_bot.retention.replay import missing_lines, replay
from inbox_bot.retention.table import Item, RetentionTable
from inbox_bot.retention.toml_table import read_table
from inbox_bot.settings import (
    FileSettings,
    MailboxSettings,
    PeopleSettings,
    PersonHours,
    Settings,
    SmtpSettings,
    find_file,
    rules_folders,
    template_folders,
)
from inbox_bot.store.engine import connect, migrate, schema_version
from inbox_bot.store.unit import Desk
from inbox_bot.verification.desk import Verification
from inbox_bot.verification.login_desk import Login
from inbox_bot.verification.sign_in import RETURN_PATH
from inbox_bot.verification.toml_rules import read_proof

if TYPE_CHECKING:
    from inbox_bot.classification.teaching import Taught

__all__ = [
    "Building",
    "calendar",
    "classifier",
    "deadline_report",
    "furnish",
    "load_rules",
    "make_key",
    "parse_moment",
    "read_mail",
    "read_whole",
    "rule_problems",
]

_IMAP_PORTS = {"tls": 993, "starttls": 143, "plain": 143}
_RECENT_DAYS = 14
_RECENT_MAILS = 50
_ENOUGH = 5
"""Mails with a server's word from which the check draws a conclusion."""

_SMTP_PORTS = {"tls": 465, "starttls": 587, "plain": 25}


@dataclass(frozen=True, kw_only=True)
class Building:
    """A whole installation, ready to work: its flow, and the parts that ``check`` and the worker need by themselves.

    ``replayed``: how many erasures a restored database was made to carry out again when it was opened. ``neighbours``: the
    second connection to each mailbox in which something is looked after beside the reading, and what.
    """

    settings: Settings
    flow: Flow
    controller: Controller
    sources: Mapping[str, ImapSource]
    transport: Transport
    engine: Engine
    keyring: Keyring
    replayed: int = 0
    neighbours: Mapping[str, tuple[ImapNeighbour, Wishes]] = field(default_factory=dict)

    def close(self) -> None:
        """End the process that reads, and give back the database's connections."""
        self.flow.stop_reading()
        self.engine.dispose()


def furnish(
    settings: Settings,
    *,
    clock: Clock | None = None,
    classifier: Classifier | None = None,
    transport: Transport | None = None,
) -> Building:
    """Build an installation from its settings, bringing the database up to date.

    Without a ``classifier`` mails are read and judged in a process of its own, which is started here.
    Raises SettingsError, RulesError, TemplateError or StoreError for what cannot be used.
    """
    time = clock or SystemClock()
    controller = read_controller(find_file(rules_folders(settings.files), "controller.toml"))
    letters = letter_book(settings, controller)
    engine = connect(settings.database.url.get_secret_value())
    migrate(engine)
    desk = Desk(engine)
    keeping = keeping_for(settings, desk, time)
    replayed = replay(keeping)
    version = edition(settings.files)
    reader = ReaderProcess(settings.files, settings.log)
    if classifier is None:
        reader.open()
    dates = SwedishCalendar()
    almanac = Almanac(desk=desk, clock=time, calendar=dates)
    redating.open_table(almanac)
    keyring = build_keyring(settings, desk, time)
    way_out = transport or smtp_transport(settings.smtp, keyring)
    watchman = watchman_for(settings, desk, time, letters, comparable_days(settings, keeping.table))
    key = settings.secret.get_secret_value().encode()
    sender, pages = settings.smtp.sender, settings.web.public_url
    keeper = example_keeper(settings)
    trust = Trust(servers=settings.trusted_servers, domains=domain_rules(settings.files))
    folders = read_folders(find_file(rules_folders(settings.files), "folders.toml"))
    fulfilment = Fulfilment(
        desk=desk,
        clock=time,
        calendar=dates,
        letters=letters,
        rules=task_rules(settings.files, controller),
        sender=sender,
        pages=pages,
        staff=settings.staff.addresses,
        own=settings.own_addresses,
        recipients=tuple(
            Addressee(
                name=one.name,
                kind=one.kind.value,
                contact=one.address,
                what=one.data_sv,
                language=one.language.value,
                processor=one.processor,
                told=frozenset(one.told),
            )
            for one in controller.recipients
        ),
        list_file=list_file(settings),
    )
    loops = loop_rules()
    outbox = Outbox(
        desk=desk,
        clock=time,
        calendar=dates,
        transport=way_out,
        limits=settings.outbox,
        sender=sender,
        never_write=settings.never_write,
        worker=watchman.worker,
        returns=read_returns(find_file(rules_folders(settings.files), "returns.toml")),
        tags=settings.smtp.plus_addresses,
        alarm=Alarm(raise_it=fulfilment.alarm, readers=len(settings.staff.addresses)),
        answerable=loops.answerable,
    )
    flow = Flow(
        loops=loops,
        desk=desk,
        clock=time,
        calendar=dates,
        classifier=classifier or reader,
        intake=None
        if classifier is not None
        else Intake(desk, settings.own_addresses, reader, time, trust=trust, edition=version),
        trust=trust,
        letters=letters,
        prefix=controller.reference_prefix,
        own_addresses=settings.own_addresses,
        verification=Verification(
            desk=desk,
            clock=time,
            calendar=dates,
            letters=letters,
            identity=settings.identity,
            key=key,
            sender=sender,
            pages=pages,
            rules=read_proof(find_file(rules_folders(settings.files), "proof.toml")),
            people=people_on_file(settings.people),
            own=settings.own_addresses,
            never_write=settings.never_write,
        ),
        approval=Approval(
            desk=desk,
            clock=time,
            calendar=dates,
            letters=letters,
            sender=sender,
            book=Recording(room=fulfilment),
            rules=read_decisions(find_file(rules_folders(settings.files), "decisions.toml")),
            attachments=read_attachments(find_file(rules_folders(settings.files), "attachments.toml")),
            keeper=keeper,
            key=key,
            pages=pages,
        ),
        fulfilment=fulfilment,
        outbox=outbox,
        emergency=replace(
            outbox,
            transport=transport or smtp_transport(settings.smtp, keyring),
            among=(LetterPurpose.STAFF,),
            halted=threading.Event(),
        ),
        watchman=watchman,
        breach=BreachDesk(
            desk=desk,
            clock=time,
            rules=read_breach(find_file(rules_folders(settings.files), "breach.toml")),
            alarm=fulfilment.alarm,
            company=controller.company.name,
        ),
        digest=Digest(
            desk=desk,
            clock=time,
            calendar=dates,
            letters=letters,
            sender=sender,
            pages=pages,
            staff=settings.staff.addresses,
            warnings=lambda: [*redating.warnings(almanac), *keyring.warnings(letters.failure)],
            logins=keyring.lines,
            proof=lambda: proof(watchman),
            hours=staff_hours(settings),
        ),
        login=Login(
            desk=desk,
            clock=time,
            letters=letters,
            staff=settings.staff,
            key=key,
            sender=sender,
            pages=pages,
            codes=settings.login.codes,
            provider=build_sign_in(settings.login.oidc, time),
            accounts=settings.login.oidc.accounts,
        ),
        keeper=keeper,
        keeping=keeping,
        almanac=almanac,
        edition=version,
        beside=Beside(
            desk=desk,
            clock=time,
            ours=settings.own_addresses | frozenset(settings.staff.addresses),
            # No address is our own here: what people sent comes from one, and is no automatic mail for that.
            read=lambda headers: read_message(headers, frozenset()),
            most_recipients=folders.most_recipients,
        ),
    )
    sources = {name: imap_source(name, box, time, keyring) for name, box in settings.mailbox.items()}
    return Building(
        settings=settings,
        flow=flow,
        controller=controller,
        sources=sources,
        transport=way_out,
        engine=engine,
        keyring=keyring,
        replayed=replayed,
        neighbours={
            name: (imap_neighbour(name, box, folders, keyring), wishes)
            for name, box in settings.mailbox.items()
            if not (wishes := wishes_for(box)).nothing
        },
    )


def wishes_for(box: MailboxSettings) -> Wishes:
    """Return what the settings ask for in one mailbox beside the reading."""
    return Wishes(read_sent=box.read_sent, count_vanished=box.count_vanished, label=box.label, copy_to=box.copy_to)


def imap_neighbour(name: str, box: MailboxSettings, folders: FolderRules, keyring: Keyring) -> ImapNeighbour:
    """Build the second connection to one mailbox, not yet opened."""
    return ImapNeighbour(imap_account(name, box, keyring), folders, sent_folder=box.sent_folder)


def beside_report(settings: Settings, name: str, keyring: Keyring) -> str:
    """Try what is asked for beside the reading of one mailbox, changing nothing, and say how it is. Raises MailboxError."""
    box = settings.mailbox[name]
    folders = read_folders(find_file(rules_folders(settings.files), "folders.toml"))
    neighbour = imap_neighbour(name, box, folders, keyring)
    try:
        neighbour.open()
        return neighbour.report(label=box.label, copy_to=box.copy_to, read_sent=box.read_sent)
    finally:
        neighbour.close()


def watchman_for(settings: Settings, desk: Desk, clock: Clock, letters: LetterBook, days: int) -> Watchman:
    """Build what keeps watch. ``days``: how young mails are compared with the server."""
    watch = settings.watch
    return Watchman(
        desk=desk,
        clock=clock,
        letters=letters,
        sender=settings.smtp.sender,
        pages=settings.web.public_url,
        staff=settings.staff.addresses,
        watchers=watch.watchers,
        mailboxes=tuple(settings.mailbox),
        folders=frozenset(f"{name}/{folder}" for name, box in settings.mailbox.items() for folder in box.folders),
        junk_read=all(box.include_junk for box in settings.mailbox.values()),
        check_hour=watch.self_check_hour if watch.self_check else None,
        check_address=watch.self_check_address or settings.smtp.sender,
        compare_days=days,
        worker=f"{socket.gethostname()}:{os.getpid()}",
        board=Board(clock),
        free=lambda: free_bytes(written_folders(settings)),
        file=status_file(settings),
    )


def comparable_days(settings: Settings, table: RetentionTable) -> int:
    """Return how young a mail must be to be compared: what was no request is forgotten when its period is over, and only then.

    Two days less than that period, because the server may count its days elsewhere.
    """
    period = table.rules[Item.OTHER_MAIL].period
    kept = settings.watch.compare_days if period is None else 28 * period.months + period.days - 2
    return max(0, min(settings.watch.compare_days, kept))


def status_file(settings: Settings) -> JsonStatusFile | None:
    """Build the file that says how the program is, None if the settings name none."""
    return JsonStatusFile(Path(settings.watch.file)) if settings.watch.file else None


def written_folders(settings: Settings) -> list[Path]:
    """Return the folders the program writes to on this machine."""
    url = make_url(settings.database.url.get_secret_value())
    database = [url.database] if url.get_backend_name() == "sqlite" and url.database else []
    files = [settings.journal.file, settings.watch.file, settings.suppression.file]
    return [Path(file).resolve().parent for file in (*database, *files) if file]


def watch_report(settings: Settings) -> str:
    """Say who is told when the program stands still, and by which ways. Raises SettingsError, HealthFileError or RulesError."""
    watch, file = settings.watch, status_file(settings)
    if watch.self_check and watch.self_check_address and watch.self_check_address not in settings.own_addresses:
        raise SettingsError(
            "[watch] self_check_address is in no mailbox that is read, so the daily mail would never come in.",
            hint="If it is an alias of one, write it in addresses under that mailbox; else leave it empty.",
        )
    if file is not None:
        file.probe()
    count = len(set(watch.watchers))
    who = f"{count} watcher(s)" if count else "no watchers, so staff are told"
    advice = "" if count > 1 else " (name two people in [watch] watchers, night and weekend included)"
    check = (
        f"mail to ourselves daily from {watch.self_check_hour:02}:00" if watch.self_check else "no mail to ourselves"
    )
    days = comparable_days(settings, read_table(find_file(rules_folders(settings.files), "retention.toml")))
    compared = f"mails of {days} days compared daily" if days else "mails on the server not compared"
    where = f"file {watch.file}" if watch.file else "no file: watch /halsa instead"
    return f"{who}{advice}; {check}; {compared}; {where}"


def staff_hours(settings: Settings) -> dict[str, Hours]:
    """Return when each of the staff may be told of what has come to wait."""
    notify = settings.notify
    own = {address: notify.person.get(address, PersonHours()) for address in settings.staff.addresses}
    return {
        address: Hours(
            on=notify.on if one.on is None else one.on,
            begins=one.begins or notify.begins,
            ends=one.ends or notify.ends,
            days_off=notify.days_off if one.days_off is None else one.days_off,
        )
        for address, one in own.items()
    }


def notify_report(settings: Settings) -> str:
    """Say who is mailed about what has come to wait, and when."""
    hours = staff_hours(settings)
    told = [one for one in hours.values() if one.on]
    if not told:
        return "nobody is mailed about what has come to wait: the daily and the weekly letter tell"
    spans = sorted({f"{one.begins:%H:%M}-{one.ends:%H:%M}{' every day' if one.days_off else ''}" for one in told})
    return f"{len(told)} of {len(hours)} staff are mailed about what has come to wait, at most once an hour, {', '.join(spans)}"


def keeping_for(settings: Settings, desk: Desk, clock: Clock) -> Keeping:
    """Build what keeps, finds and lets go. Raises RulesError for a table of periods that cannot be used."""
    return Keeping(
        desk=desk,
        clock=clock,
        table=read_table(find_file(rules_folders(settings.files), "retention.toml")),
        journal=JournalFile(Path(settings.journal.file)),
        key=settings.secret.get_secret_value().encode(),
        staff=frozenset(settings.staff.addresses),
    )


def retention_report(settings: Settings) -> str:
    """Read the table of periods and the erasure journal and say how they are. Raises RulesError or StoreError."""
    engine = connect(settings.database.url.get_secret_value())
    try:
        keeping = keeping_for(settings, Desk(engine), SystemClock())
        lost = missing_lines(keeping)
    except SQLAlchemyError as error:
        raise StoreError(f"The database does not say how far it has come ({type(error).__name__}).") from error
    finally:
        engine.dispose()
    if lost:
        raise StoreError(
            f"The erasure journal {settings.journal.file} lacks {lost} line(s) at its end that this database has carried out.",
            hint="Put the newest copy of the file back: without it a restored backup brings back what was erased.",
        )
    return f"{len(keeping.table.rules)} periods read, erasure journal at line {keeping.journal.last()}"


def loop_rules() -> LoopRules:
    """Return what rules/automatic.toml says of addresses no letter answers. Raises RulesError."""
    lists = automatic_lists()
    return LoopRules(
        daemons=lists.daemons,
        noreply=lists.noreply,
        list_prefixes=lists.list_prefixes,
        list_suffixes=lists.list_suffixes,
        same_text=timedelta(hours=lists.same_text_hours),
    )


def returns_report(settings: Settings) -> str:
    """Read what letters that come back mean and what is automatic, and say how much it is. Raises RulesError."""
    rules = read_returns(find_file(rules_folders(settings.files), "returns.toml"))
    loop_rules()
    way = "by our own address too" if settings.smtp.plus_addresses else "by their Message-ID"
    return f"{len(rules.rows)} meanings of a letter that comes back; reports are tied {way}"


def people_on_file(settings: PeopleSettings) -> People | None:
    """Build the register of known people, or None where none is set. Raises PeopleError for a URL that cannot be used."""
    if settings.file:
        return CsvPeople(Path(settings.file))
    if settings.query:
        return SqlPeople(settings.url.get_secret_value(), settings.query)
    return None


def login_report(settings: Settings) -> str:
    """Try the ways staff log in by and say how they are. Raises SignInError, or AccessError for a package that is not here."""
    codes = "codes by mail" if settings.login.codes else "no codes by mail"
    provider = build_sign_in(settings.login.oidc, SystemClock())
    if provider is None:
        return codes
    back = f"{settings.web.public_url}{RETURN_PATH}"
    return f"{codes}; {provider.report()}; the redirect address to register there is {back}"


def people_report(settings: Settings) -> str:
    """Try the register of known people and say how it is. Raises PeopleError."""
    people = people_on_file(settings.people)
    return "none: a link goes to the address that wrote" if people is None else people.report()


def domain_rules(files: FileSettings) -> DomainRules:
    """Read what is known of domain names. Raises RulesError naming file and key."""
    return read_domains(find_file(rules_folders(files), "domains.toml"))


def sender_report(settings: Settings, name: str, keyring: Keyring) -> str:
    """Say whose word on who wrote is believed for a mailbox, and whose word its recent mails bear. Raises InboxBotError."""
    clock, trusted = SystemClock(), settings.trusted_servers[name]
    source = imap_source(name, settings.mailbox[name], clock, keyring)
    try:
        source.open()
        source.select(settings.mailbox[name].folders[0])
        uids = source.uids_since(stockholm_day(clock.now()) - timedelta(days=_RECENT_DAYS))
        found = acquaint(source.heads(uids[-_RECENT_MAILS:]), trusted, domain_rules(settings.files))
    finally:
        source.close()
    borne = ", ".join(f"{server} ({count})" for server, count in found.names) or "no server's"
    seen = f"of the last {found.mails} mail(s), these bear a server's word: {borne}"
    if not trusted:
        return f"nobody's word on who wrote is believed; {seen}. Write your own server's as trusted_servers"
    setting = f"[mailbox.{name}] trusted_servers"
    if not found.believed and sum(count for _, count in found.names) >= _ENOUGH:
        raise SettingsError(
            f"{setting} names no server that wrote in them: {seen}.", hint="Write your own server's name."
        )
    failed = found.standings[Standing.FAILED]
    if failed == found.believed and failed >= _ENOUGH:
        raise SettingsError(
            f"Every one of {failed} mails fails the check of {', '.join(sorted(trusted))}.",
            hint=f"If another server takes your mail in first, write that one's name in {setting}.",
        )
    return f"believes {', '.join(sorted(trusted))}: it spoke of {found.believed} of the last {found.mails} mail(s), {failed} failed"


def proof_report(settings: Settings) -> str:
    """Read the table of proof and say how long it is. Raises RulesError."""
    path = find_file(rules_folders(settings.files), "proof.toml")
    return f"{len(read_proof(path).row)} rows read from {path}, every request finds one"


def breach_report(settings: Settings) -> str:
    """Read what files may leave, and what is done when a letter goes to the wrong person. Raises RulesError."""
    rules = read_breach(find_file(rules_folders(settings.files), "breach.toml"))
    hours = ", ".join(str(one) for one in rules.warn_hours)
    files = read_attachments(find_file(rules_folders(settings.files), "attachments.toml"))
    unknown = sorted(
        files.letters
        - {
            path.parent.name
            for folder in template_folders(settings.files)
            for path in folder.glob("letters/*/letter.toml")
        }
    )
    if unknown:
        raise RulesError(
            f"rules/attachments.toml: letters names {unknown[0]}, which is no letter.", hint="Mend the list."
        )
    return f"{len(files.kinds)} kinds of files may leave with a letter; {len(rules.steps)} steps for a letter to the wrong person, staff warned at {hours} hours left"


def task_rules(files: FileSettings, controller: Controller) -> TaskRules:
    """Read what each right takes in the company's systems. Raises RulesError naming file and key."""
    folders = rules_folders(files)
    path = find_file(folders, "tasks.toml")
    beside = path.parent == find_file(folders, "controller.toml").parent
    places = [Place(name=system.name, holds=system.holds) for system in controller.systems]
    return read_tasks(path, places, same_company=beside)


def list_file(settings: Settings) -> TextListFile | None:
    """Build the file of addresses that get no marketing, None if the settings name none."""
    return TextListFile(Path(settings.suppression.file)) if settings.suppression.file else None


def acting_report(settings: Settings) -> str:
    """Read what each right takes, what a no demands and who is told, and say how much it is. Raises RulesError."""
    folders = rules_folders(settings.files)
    controller = read_controller(find_file(folders, "controller.toml"))
    rules = task_rules(settings.files, controller)
    read_decisions(find_file(folders, "decisions.toml"))
    problems = rules.problems()
    if problems:
        raise RulesError(" ".join(problems[:3]), hint="Name your systems in tasks.toml, beside your controller.toml.")
    return f"tasks for {len(rules.places)} systems, {len(controller.recipients)} recipient(s) of data"


def suppression_report(settings: Settings) -> str:
    """Say where other systems find the list against marketing. Raises ListFileError if its file cannot be written."""
    file = list_file(settings)
    if file is None:
        return "no file ([suppression] file is empty): keep the tools that send marketing in step by hand"
    file.probe()
    return f"can be written to {settings.suppression.file}"


def example_keeper(settings: Settings) -> Keeper:
    """Build what makes examples of sorted mails, as the settings allow; its word lists are read when they are needed."""
    if not settings.learning.keep_examples:
        return KeepsNothing()
    return RedactingKeeper(lambda: ordinary_words(settings.files))


@cache
def ordinary_words(files: FileSettings) -> Ordinary:
    """Return the words that redaction may keep, read once. Raises RulesError for a file that cannot be used."""
    from inbox_bot.classification.ordinary import load_words  # noqa: PLC0415  # its dictionaries are for redaction alone

    folders = rules_folders(files)
    shipped = find_file(folders, "meanings.toml").parent
    return load_words(phrase_folder(files), shipped, find_file(folders, "names.toml"))


@contextmanager
def opened_keyring(settings: Settings, clock: Clock) -> Iterator[Keyring]:
    """Give the installation's logins for as long as it takes to try them. Raises StoreError."""
    engine = connect(settings.database.url.get_secret_value())
    try:
        if settings.logins:
            migrate(engine)
        yield build_keyring(settings, Desk(engine), clock)
    finally:
        engine.dispose()


def imap_source(name: str, box: MailboxSettings, clock: Clock, keyring: Keyring) -> ImapSource:
    """Build the connection to one mailbox, not yet opened."""
    return ImapSource(imap_account(name, box, keyring), clock=clock)


def imap_account(name: str, box: MailboxSettings, keyring: Keyring) -> ImapAccount:
    """Return how one mailbox is reached."""
    return ImapAccount(
        name=name,
        host=box.host,
        port=box.port or _IMAP_PORTS[box.security],
        security=box.security,
        username=box.username,
        password=box.password.get_secret_value(),
        access=keyring.keeper(name),
        folders=box.folders,
        include_junk=box.include_junk,
        timeout=box.timeout_seconds,
        ca_file=box.ca_file or None,
        idle=box.idle,
        largest=round(box.largest_mail_mb * 1_000_000),
    )


def smtp_transport(smtp: SmtpSettings, keyring: Keyring) -> SmtpTransport:
    """Build the way out, not yet connected."""
    account = SmtpAccount(
        host=smtp.host,
        port=smtp.port or _SMTP_PORTS[smtp.security],
        security=smtp.security,
        username=smtp.username,
        password=smtp.password.get_secret_value(),
        access=keyring.keeper("smtp"),
        timeout=smtp.timeout_seconds,
        ca_file=smtp.ca_file or None,
    )
    return SmtpTransport(account)


def classifier(files: FileSettings | None = None) -> Classifier:
    """Build the classifier alone, for the command that needs no settings file."""
    return load_rules(files or FileSettings())


def evaluate(files: Sequence[Path], rules: Path | None = None) -> list[evaluation.Judged]:
    """Return the verdict on every labelled mail in some files. Raises RulesError for a file that cannot be used."""
    found = corpus.read_files(files)
    judge = classifier(FileSettings() if rules is None else FileSettings(rules=str(rules)))
    return evaluation.judge(found, lambda one: read_whole(judge, read_text(one.subject, one.body)))


def train(
    folder: Path | None, add: Sequence[Path], rules: Path | None, out: Path | None, tell: Callable[[str], None]
) -> "tuple[Taught, Path]":
    """Build the model from labelled mails and write it; return it and where it is. Raises RulesError."""
    try:
        from inbox_bot.classification.model import save  # noqa: PLC0415  # numpy is for the process that reads
        from inbox_bot.classification.teaching import teach  # noqa: PLC0415  # scikit-learn is for training alone
    except ImportError as fault:
        raise RulesError(
            f"Training needs a package that is not here: {fault.name}.", hint="pip install 'inbox-bot[train]'"
        ) from fault
    folders = rules_folders(FileSettings(rules="" if rules is None else str(rules)))
    found = corpus.read_files([*corpus.files(folder or find_file(folders, "corpus")), *add])
    target = out or find_file(folders, "model")
    taught = teach(
        found,
        find_file(folders, "phrases").parent,
        find_file(folders, "meanings.toml").parent,
        lambda subject, body: read_text(subject, body).reply_text,
        tell,
    )
    save(taught.model, target)
    return taught, target


def rule_problems(files: FileSettings) -> list[str]:
    """Return what is wrong with the phrase rules, a sentence each; empty when all examples hold."""
    from inbox_bot.classification.checking import check_rules  # noqa: PLC0415  # spaCy, as in load_rules

    return check_rules(phrase_folder(files))


def calendar() -> SwedishCalendar:
    """Build the calendar alone."""
    return SwedishCalendar()


def read_mail(content: bytes) -> Message:
    """Read one mail, for the command that needs no settings file. Raises UnreadableMailError."""
    return read_message(content, frozenset())


def database_report(settings: Settings) -> str:
    """Open the database, bring its schema up to date and say how it is. Raises StoreError."""
    engine = connect(settings.database.url.get_secret_value())
    try:
        before, _ = schema_version(engine)
        migrate(engine)
        has, knows = schema_version(engine)
        if has != knows:
            raise StoreError(
                f"The schema is version {has}, this program knows {knows}.", hint="Install the newer program."
            )
        return f"{engine.dialect.name}, schema {has}" + ("" if before == has else " (just brought up to date)")
    finally:
        engine.dispose()


def letters_report(settings: Settings) -> str:
    """Read every letter's declaration and templates and say how many there are. Raises RulesError or TemplateError."""
    book = letter_book(settings, read_controller(find_file(rules_folders(settings.files), "controller.toml")))
    problems = book.problems()
    if problems:
        raise TemplateError(" ".join(problems[:3]), hint="Mend these under templates/letters, then check again.")
    return f"{len(book.names())} letters, company facts read"


def company_report(settings: Settings) -> str:
    """Say what the company still has to settle in its facts: nothing is broken, but answers wait for it. Raises RulesError."""
    file = find_file(rules_folders(settings.files), "controller.toml")
    unsettled = read_controller(file).unsettled()
    if not unsettled:
        return f"{file} has everything that letters tell"
    return " ".join((f"to be settled by the company in {file}:", *unsettled))


def letter_book(settings: Settings, controller: Controller) -> JinjaLetterBook:
    """Build the letter book: the company's own letters before the shipped ones. Raises TemplateError naming the file."""
    folders = [place for folder in template_folders(settings.files) if (place := folder / "letters").is_dir()]
    return JinjaLetterBook(folders=folders, controller=controller, sender=settings.smtp.sender)
