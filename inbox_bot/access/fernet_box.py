"""The lock on stored logins: Fernet (AES-128-CBC and HMAC-SHA256), with its key in a file or the environment."""

import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from inbox_bot.errors import AccessError


class FernetBox:
    """See shelf.Box. ``where`` names the key's place in errors. Raises AccessError for what is no key."""

    def __init__(self, key: str, where: str) -> None:
        self._where = where
        try:
            self._fernet = Fernet(key.strip().encode())
        except ValueError as error:
            raise AccessError(
                f"{where} holds no key: 44 letters and digits are expected.",
                hint="'inbox-bot key' makes one; move the file away first.",
            ) from error

    def seal(self, content: bytes) -> str:
        return self._fernet.encrypt(content).decode()

    def open(self, sealed: str) -> bytes:
        try:
            return self._fernet.decrypt(sealed.encode())
        except InvalidToken as error:
            raise AccessError(
                f"what is stored was locked with another key than the one in {self._where}.",
                hint="Put the key back that was there when the login was made.",
            ) from error


def open_box(key: str, file: Path) -> FernetBox:
    """Return the box for the key given, else for the one in the file. Raises AccessError if there is none."""
    if key:
        return FernetBox(key, "[access] key")
    try:
        return FernetBox(file.read_text("ascii"), str(file))
    except FileNotFoundError as error:
        raise AccessError(
            f"there is no key file {file} to lock stored logins with.",
            hint="'inbox-bot key' makes one; after a move, bring the old one along.",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise AccessError(
            f"the key file {file} cannot be read ({type(error).__name__}).",
            hint="It must be readable by the user that runs the program, and by nobody else.",
        ) from error


def make_key(file: Path) -> None:
    """Write a new key for its owner alone. Raises AccessError where a file is already: a lost key cannot be made again."""
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
            written.write(Fernet.generate_key() + b"\n")
    except FileExistsError as error:
        raise AccessError(
            f"{file} is there already and is left as it is.",
            hint="Without it stored logins cannot be opened. Move it away if you want a new one, then log in anew.",
        ) from error
    except OSError as error:
        raise AccessError(f"{file} cannot be written ({error.strerror}).", hint="Make its folder first.") from error
