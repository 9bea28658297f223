"""Settings: one file and the environment, read once, frozen. Nobody else reads the environment.

``INBOX_BOT_SMTP__PASSWORD`` sets ``password`` under ``[smtp]``; ``INBOX_BOT_MAILBOX__INFO__PASSWORD`` the one under
``[mailbox.info]``. The environment wins over the file.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from inbox_bot.errors import SettingsError

DEFAULT_FILE = "inbox-bot.toml"
_PACKAGE = Path(__file__).parent

Security = Literal["tls", "starttls", "plain"]
Auth = Literal["password", "microsoft", "google"]
RoleName = Literal["read", "handle", "approve", "admin"]


def _address(value: str) -> str:
    local, at, domain = value.strip().rpartition("@")
    if not (local and at and "." in domain) or any(character.isspace() for character in value.strip()):
        raise ValueError(f"{value!r} is not a mail address")
    return value.strip().lower()


MailAddress = Annotated[str, AfterValidator(_address)]


def _server_name(value: str) -> str:
    name = value.strip().lower().rstrip(".")
    if not name.removeprefix("*.") or any(character.isspace() or character in ';=@"()' for character in name):
        raise ValueError(
            f"{value!r} is not the name a mail server gives in Authentication-Results, such as mx.example.com"
        )
    if "*" in name.removeprefix("*.") or (name.startswith("*.") and "." not in name[2:]):
        raise ValueError(f"{value!r}: a star stands for the first part of a name only, as in *.mail.example.com")
    return name


ServerName = Annotated[str, AfterValidator(_server_name)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MailboxSettings(_Section):
    """One mailbox to read."""

    host: str
    username: str
    password: SecretStr = SecretStr("")
    auth: Auth = "password"
    login: str = ""
    port: int = Field(default=0, ge=0, le=65535, description="0: 993 for tls, else 143")
    security: Security = "tls"
    ca_file: str = ""
    folders: tuple[str, ...] = ("INBOX",)
    include_junk: bool = True
    idle: bool = True
    poll_seconds: float = Field(default=60, gt=0, le=3600)
    timeout_seconds: float = Field(default=30, gt=0, le=600)
    look_back_days: int = Field(default=30, ge=0, le=365)
    largest_mail_mb: float = Field(default=5, ge=1, le=100)
    addresses: tuple[MailAddress, ...] = ()
    trusted_servers: tuple[ServerName, ...] = ()
    read_sent: bool = True
    sent_folder: str = ""
    count_vanished: bool = True
    label: str = ""
    copy_to: str = ""

    @field_validator("label")
    @classmethod
    def _check_label(cls, value: str) -> str:
        # An atom (RFC 9051 section 9), and of the signs that every mail program shows.
        if value and not re.fullmatch(r"[A-Za-z0-9$_.-]{1,60}", value):
            raise ValueError("a keyword is at most 60 of A-Z, a-z, 0-9, $, _, . and -, without spaces")
        return value

    @model_validator(mode="after")
    def _check_copies(self) -> "MailboxSettings":
        if self.copy_to and self.copy_to in self.folders:
            raise ValueError("copy_to must be a folder that is not read: the program would read its own copies")
        return self


class SmtpSettings(_Section):
    """The server that takes our letters."""

    host: str
    sender: MailAddress
    port: int = Field(default=0, ge=0, le=65535, description="0: 465 for tls, 587 for starttls, 25 for plain")
    security: Security = "starttls"
    username: str = ""
    password: SecretStr = SecretStr("")
    auth: Auth = "password"
    login: str = ""
    ca_file: str = ""
    timeout_seconds: float = Field(default=30, gt=0, le=600)
    plus_addresses: bool = False


class MicrosoftSettings(_Section):
    """The application at Microsoft that reads and sends for us."""

    tenant: str = ""
    client: str = ""
    flow: Literal["client_credentials", "device_code"] = "client_credentials"
    client_secret: SecretStr = SecretStr("")
    client_secret_expires: date | None = None
    certificate_file: str = ""
    authority: str = Field(default="https://login.microsoftonline.com", pattern=r"^https://[^/]+/?$")
    resource: str = Field(
        default="", pattern=r"^(https://[^/]+/?)?$", description="empty: Microsoft's own for the flow"
    )
    ca_file: str = ""


class GoogleSettings(_Section):
    """The project at Google that reads and sends for us."""

    key_file: str = ""
    ca_file: str = ""


class AccessSettings(_Section):
    """What stored logins are locked with, and when staff are told that one ends."""

    key: SecretStr = SecretStr("")
    key_file: str = Field(default="inbox-bot.key", min_length=1)
    warn_days: int = Field(default=14, ge=1, le=90)


class DatabaseSettings(_Section):
    """Where the program keeps what it knows."""

    url: SecretStr = SecretStr("sqlite:///inbox-bot.db")


class WebSettings(_Section):
    """Where the pages are, and what address people reach them by."""

    host: str = "127.0.0.1"
    port: int = Field(default=8025, ge=0, le=65535)
    largest_upload_mb: float = Field(default=25, ge=1, le=100)
    public_url: str

    @field_validator("public_url")
    @classmethod
    def _check_url(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("write the whole address people reach the pages by, such as https://arenden.example.se")
        return value.rstrip("/")


class StaffSettings(_Section):
    """The people who answer: they may log in, and they get the digest. Who is not in ``roles`` is admin."""

    addresses: tuple[MailAddress, ...] = Field(min_length=1)
    roles: dict[MailAddress, RoleName] = Field(default_factory=dict)
    login_minutes: int = Field(default=15, ge=1, le=120)
    session_hours: int = Field(default=12, ge=1, le=720)
    idle_minutes: int = Field(default=240, ge=5, le=43_200)

    @model_validator(mode="after")
    def _check_roles(self) -> "StaffSettings":
        strangers = [address for address in self.roles if address not in self.addresses]
        if strangers:
            raise ValueError(f"roles names {strangers[0]}, which is not in addresses")
        if not {self.role_of(address) for address in self.addresses} & {"approve", "admin"}:
            raise ValueError("roles lets nobody approve, so no answer could leave; give one person approve or admin")
        return self

    def role_of(self, address: str) -> RoleName | None:
        """Return what a person may do, None for who is not listed."""
        return self.roles.get(address, "admin") if address in self.addresses else None


_HAVE_THEIR_OWN = {
    "accounts.google.com": "google",
    "login.microsoftonline.com": "microsoft",
    "login.microsoft.com": "microsoft",
    "sts.windows.net": "microsoft",
}
"""Issuers whose accounts are anybody's, with the provider under which a company's own are told from the rest."""


class OidcSettings(_Section):
    """Login with the company's own accounts (OpenID Connect). No provider: there is none."""

    provider: Literal["", "microsoft", "google", "other"] = ""
    tenant: str = Field(default="", pattern=r"^([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})?$")
    domain: str = Field(default="", pattern=r"^([A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+)?$")
    issuer: str = ""
    client: str = ""
    client_secret: SecretStr = SecretStr("")
    accounts: dict[MailAddress, MailAddress] = Field(default_factory=dict)
    timeout_seconds: float = Field(default=10, gt=0, le=60)
    ca_file: str = ""

    @model_validator(mode="after")
    def _check_provider(self) -> "OidcSettings":
        if not self.provider:
            return self
        needed = {"microsoft": "tenant", "google": "domain", "other": "issuer"}[self.provider]
        for name in (needed, "client"):
            if not getattr(self, name):
                raise ValueError(f'{name} is missing; provider = "{self.provider}" needs it')
        if not self.client_secret.get_secret_value():
            raise ValueError("client_secret is missing; give it as INBOX_BOT_LOGIN__OIDC__CLIENT_SECRET")
        parts = urlsplit(self.issued_by)
        if parts.scheme != "https" and parts.hostname not in {"127.0.0.1", "::1", "localhost"}:
            raise ValueError("issuer must begin with https://")
        if self.provider == "microsoft" and self.tenant.lower() not in parts.path.lower():
            raise ValueError("issuer must hold the tenant's id, so that no other company's accounts get in")
        if self.provider == "other" and (own := _HAVE_THEIR_OWN.get(parts.hostname or "")):
            # There everybody's accounts have one issuer or one that looks alike: tenant or domain tells whose they are.
            raise ValueError(f'issuer is of provider = "{own}", which lets in the accounts of your company alone')
        return self

    @property
    def issued_by(self) -> str:
        """The issuer every token must name."""
        usual = {
            "microsoft": f"https://login.microsoftonline.com/{self.tenant.lower()}/v2.0",
            "google": "https://accounts.google.com",
        }
        return self.issuer or usual.get(self.provider, "")


