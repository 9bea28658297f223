"""Staff see on each mail what the mail server says of who wrote it, and what about the sender could mislead them."""

import sys
from contextlib import contextmanager

import pytest

from inbox_bot import cli
from inbox_bot.cli import look as look_commands
from inbox_bot.domain.authenticity import Sign, Why
from inbox_bot.message.signs import look
from inbox_bot.message.toml_domains import read_domains
from tests.conftest import RULES

SERVER = "mx.example.com"
EVIL = '"anna@example.com" <kim@examp1e.com>'
PLAIN = "Kim <kim@nagon.example>"
FAIL = {
    "Authentication-Results": f"{SERVER}; spf=fail smtp.mailfrom=example.net; dkim=none;"
    " dmarc=fail (p=reject) header.from=examp1e.com",
    "Reply-To": "<b>kim</b>@example.net, kim2@example.net",
}


@pytest.fixture
def house(build, monkeypatch):
    monkeypatch.setenv("INBOX_BOT_MAILBOX__INFO__TRUSTED_SERVERS", f'["{SERVER}"]')
    made = build()
    made.flow.collect(made.mailbox, look_back_days=30)
    return made


def panel(page):
    [found] = [node for node in page.tree.css("details") if "Vem skrev egentligen" in node.text()]
    return " ".join(found.text(separator=" ").split()), "open" in found.attributes


def test_a_mail_that_fails_says_so_open_and_in_plain_words(house, staff):
    house.mail("#access", sender=EVIL, headers=FAIL)
    house.drain()
    for page in (staff.case(), staff.open("/personal/brev/1")):
        text, is_open = panel(page)
        assert is_open
        assert "Avsändaren är inte den som brevet uppger, säger mejlservern" in text
        assert "Inget i det bekräftar vem som skrev" in text
        assert "Svar ska gå till en annan adress:" in text
        assert "Namnet som visas är en annan adress: anna@example.com." in text
        assert "Domänen liknar example.com men är inte den." in text
        assert "SPF fail för example.net" in text
        assert "DMARC fail, domänen ber om reject" in text
        assert "<b>kim" not in page.html
        assert "{detail}" not in page.html
    case = staff.case().text
    assert "kim@examp1e.com kallar sig anna@example.com" in case
    assert "anna@example.com" not in staff.open("/personal").text.replace("Inloggad som anna@example.com", "")
    assert "Mejlservern säger att brevet inte kommer från adressen det uppger" in case
    assert "Inte bekräftat vem som frågar" in case


def test_two_rights_with_the_same_story_are_told_of_once(house, staff):
    house.mail("#access #erasure", sender=EVIL, headers=FAIL)
    house.drain()
    assert staff.case().text.count("programmet känner ingen annan") == 1


def test_an_ordinary_mail_has_a_closed_panel(house, staff):
    house.mail(
        "#access", sender=PLAIN, headers={"Authentication-Results": f"{SERVER}; dmarc=pass header.from=nagon.example"}
    )
    house.drain()
    text, is_open = panel(staff.case())
    assert not is_open
    assert "Avsändaren är äkta, säger mejlservern" in text
    assert "Titta en gång till" not in text


def test_a_mail_nothing_is_said_of_is_no_failure(house, staff):
    house.mail("#access #unsure", sender=PLAIN)
    house.drain()
    text, is_open = panel(staff.open("/personal/brev/1"))
    assert not is_open
    assert "Mejlservern har inte sagt något" in text
    assert "SPF" not in text


def test_the_right_code_in_a_failing_reply_stands_in_the_history(house, staff):
    receipt = house.ask("#access")
    thread = {"In-Reply-To": receipt.message_id, "Authentication-Results": f"{SERVER}; dmarc=fail"}
    house.mail(receipt.code, subject=f"Re: {receipt.subject}", headers=thread)
    house.drain()
    page = staff.case()
    assert "den räknades inte" in page.text
    assert "Det finns ett nytt brev i ärendet" in page.text


def test_the_command_says_the_same(house, monkeypatch, capsys):
    house.mail("#access", sender=EVIL, headers=FAIL)
    house.drain()

    @contextmanager
    def opened(_):
        yield house.building

    monkeypatch.setattr(look_commands, "opened", opened)
    for arguments, words in (
        (["case", "PK-2026-0001"], ["mail 1: sender failed (dmarc_fail); reply_to:", "lookalike: example.com"]),
        (["case", "PK-2026-0001", "--json"], ['"standing": "failed"', '"sender_signs"', '"lookalike"']),
    ):
        monkeypatch.setattr(sys, "argv", ["inbox-bot", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit):
            cli.main()
        said = capsys.readouterr().out
        for word in words:
            assert word in said


@pytest.mark.parametrize(
    ("head", "signs"),
    [
        ("From: Kim <kim@example.org>", []),
        ("From: Kim <kim@example.org>\r\nReply-To: KIM@Example.org", []),
        ("From: Kim <kim@example.org>\r\nReply-To: kim@example.net", [Sign.REPLY_TO]),
        ("From: kim@example.org, anna@example.net", [Sign.SEVERAL_FROM]),
        ("From: kim@example.org\r\nFrom: anna@example.net", [Sign.SEVERAL_FROM]),
        ('From: "kim@example.org" <kim@example.org>', []),
        ('From: "Kim (bo@example.net)" <kim@example.org>', [Sign.NAME_IS_ADDRESS]),
        ("From: kim@prokompetems.se", [Sign.LOOKALIKE]),
        ("From: kim@prokompetens.nu", [Sign.OTHER_ENDING]),
        ("From: kim@xn--bcher-kva.example", [Sign.PUNYCODE]),
        ("From: kim@" + "prоkompetens.se".encode("idna").decode(), [Sign.LOOKALIKE, Sign.PUNYCODE]),
        ("From: kim@exаmple.org", [Sign.PUNYCODE]),
        ("From: info@prokompetens.se", []),
        ("Subject: ingen avsändare", []),
    ],
)
def test_what_stands_out_about_a_sender(head, signs):
    from inbox_bot.message.parse import read

    message = read(f"{head}\r\n\r\nHej\r\n".encode(), frozenset())
    found = look(message, ["info@prokompetens.se"], read_domains(RULES / "domains.toml"))
    assert [sign for sign, _ in found.signs] == signs
    assert found.warns == bool(signs)
    assert found.says.why is Why.NO_SERVER_SET
