"""Whose word counts on who wrote a mail: the forms real servers write, those others forge, and what is made of them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from inbox_bot.domain.authenticity import Standing, Statement, Why
from inbox_bot.errors import RulesError
from inbox_bot.message.authenticity import Trust, judge
from inbox_bot.message.domains import DomainRules, is_one_off, readable
from inbox_bot.message.parse import read
from inbox_bot.message.statements import MOST_HEADERS, statements_in, trace_of
from inbox_bot.message.toml_domains import read_domains
from inbox_bot.settings import FileSettings, rules_folders

RULES = read_domains(rules_folders(FileSettings())[0] / "domains.toml")
OURS = frozenset({"mx.example.com"})
FROM = "From: Kim <kim@example.org>\r\n"
IN = "Received: from mail.example.org (mail.example.org [192.0.2.7])\r\n\tby mx.example.com (Postfix) with ESMTPS id 4X;\r\n\tMon, 7 Sep 2026 10:00:00 +0200 (CEST)\r\n"
DELIVERED = "Received: from mx.example.com\r\n\tby store.internal with LMTP id abc (Dovecot);\r\n\tMon, 7 Sep 2026 10:00:01 +0200\r\n"
SENT = "Received: from [192.0.2.9] by mail.example.org with ESMTPSA; Mon, 7 Sep 2026 09:59:58 +0200\r\n"


def said(head, trusted=OURS, sender=FROM):
    message = read((head + sender + "Subject: Hej\r\n\r\nHej\r\n").encode("utf-8", "surrogateescape"), frozenset())
    return judge(message, trusted, RULES)


def results(text, **more):
    return said(f"Authentication-Results: {text}\r\n{IN}", **more)


FORMS = {
    "opendkim and opendmarc above the Received, as two headers": (
        "Return-Path: <kim@example.org>\r\n" + DELIVERED + "Authentication-Results: mx.example.com;\r\n"
        "\tdmarc=pass (p=reject dis=none) header.from=example.org\r\n"
        "Authentication-Results: mx.example.com;\r\n\tdkim=pass (2048-bit key; unprotected) header.d=example.org"
        ' header.i=@example.org header.a=rsa-sha256 header.s=a header.b="Qw/er+T";\r\n\tdkim-atps=neutral\r\n' + IN,
        OURS,
    ),
    "older opendkim and opendmarc, just below the Received": (
        DELIVERED
        + IN
        + "Authentication-Results: mx.example.com; dmarc=pass (p=none dis=none) header.from=example.org\r\n"
        "Authentication-Results: mx.example.com; spf=pass smtp.mailfrom=example.org\r\n" + SENT,
        OURS,
    ),
    "policyd-spf's comments with semicolons": (
        "Authentication-Results: mx.example.com; dmarc=pass header.from=example.org\r\n"
        "Authentication-Results: mx.example.com; spf=pass (mailfrom) smtp.mailfrom=example.org (client-ip=192.0.2.7;"
        " helo=mail.example.org; envelope-from=kim@example.org; receiver=<UNKNOWN>)\r\n" + IN,
        OURS,
    ),
    "rspamd": (
        "Authentication-Results: mx.example.com;\r\n\tdkim=pass header.d=example.org header.s=a header.b=Qw;\r\n"
        '\tdmarc=pass (policy=reject) header.from=example.org;\r\n\tspf=pass (mx.example.com: domain of "kim@example.org"'
        " designates 192.0.2.7 as permitted sender) smtp.mailfrom=kim@example.org\r\n" + IN,
        OURS,
    ),
    "exim": (
        "Authentication-Results: mx.example.com;\r\n\tiprev=pass (mail.example.org) smtp.remote-ip=192.0.2.7;\r\n"
        "\tspf=pass smtp.mailfrom=example.org;\r\n\tdkim=pass header.d=example.org header.s=a header.a=rsa-sha256;\r\n"
        "\tdmarc=pass header.from=example.org\r\n" + IN,
        OURS,
    ),
    "gmail, below its Received, above nothing but its own": (
        "Delivered-To: info@example.com\r\n"
        "Received: by 2002:a05:6402:1f8f:b0:0:0:0:0 with SMTP id c15csp1;\r\n        Mon, 7 Sep 2026 01:00:01 -0700 (PDT)\r\n"
        "X-Received: by 2002:a17:906:7:b0:0:0:0:0 with SMTP id d1mr1; Mon, 7 Sep 2026 01:00:01 -0700 (PDT)\r\n"
        "ARC-Authentication-Results: i=1; mx.google.com; dmarc=fail header.from=example.org\r\n"
        "Received: from mail.example.org (mail.example.org. [192.0.2.7])\r\n        by mx.google.com with ESMTPS id a1-2si3.4;\r\n"
        "        Mon, 7 Sep 2026 01:00:00 -0700 (PDT)\r\n"
        "Received-SPF: pass (google.com: domain of kim@example.org designates 192.0.2.7 as permitted sender)\r\n"
        "Authentication-Results: mx.google.com;\r\n       dkim=pass header.i=@example.org header.s=a header.b=Qwerty;\r\n"
        "       spf=pass (google.com: domain of kim@example.org designates 192.0.2.7 as permitted sender) smtp.mailfrom=kim@example.org;\r\n"
        "       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=example.org\r\n" + SENT,
        frozenset({"mx.google.com"}),
    ),
    "microsoft 365, which gives no name": (
        "Received: from AB1.eurprd05.prod.outlook.com (2001:db8::1) by CD2.eurprd05.prod.outlook.com with HTTPS; x\r\n"
        "Received: from EF3.EOP-EUR05.prod.protection.outlook.com (2001:db8::2)\r\n by AB1.eurprd05.prod.outlook.com (2001:db8::3)"
        " with Microsoft SMTP Server; x\r\n"
        "Authentication-Results: spf=pass (sender IP is 192.0.2.7)\r\n smtp.mailfrom=example.org; dkim=pass (signature was verified)\r\n"
        " header.d=example.org;dmarc=pass action=none\r\n header.from=example.org;compauth=pass reason=100\r\n"
        "Received-SPF: Pass (protection.outlook.com: domain of example.org designates 192.0.2.7 as permitted sender)\r\n"
        "Received: from mail.example.org (192.0.2.7) by\r\n EF3.mail.protection.outlook.com (10.1.2.3) with Microsoft SMTP\r\n"
        " Server (version=TLS1_3) id 15.20; Mon, 7 Sep 2026 08:00:00 +0000\r\n" + SENT,
        frozenset({"outlook.com"}),
    ),
    "fastmail, whose hosts have many names": (
        (
            "Received: from compute1.internal (compute1.nyi.internal [10.0.0.1])\r\n\tby sloti1.internal (Cyrus) with LMTPA; x\r\n"
            "Received: from mx5 ([10.0.0.2])\r\n  by compute1.internal (MEProxy); x\r\n"
            "Authentication-Results: mx5.messagingengine.com;\r\n    dkim=pass (2048-bit rsa key) header.d=example.org;\r\n"
            "    dmarc=pass policy.published-domain-policy=reject policy.applied-disposition=none (p=reject,d=none)"
            " header.from=example.org\r\n"
        ),
        frozenset({"*.messagingengine.com"}),
    ),
    "a result the library cannot read beside those it can": (
        "Authentication-Results: mx.example.com; x-unknown; dkim=; dmarc=pass header.from=example.org;;\r\n" + IN,
        OURS,
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_what_real_servers_write_proves_the_sender(form):
    head, trusted = FORMS[form]
    found = said(head, trusted)
    assert found.standing is Standing.ALIGNED
    assert found.server


def test_everything_the_server_said_is_kept():
    found = results(
        "mx.example.com 1; spf=softfail smtp.mailfrom=bounce@other.example.net;"
        ' dkim=pass header.d=list.example.net; dkim=fail reason="bad; key" header.d=example.org;'
        " dmarc=fail (p=quarantine sp=none dis=none) header.from=example.org"
    )
    assert (found.standing, found.why, found.server) == (Standing.FAILED, Why.DMARC_FAIL, "mx.example.com")
    assert (found.spf, found.spf_domain) == ("softfail", "other.example.net")
    assert found.dkim == (("pass", "list.example.net"), ("fail", "example.org"))
    assert (found.dmarc, found.policy) == ("fail", "quarantine")


@pytest.mark.parametrize(
    ("text", "standing", "why"),
    [
        ("dmarc=fail header.from=example.org", Standing.FAILED, Why.DMARC_FAIL),
        ("dmarc=FAIL (p=NONE dis=NONE) header.from=example.org", Standing.FAILED, Why.DMARC_FAIL),
        ("dmarc=none; dkim=pass header.d=news.example.org", Standing.ALIGNED, Why.DKIM_ALIGNED),
        ("dmarc=bestguesspass; spf=pass smtp.mailfrom=x@bounce.example.org", Standing.ALIGNED, Why.SPF_ALIGNED),
        (
            "dkim=pass header.d=example.net; spf=pass smtp.mailfrom=example.net",
            Standing.UNPROVEN,
            Why.NOTHING_EITHER_WAY,
        ),
        ("dkim=none; spf=none", Standing.UNPROVEN, Why.NOTHING_EITHER_WAY),
        ("none", Standing.UNPROVEN, Why.NOTHING_EITHER_WAY),
        ("spf=fail smtp.mailfrom=example.org; dkim=none", Standing.UNPROVEN, Why.NOTHING_EITHER_WAY),
        ("dmarc=temperror (p=reject); spf=fail; dkim=fail", Standing.UNPROVEN, Why.NOTHING_EITHER_WAY),
        ("dmarc=none (p=reject); spf=fail; dkim=temperror", Standing.UNPROVEN, Why.NOTHING_EITHER_WAY),
        ("dmarc=none (p=none); spf=fail; dkim=fail", Standing.UNPROVEN, Why.NOTHING_EITHER_WAY),
        ("dmarc=permerror (p=reject); spf=pass smtp.mailfrom=a.net; dkim=none", Standing.FAILED, Why.POLICY_UNMET),
        ("dmarc=none policy.dmarc=quarantine; spf=fail; dkim=fail", Standing.FAILED, Why.POLICY_UNMET),
        ("dmarc=none (p=reject); spf=fail", Standing.UNPROVEN, Why.NOTHING_EITHER_WAY),
        ("dmarc=pass (p=none) d=example.org", Standing.ALIGNED, Why.DMARC_PASS),
        ("dmarc=pass header.from=example.net", Standing.FAILED, Why.OTHER_FROM),
        ("dkim=pass header.d=example.org.evil.example.net", Standing.UNPROVEN, Why.NOTHING_EITHER_WAY),
        ("dkim=pass header.d=org", Standing.UNPROVEN, Why.NOTHING_EITHER_WAY),
    ],
)
def test_what_the_results_are_worth(text, standing, why):
    found = results(f"mx.example.com; {text}")
    assert (found.standing, found.why) == (standing, why)


def test_no_header_and_no_server_to_believe_are_no_failure():
    assert said(IN).why is Why.NO_HEADER
    failing = "Authentication-Results: mx.example.com; dmarc=fail\r\n"
    assert said(failing, frozenset()).why is Why.NO_SERVER_SET
    assert said(failing, frozenset({"mx.other.example"})).why is Why.NO_HEADER
    assert {said(IN).standing, said(failing, frozenset()).standing} == {Standing.UNKNOWN}


def header(text):
    return f"Authentication-Results: {text}\r\n"


PASS, FAIL = header("mx.example.com; dmarc=pass header.from=example.org"), header("mx.example.com; dmarc=fail")


@pytest.mark.parametrize(
    "head",
    [
        FAIL + IN + PASS,
        FAIL + IN + PASS + SENT,
        FAIL + PASS + IN,
        PASS + FAIL + IN,
        IN + FAIL + PASS + SENT,
        DELIVERED + FAIL + IN + PASS * 20,
        FAIL + IN + header("mx.example.com; dkim=pass header.d=example.org; spf=pass smtp.mailfrom=example.org"),
        header("mx.evil.example; dmarc=pass header.from=example.org") + FAIL + IN,
        header("MX.Example.COM; dmarc=pass header.from=example.org").replace("MX", "xMX") + FAIL + IN,
        "ARC-" + PASS + FAIL + IN,
        "X-" + PASS + FAIL + IN,
    ],
)
def test_a_forged_pass_never_hides_our_servers_failure(head):
    assert said(head).standing is Standing.FAILED


@pytest.mark.parametrize(
    "head",
    [
        IN + SENT + PASS,
        IN + SENT + FAIL,
        DELIVERED + IN + SENT + PASS,
        header("mx.example.com.evil.example; dmarc=pass header.from=example.org") + IN,
        header("evil.example; dmarc=pass (mx.example.com) header.from=example.org") + IN,
        header("(mx.example.com) evil.example; dmarc=pass header.from=example.org") + IN,
        header("spf=pass smtp.mailfrom=example.org; dmarc=pass header.from=example.org") + SENT,
    ],
)
def test_what_stands_beneath_others_or_bears_anothers_name_says_nothing(head):
    assert said(head).why is Why.NO_HEADER


def test_a_mail_that_left_us_and_came_back_bears_only_the_newest_word():
    head = (
        IN.replace("mail.example.org (mail", "list.example.net (list")
        + "Received: by list.example.net; x\r\n"
        + PASS
        + IN
    )
    assert said(head).why is Why.NO_HEADER


def test_a_nameless_header_is_its_servers_that_took_the_mail_in():
    nameless = header("spf=fail smtp.mailfrom=example.org; dmarc=fail action=oreject header.from=example.org")
    eop = "Received: from x by EF3.mail.protection.outlook.com (10.1.2.3) with Microsoft SMTP Server; x\r\n"
    assert said(nameless + eop, frozenset({"outlook.com"})).standing is Standing.FAILED
    assert said(nameless + IN, frozenset({"outlook.com"})).why is Why.NO_HEADER
    assert (
        said(nameless + eop.replace("outlook.com", "notoutlook.com"), frozenset({"outlook.com"})).why is Why.NO_HEADER
    )
    assert said(nameless + eop, OURS).why is Why.NO_HEADER


def test_of_several_from_addresses_the_senders_own_must_pass():
    two = "From: kim@example.org, other@example.net\r\n"
    assert results("mx.example.com; dmarc=pass header.from=example.net", sender=two).why is Why.OTHER_FROM
    assert results("mx.example.com; dmarc=pass", sender=two).why is Why.OTHER_FROM
    assert results("mx.example.com; dmarc=pass header.from=example.org", sender=two).standing is Standing.ALIGNED
    assert results("mx.example.com; dmarc=pass", sender="From: a@example.org, b@example.org\r\n").why is Why.DMARC_PASS


@pytest.mark.parametrize(
    "text",
    [
        'mx.example.com; spf=pass (domain of "a("@x.example) smtp.mailfrom=x.example; dmarc=fail header.from=example.org',
        'mx.example.com; spf=pass smtp.mailfrom=a"b@x.example; dmarc=fail header.from=example.org',
        "mx.example.com; spf=pass ((((((x; dmarc=fail",
        "mx.example.com; dkim=pass header.d=" + "a" * 3000 + "; dmarc = fail",
        "mx.example.com;\r\n\tdmarc\r\n\t=\r\n\tfail (a (nested) comment) header.from=example.org",
        "mx.example.com (our (own) server) 1 (version); dmarc/1=fail header.from=example.org",
    ],
)
def test_nothing_a_sender_chooses_hides_a_failure(text):
    assert results(text).standing is Standing.FAILED


@pytest.mark.parametrize(
    "text",
    [
        "",
        ";",
        "mx.example.com",
        "mx.example.com;",
        "mx.example.com; spf",
        "mx.example.com; =pass",
        "mx.example.com 2; spf=pass",
        "(" * 5000,
        "mx.example.com; spf=pass " + "(" * 3000 + ")" * 3000,
        "mx.example.com; " + "spf=pass smtp. " * 1000,
        'mx.example.com; spf=pass reason="' + "\\" * 5001,
        "mx.example.com; " + "dkim=pass header.d=a.example;" * 1000,
        "mx.example.com; spf=pässé \udcff\x00\x0b smtp.mailfrom=åäö@exämple.se",
        "=?utf-8?q?mx.example.com?=; spf=pass",
    ],
)
def test_hostile_headers_prove_nothing_and_take_no_time(text):
    start = time.process_time()
    found = said(f"Authentication-Results: {text}\r\n" * MOST_HEADERS + IN)
    assert found.standing in {Standing.UNKNOWN, Standing.UNPROVEN}
    assert time.process_time() - start < 1


@given(
    st.lists(
        st.tuples(st.sampled_from(["Received", "Authentication-Results", "X"]), st.text(max_size=300)), max_size=30
    )
)
def test_no_header_makes_the_reader_raise(headers):
    found = statements_in(trace_of(headers))
    assert len(found) <= MOST_HEADERS
    assert all(isinstance(one, Statement) for one in found)


@given(st.text(alphabet='; =()"\\ .@/spfdkimarc', max_size=200))
def test_no_grammar_makes_the_reader_raise(text):
    assert len(statements_in(trace_of([("Authentication-Results", f"x; {text}")]))) == 1


def test_each_mailbox_believes_its_own_server_alone():
    trust = Trust(servers={"info": OURS, "kurs": frozenset({"mx.google.com"})}, domains=RULES)
    message = read((FAIL + IN + FROM + "\r\nHej").encode(), frozenset())
    assert message.trace
    judged = {name: trust.judged(message, name) for name in ("info", "kurs", "other")}
    assert [judged[name].fails_check for name in judged] == [True, False, False]
    assert not any(one.trace for one in judged.values())


@pytest.mark.parametrize(
    ("domain", "owner"),
    [
        ("example.se", "example.se"),
        ("a.b.example.se", "example.se"),
        ("mail.example.co.uk", "example.co.uk"),
        ("co.uk", "co.uk"),
        ("kund.onmicrosoft.com", "kund.onmicrosoft.com"),
        ("a.kund.onmicrosoft.com", "kund.onmicrosoft.com"),
        ("anna.pp.se", "anna.pp.se"),
        ("MAIL.Example.SE.", "example.se"),
        ("192.0.2.7", "192.0.2.7"),
        ("förening.example".encode("idna").decode(), "förening.example"),
        ("localhost", "localhost"),
        ("", ""),
    ],
)
def test_whose_a_domain_is(domain, owner):
    assert RULES.owner(domain) == owner


@pytest.mark.parametrize(
    ("domain", "like"),
    [
        ("prokompetens.se", None),
        ("mail.prokompetens.se", None),
        ("pr0kompetens.se", "prokompetens.se"),
        ("prokornpetens.se", "prokompetens.se"),
        ("prokompetenss.se", "prokompetens.se"),
        ("prokmopetens.se", "prokompetens.se"),
        ("prokompeténs.se".encode("idna").decode(), "prokompetens.se"),
        ("prоkompetens.se".encode("idna").decode(), "prokompetens.se"),
        ("gmai1.com", "gmail.com"),
        ("gmial.com", "gmail.com"),
        ("gmail.com", None),
        ("prokompetens.com", "prokompetens.se"),
        ("gmail.fr", None),
        ("example.org", None),
        ("life.se", None),
    ],
)
def test_what_a_domain_may_be_mistaken_for(domain, like):
    found = RULES.likeness(domain, ["prokompetens.se"])
    assert (found[1] if found else None) == like


def test_one_letter_off():
    assert all(is_one_off("kurs", other) for other in ("kus", "kkurs", "kurz", "krus", "kurss", "urs"))
    assert not any(is_one_off("kurs", other) for other in ("kurs", "rusk", "ku", "kursen", "bärs"))


@pytest.mark.parametrize("label", ["xn--", "xn--\x00", "xn--99999999999999", "xn--a-ö", "xn--" + "z" * 500])
def test_punycode_that_is_none_is_left_as_it_is(label):
    assert readable(f"{label}.se").endswith(".se")
    assert RULES.likeness(f"{label}.se", ["prokompetens.se"]) in {None, *()}


@pytest.mark.parametrize(
    ("edit", "named"),
    [
        (lambda text: text.replace("below_countries", "below_cuontries"), "below_cuontries"),
        (lambda text: text.replace("shortest = 5", "shortest = 0"), "shortest"),
        (lambda text: text.replace('"gmail.com"', '"Gmail"'), "known"),
        (lambda text: text + '"q" = 3\n', "q"),
        (lambda text: "x = [", "TOML"),
    ],
)
def test_a_wrong_rules_file_says_where(tmp_path, edit, named):
    file = tmp_path / "domains.toml"
    file.write_text(edit((rules_folders(FileSettings())[0] / "domains.toml").read_text("utf-8")), "utf-8")
    with pytest.raises(RulesError) as raised:
        read_domains(file)
    assert "domains.toml" in str(raised.value)
    assert named in str(raised.value)


def test_no_rules_at_all_still_tell_whose_a_domain_is():
    assert DomainRules().owner("mail.example.co.uk") == "co.uk"


@pytest.mark.parametrize(("servers", "asked"), [({}, False), ({"info": ("mx.example.com",)}, True)])
def test_whose_mailbox_it_is_is_asked_only_where_a_server_is_believed(build, servers, asked):
    house = build()
    trust = Trust(servers={"info": frozenset(servers.get("info", ())), "kurs": frozenset()}, domains=RULES)
    object.__setattr__(house.flow, "trust", trust)
    statements = []
    event.listen(house.building.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    house.mail("#access")
    house.drain()
    assert any(text.startswith("SELECT mail.id, mail.mailbox \n") for text in statements) is asked
    assert house.file().mails[0].message.authenticity.why is (Why.NO_HEADER if asked else Why.NO_SERVER_SET)