class LoginSettings(_Section):
    """How staff log in: with a code by mail, with the company's own accounts, or either."""

    codes: bool = True
    oidc: OidcSettings = OidcSettings()

    @model_validator(mode="after")
    def _check_a_way(self) -> "LoginSettings":
        if not self.codes and not self.oidc.provider:
            raise ValueError("codes = false needs oidc.provider, or nobody could log in")
        return self


def _hour(value: Any) -> Any:
    # A bare number would be taken for seconds since midnight.
    if not isinstance(value, str | time):
        raise ValueError('write an hour of the day as "07:30"')  # noqa: TRY004  # pydantic makes a sentence of ValueError
    return value


def _by_day(value: time) -> time:
    if value.tzinfo is not None or not time(5) <= value <= time(22):
        raise ValueError("give an hour between 05:00 and 22:00, in Stockholm: nobody is mailed at night")
    return value


HourOfDay = Annotated[time, BeforeValidator(_hour), AfterValidator(_by_day)]


class PersonHours(_Section):
    """How one member of staff wants it otherwise; None: as the others."""

    on: bool | None = None
    begins: HourOfDay | None = None
    ends: HourOfDay | None = None
    days_off: bool | None = None


class NotifySettings(_Section):
    """When staff are mailed about what has come to wait for them."""

    on: bool = True
    begins: HourOfDay = time(7, 30)
    ends: HourOfDay = time(18)
    days_off: bool = False
    person: dict[MailAddress, PersonHours] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check_spans(self) -> "NotifySettings":
        for address, one in (("", PersonHours()), *self.person.items()):
            if (one.begins or self.begins) >= (one.ends or self.ends):
                where = f"person.{address}: " if address else ""
                raise ValueError(f"{where}begins must be earlier in the day than ends")
        return self


