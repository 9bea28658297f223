"""Which folders hold what the provider took for junk: the law counts the mail there as received, too."""

from collections.abc import Iterable
from dataclasses import dataclass

# What mail programs and providers call the folder where nothing is flagged \Junk (RFC 6154), in the languages of
# people who write to a Swedish company's provider. Compared without regard to case.
_NAMES = frozenset(
    {
        "bulk mail",
        "junk",
        "junk e-mail",
        "junk email",
        "junk mail",
        "roskaposti",
        "skräp",
        "skräppost",
        "spam",
        "søppelpost",
        "uønsket e-mail",
        "uønsket e-post",
    }
)
# Servers put personal folders at the top or beneath one of these; "Ärenden/Spam" is somebody's own folder.
_ROOTS = frozenset({"", "inbox", "[gmail]", "[google mail]"})


@dataclass(frozen=True, kw_only=True)
class Folder:
    """A folder as LIST shows it. ``attributes`` in lower case with their backslash; ``delimiter`` ``""`` if flat."""

    name: str
    delimiter: str = ""
    attributes: frozenset[str] = frozenset()

    @property
    def can_be_opened(self) -> bool:
        """False for a mere branch of the tree."""
        return not self.attributes & {"\\noselect", "\\nonexistent"}


def junk_folders(listing: Iterable[Folder]) -> tuple[str, ...]:
    r"""Return the folders flagged ``\Junk``; where none is, those with a usual name."""
    folders = [folder for folder in listing if folder.can_be_opened]
    flagged = tuple(folder.name for folder in folders if "\\junk" in folder.attributes)
    return flagged or tuple(folder.name for folder in folders if _is_named_junk(folder))


def _is_named_junk(folder: Folder) -> bool:
    root, last = "", folder.name
    if folder.delimiter and folder.delimiter in folder.name:
        root, last = folder.name.rsplit(folder.delimiter, 1)
    return last.casefold() in _NAMES and root.casefold() in _ROOTS
