import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import pytest

from inbox_bot.demo.browser import Browser
from inbox_bot.errors import InboxBotError

_PAGE = """<!doctype html><form method=post action="/one"><input name=kod><button>Skicka</button></form>
<form method="post" action="/two?a=1">
<input type="hidden" name="token" value="t&amp;t"><input name="row" value=""><input name="row" value="">
<textarea name="text">
Hej &lt;du&gt;
två</textarea>
<input type="checkbox" name="box" value="a" checked><input type="checkbox" name="box" value="b"><input type="radio" name="r" checked>
<select name="list"><option value="">Välj</option><option value="x">X</option></select>
<select name="chosen"><option value="x">X</option><option value="y" selected>Y</option></select>
<button name="do" value="save">Spara</button><button name="do" value="other" formaction="/three">Annat</button></form>"""


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        status = 404 if self.path == "/gone" else 200
        self._answer(status, _PAGE if self.path == "/" else self.headers.get("Cookie", ""))

    def do_POST(self):
        self.server.seen.append(
            (self.path, parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode(), True))
        )
        self.server.origins.append(self.headers["Origin"])
        self.send_response(303)
        self.send_header("Location", "/after")
        self.send_header("Set-Cookie", "session=abc; HttpOnly; Path=/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _answer(self, status, text):
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    found = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    found.seen, found.origins = [], []
    thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    found.shutdown()
    thread.join()
    found.server_close()


@pytest.fixture
def address(server):
    return f"http://127.0.0.1:{server.server_port}"


def test_a_form_is_sent_as_it_stands_with_what_was_filled_in(server, address):
    browser = Browser()
    page = browser.open(f"{address}/")
    form = page.form_with("do", "save")
    form.fill("row", "första")
    form.tick("box", "b")
    after = browser.press(page, form, "do", "save")
    assert server.seen == [
        (
            "/two?a=1",
            [
                ("token", "t&t"),
                ("row", "första"),
                ("row", ""),
                ("text", "Hej <du>\ntvå"),
                ("box", "b"),
                ("r", "on"),
                ("list", ""),
                ("chosen", "y"),
                ("do", "save"),
            ],
        )
    ]
    assert server.origins == [address]
    assert (after.status, after.url, after.text) == (200, f"{address}/after", "session=abc")


def test_a_button_may_send_its_form_elsewhere_and_enter_names_no_button(server, address):
    browser = Browser()
    page = browser.open(f"{address}/")
    browser.press(page, page.form_with("do", "other"), "do", "other")
    browser.press(page, page.form_with("", having="kod"))
    assert [path for path, _ in server.seen] == ["/three", "/one"]
    assert server.seen[1][1] == [("kod", "")]


def test_what_is_not_on_a_page_is_said(address):
    page = Browser().open(f"{address}/")
    form = page.form_with("do", "save")
    with pytest.raises(InboxBotError, match="no form with the button do=gone"):
        page.form_with("do", "gone")
    with pytest.raises(InboxBotError, match="no form"):
        page.form_with("do", "save", having="kod")
    with pytest.raises(InboxBotError, match="no place for row"):
        form.fill("row", "1", "2", "3")
    with pytest.raises(InboxBotError, match="no box box"):
        form.tick("box", "c")


def test_an_error_page_is_a_page(address):
    assert Browser().open(f"{address}/gone").status == 404