class IdentitySettings(_Section):
    """The question of identity: law.md 2.2."""

    valid_days: int = Field(default=7, ge=1, le=30)
    attempts: int = Field(default=5, ge=1, le=20)
    renewals: int = Field(default=5, ge=0, le=50)
    reminder_working_days: int = Field(default=5, ge=1, le=15)
    give_up_working_days: int = Field(default=5, ge=1, le=15)


class PeopleSettings(_Section):
    """Where the company's known people are looked up: a CSV file, or a query of a database. Neither: nowhere."""

    file: str = ""
    url: SecretStr = SecretStr("")
    query: str = ""

    @model_validator(mode="after")
    def _check_one_way(self) -> "PeopleSettings":
        if self.file and (self.url.get_secret_value() or self.query):
            raise ValueError("give either a file, or url and query")
        if bool(self.url.get_secret_value()) != bool(self.query):
            raise ValueError("url and query go together")
        if self.query and ":address" not in self.query:
            raise ValueError("query must say where the address goes, as :address")
        return self


class OutboxSettings(_Section):
    """Limits on what may leave."""

    per_address_per_day: int = Field(default=8, ge=1)
    per_address_per_month: int = Field(default=30, ge=1)
    per_case: int = Field(default=20, ge=1)
    per_hour: int = Field(default=60, ge=1)
    per_day: int = Field(default=500, ge=1)
    claim_minutes: float = Field(default=10, gt=0, le=1440)
    never_write: tuple[MailAddress, ...] = ()


class JournalSettings(_Section):
    """Where erasures are noted, outside the database whose backups they outlive."""

    file: str = Field(default="inbox-bot-erasures.jsonl", min_length=1)


