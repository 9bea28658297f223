"""Which folders hold what people have sent, and which are no place where mail comes in."""

from collections.abc import Iterable

from inbox_bot.mailbox.junk import Folder
from inbox_bot.mailbox.toml_folders import FolderRules

_NO_WAY_IN = frozenset({"\\drafts", "\\sent", "\\trash", "\\all", "\\flagged"})


def sent_folders(listing: Iterable[Folder], rules: FolderRules) -> tuple[str, ...]:
    r"""Return the folders flagged ``\Sent`` (RFC 6154); where none is, those with a usual name in a usual place."""
    folders = [folder for folder in listing if folder.can_be_opened]
    flagged = tuple(folder.name for folder in folders if "\\sent" in folder.attributes)
    return flagged or tuple(folder.name for folder in folders if _is_named_sent(folder, rules))


def gets_mail(folder: Folder) -> bool:
    """False for a folder in which mails come and go all day without anybody having written to us: drafts, sent, bin."""
    return not folder.attributes & _NO_WAY_IN


def _is_named_sent(folder: Folder, rules: FolderRules) -> bool:
    root, last = "", folder.name
    if folder.delimiter and folder.delimiter in folder.name:
        root, last = folder.name.rsplit(folder.delimiter, 1)
    return last.casefold() in rules.sent and root.casefold() in rules.roots
