"""A server that says word for word what a test tells it to: for what no real server does on request."""

import socket
import threading
from collections.abc import Callable
from typing import Self

HOST = "127.0.0.1"


class Talk:
    """One accepted connection, seen from the server."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._connection.settimeout(10)
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = connection.makefile("rb")

    def say(self, content: bytes) -> None:
        self._connection.sendall(content)

    def hear(self) -> bytes:
        """Return the next line without its end. Raises EOFError when the client has gone."""
        line = self._file.readline()
        if not line:
            raise EOFError
        return line.rstrip(b"\r\n")

    def answer(self, **answers: bytes) -> bytes:
        """Answer IMAP commands by their names (``UID_SEARCH``), and return the first line there is no answer to.

        Untagged lines stand as they are; the tagged OK follows by itself unless the answer has a tag (``%t``).
        """
        while True:
            line = self.hear()
            tag, _, rest = line.partition(b" ")
            words = rest.upper().split(b" ")
            name = b"_".join(words[:2] if words[0] == b"UID" else words[:1]).decode()
            if name not in answers:
                return line
            said = answers[name]
            self.say(said.replace(b"%t", tag) if b"%t" in said else said + tag + b" OK done\r\n")

    def close(self) -> None:
        self._file.close()
        self._connection.close()


class ScriptedServer:
    """Runs one conversation for each connection, in the order given to ``play``; later ones are hung up on."""

    def __init__(self) -> None:
        self._listener = socket.create_server((HOST, 0))
        self._thread: threading.Thread | None = None
        self._conversations: list[Callable[[Talk], None]] = []
        self._failure: BaseException | None = None
        self.host = HOST
        self.port = int(self._listener.getsockname()[1])
        self.connections = 0

    def play(self, *conversations: Callable[[Talk], None]) -> int:
        """Begin to answer and return the port."""
        self._conversations = list(conversations)
        self._thread = threading.Thread(target=self._serve, name="scripted-server", daemon=True)
        self._thread.start()
        return self.port

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Stop, and raise what went wrong in a conversation."""
        # Closing alone does not wake a thread that accepts.
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        finally:
            self._listener.close()
        if self._thread is not None:
            self._thread.join(10)
        if self._failure is not None:
            raise self._failure

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            talk = Talk(connection)
            try:
                if self._conversations:
                    self._conversations.pop(0)(talk)
            except (EOFError, ConnectionError):
                pass  # the client went away: what it then thinks of it is for the test to judge
            except BaseException as exc:  # noqa: BLE001  raised again in the test's own thread
                self._failure = exc
            finally:
                talk.close()