class SuppressionSettings(_Section):
    """The list of addresses that get no marketing, for other systems to read. Empty: no file, no address to fetch it from."""

    file: str = ""
    token: SecretStr = SecretStr("")

    @field_validator("token")
    @classmethod
    def _check_token(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < 32:
            raise ValueError("needs at least 32 characters, or none: who has it can read every address on the list")
        return value


class LearningSettings(_Section):
    """What is kept to learn from."""

    keep_examples: bool = True


class FileSettings(_Section):
    """The company's own rules and templates, read before the ones that came with the program. Empty: none."""

    rules: str = ""
    templates: str = ""


class WatchSettings(_Section):
    """How the program shows that it works: the daily mail to itself, the comparison, who is told, where it is written."""

    watchers: tuple[MailAddress, ...] = ()
    self_check: bool = True
    self_check_hour: int = Field(default=6, ge=0, le=23)
    self_check_address: MailAddress | Literal[""] = ""
    compare_days: int = Field(default=14, ge=0, le=365)
    file: str = ""


class LogSettings(_Section):
    """What the program writes to standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    json_lines: bool = False


class Settings(BaseSettings):
    """Everything that can be set."""

    model_config = SettingsConfigDict(
        env_prefix="INBOX_BOT_",
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
        nested_model_default_partial_update=True,
    )

    secret: SecretStr
    mailbox: dict[str, MailboxSettings] = Field(min_length=1)
    smtp: SmtpSettings
    web: WebSettings
    staff: StaffSettings
    login: LoginSettings = LoginSettings()
    database: DatabaseSettings = DatabaseSettings()
    identity: IdentitySettings = IdentitySettings()
    people: PeopleSettings = PeopleSettings()
    outbox: OutboxSettings = OutboxSettings()
    journal: JournalSettings = JournalSettings()
    files: FileSettings = FileSettings()
    learning: LearningSettings = LearningSettings()
    suppression: SuppressionSettings = SuppressionSettings()
    watch: WatchSettings = WatchSettings()
    notify: NotifySettings = NotifySettings()
    log: LogSettings = LogSettings()
    microsoft: MicrosoftSettings = MicrosoftSettings()
    google: GoogleSettings = GoogleSettings()
    access: AccessSettings = AccessSettings()

    @field_validator("secret")
    @classmethod
    def _check_secret(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < 32:
            raise ValueError("needs at least 32 characters; 'inbox-bot init' makes one")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  # pydantic-settings' signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over what the file says."""
        return env_settings, init_settings

    @model_validator(mode="after")
    def _check_logins(self) -> "Settings":
        sections: dict[str, MailboxSettings | SmtpSettings] = {"smtp": self.smtp}
        sections |= {f"mailbox.{name}": box for name, box in self.mailbox.items()}
        ways = {name.removeprefix("mailbox."): section.auth for name, section in sections.items()}
        for name, section in sections.items():
            if section.auth != "password" and section.password.get_secret_value():
                raise ValueError(f"{name}: take the password away, or auth; only one of them can be the login")
            if section.auth != "password" and not section.username:
                raise ValueError(
                    f'{name}: username is missing; with auth = "{section.auth}" it is the mailbox\'s address'
                )
            if section.login and (section.auth == "password" or ways.get(section.login) != section.auth):
                raise ValueError(f'{name}.login must name a mailbox (or smtp) with auth = "{section.auth}" as here')
        if "microsoft" in ways.values():
            self._check_microsoft()
        if "google" in ways.values() and not self.google.key_file:
            raise ValueError("google.key_file is missing: the JSON file from Google Cloud")
        strangers = [one for one in self.login.oidc.accounts.values() if one not in self.staff.addresses]
        if strangers:
            raise ValueError(f"login.oidc.accounts leads to {strangers[0]}, which is not in staff.addresses")
        if "smtp" in self.mailbox and self.smtp.auth != "password" and self.mailbox["smtp"].auth != "password":
            raise ValueError("mailbox.smtp: give the mailbox another name, for [smtp] has a login of its own")
        return self

    @model_validator(mode="after")
    def _check_notified(self) -> "Settings":
        for address in self.notify.person:
            if address not in self.staff.addresses:
                raise ValueError(f"notify.person: {address} is not among staff.addresses")
        return self

    def _check_microsoft(self) -> None:
        mine = self.microsoft
        missing = [name for name in ("tenant", "client") if not getattr(mine, name)]
        if missing:
            raise ValueError(f"microsoft.{missing[0]} is missing; it stands on the application's page in Entra")
        given = bool(mine.client_secret.get_secret_value()) + bool(mine.certificate_file)
        if mine.flow == "client_credentials" and given != 1:
            raise ValueError("microsoft: flow client_credentials needs client_secret or certificate_file, one of them")

    @property
    def logins(self) -> Mapping[str, str]:
        """The name of the login that each mailbox, and ``smtp``, uses; whoever has a password is left out.

        Letters are sent with the login of the mailbox that has the same username, where nothing else is said.
        """
        found = {name: box.login or name for name, box in self.mailbox.items() if box.auth != "password"}
        smtp = self.smtp
        if smtp.auth != "password":
            same = (name for name in found if self._is_same_account(self.mailbox[name]))
            found["smtp"] = smtp.login or next((found[name] for name in same), "smtp")
        return found

    def _is_same_account(self, box: MailboxSettings) -> bool:
        return (box.auth, box.username.lower()) == (self.smtp.auth, self.smtp.username.lower())

    @property
    def own_addresses(self) -> frozenset[str]:
        """Every address that is ours: a mail from one of them is never answered."""
        boxes = [box.username.lower() for box in self.mailbox.values() if "@" in box.username]
        listed = [address for box in self.mailbox.values() for address in box.addresses]
        return frozenset({self.smtp.sender, *boxes, *listed})

    @property
    def trusted_servers(self) -> dict[str, frozenset[str]]:
        """Whose word counts on who wrote the mails of each mailbox (authserv-ids, RFC 8601)."""
        return {name: frozenset(box.trusted_servers) for name, box in self.mailbox.items()}

    @property
    def never_write(self) -> frozenset[str]:
        """The addresses no letter to a requester ever goes to: our own first."""
        return self.own_addresses | frozenset(self.outbox.never_write)


def read_settings(path: Path | None = None) -> Settings:
    """Read the settings file (``INBOX_BOT_FILE``, else ``inbox-bot.toml`` here) under the environment.

    Raises SettingsError, one line a mistake, for a file that is missing, is no TOML, or says something wrong.
    """
    file = path or Path(os.environ.get("INBOX_BOT_FILE", DEFAULT_FILE))
    try:
        data = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError as error:
        raise SettingsError(f"There is no settings file {file}.", hint="'inbox-bot init' writes one.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The settings file {file} cannot be read: {type(error).__name__}.") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"The settings file {file} is not valid TOML: {error}.") from error
    return _build(data, str(file))


