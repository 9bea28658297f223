import socket

import pytest

from inbox_bot.errors import InboxBotError
from inbox_bot.serving import listen


def test_any_free_port_is_given_for_nought():
    with listen("127.0.0.1", 0) as door:
        assert door.getsockname()[1] > 0


def test_a_taken_port_is_a_sentence_and_not_the_end_of_the_process():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InboxBotError, match=f"127.0.0.1 port {port}") as caught:
            listen("127.0.0.1", port)
    assert "[web] host and port" in str(caught.value)


def test_an_address_that_is_not_ours_is_a_sentence():
    with pytest.raises(InboxBotError, match="cannot be served"):
        listen("192.0.2.1", 0)