def build_settings(data: dict[str, Any]) -> Settings:
    """Return settings from values given in the program (the demo, tests). Raises SettingsError like ``read_settings``."""
    return _build(data, "the given settings")


def _build(data: dict[str, Any], source: str) -> Settings:
    try:
        return Settings(**data)
    except ValidationError as error:
        lines = [_sentence(detail) for detail in error.errors(include_url=False, include_input=False)]
        raise SettingsError(f"{source}: " + " ".join(lines)) from error


def _sentence(detail: Any) -> str:
    where = ".".join(str(part) for part in detail["loc"]) or "the file"
    match detail["type"]:
        case "missing":
            return f"{where} is missing."
        case "extra_forbidden":
            return f"{where} is not a setting."
        case _:
            return f"{where}: {detail['msg'].removeprefix('Value error, ')}."


def rules_folders(files: FileSettings) -> tuple[Path, ...]:
    """Return the folders rules are looked for in: the company's own first, the shipped ones last."""
    return _folders(files.rules, "rules")


def template_folders(files: FileSettings) -> tuple[Path, ...]:
    """Return the folders templates are looked for in: the company's own first, the shipped ones last."""
    return _folders(files.templates, "templates")


def _folders(own: str, name: str) -> tuple[Path, ...]:
    # In the wheel the folders lie inside the package; in a checkout they lie beside it, where people edit them.
    shipped = _PACKAGE / name if (_PACKAGE / name).is_dir() else _PACKAGE.parent / name
    if not own:
        return (shipped,)
    folder = Path(own)
    if not folder.is_dir():
        raise SettingsError(f"files.{name}: there is no folder {folder}.", hint="Make it, or leave the setting empty.")
    return (folder, shipped)


def find_file(folders: tuple[Path, ...], name: str) -> Path:
    """Return the first folder's file of that name. Raises SettingsError if none has it."""
    for folder in folders:
        if (folder / name).exists():
            return folder / name
    raise SettingsError(f"{name} is in none of {', '.join(str(folder) for folder in folders)}.")
