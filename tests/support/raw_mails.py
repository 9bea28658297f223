"""Small mails written for the tests, each of a shape that real programs send: what fuzzing and mutation begin with."""

import base64

_HEAD = b"From: Anna <anna@example.com>\r\nTo: info@example.se\r\nSubject: =?utf-8?q?Beg=C3=A4ran?=\r\nMessage-ID: <1@example.com>\r\n"


def _mail(head: str, body: bytes | str = b"") -> bytes:
    content = body if isinstance(body, bytes) else body.encode()
    return (
        _HEAD
        + head.replace("\n", "\r\n").encode()
        + b"\r\n\r\n"
        + content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    )


def _parts(*parts: str, boundary: str = "b1") -> str:
    return "".join(f"--{boundary}\n{part}\n" for part in parts) + f"--{boundary}--\n"


_PLAIN = "Content-Type: text/plain; charset=utf-8\n\nHej, radera mig. åäö"
_HTML = 'Content-Type: text/html; charset=utf-8\n\n<html><head><style>p{x:y}</style></head><body><p class="MsoNormal">Radera <b>mig</b></p><blockquote type="cite">Gammalt</blockquote><img src="https://example.org/p.gif" width="1" height="1"></body></html>'
_PDF = (
    "Content-Type: application/pdf; name=\"brev.pdf\"\nContent-Disposition: attachment;\n filename*0*=utf-8''br%C3%A4;\n filename*1=v.pdf\nContent-Transfer-Encoding: base64\n\n"
    + base64.b64encode(b"%PDF-1.4 x").decode()
)
_STATUS = (
    "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n"
    "Final-Recipient: rfc822; anna@example.com\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no such user"
)

MAILS: tuple[bytes, ...] = (
    _mail("Content-Type: text/plain; charset=utf-8", "Hej!\n\nRadera mig.\n\n-- \nAnna\n\nDen tis 3 mars 2026 kl 10:15 skrev Kansliet <info@example.se>:\n> Välkommen\n>\n> Mer\n"),
    _mail("Content-Type: text/plain; charset=iso-8859-1; format=flowed; delsp=yes\nContent-Transfer-Encoding: quoted-printable", "Hej, jag vill =\nbli gl=F6md \nnu.\n> gammalt \n> mer\n"),
    _mail("MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary=b1", _parts(_PLAIN, _HTML)),
    _mail('MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b0"', _parts("Content-Type: multipart/related; boundary=b1\n\n" + _parts(_HTML), _PDF, boundary="b0")),
    _mail("Content-Type: text/html; charset=windows-1252", '<div dir="ltr">Radera<div style="display:none">x</div></div><div class="gmail_quote"><div class="gmail_attr">On x wrote:</div><blockquote class="gmail_quote">y</blockquote></div>'.encode("cp1252")),
    _mail("Content-Type: text/html", '<div>Hej</div><hr><div id="divRplyFwdMsg"><b>Från:</b> x<br><b>Skickat:</b> 3 mars 10:15<br><b>Till:</b> z</div><div>Gammalt &#0; &#xD800;</div>'),
    _mail("Content-Type: multipart/report; report-type=delivery-status; boundary=b1\nAuto-Submitted: auto-replied\nReturn-Path: <>", _parts("Content-Type: text/plain\n\nfailed", _STATUS, "Content-Type: message/rfc822\n\nMessage-ID: <2@example.se>\nTo: anna@example.com\n\nx")),
    _mail("Content-Type: multipart/mixed; boundary=b1", _parts("Content-Type: text/plain\n\nVB", "Content-Type: message/rfc822\n\nFrom: bo@example.com\nSubject: x\n\nJag vill se allt.")),
    _mail("Content-Type: text/plain; charset=iso-2022-jp", b"\x1b$B%F%9%H\x1b(B \xa5\xc6\xa5\xb9\xa5\xc8"),
    _mail("Content-Type: text/plain\nContent-Transfer-Encoding: x-uuencode", "begin 644 x\n%:&5J(0H \nend\n"),
    _mail("Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\nContent-Transfer-Encoding: base64", base64.b64encode(b"0\x82\x01\x00\x06\x09*\x86H\x86\xf7\r\x01\x07\x03")),
    _mail('Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b1', _parts("Content-Type: application/pgp-encrypted\n\nVersion: 1", "Content-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----\n\nhQ==\n-----END PGP MESSAGE-----")),
    _mail("Content-Type: multipart/mixed; boundary=b1", _parts("Content-Type: text/plain\n\n", "Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Radera\nDESCRIPTION:Hej\\nmig\nEND:VEVENT\nEND:VCALENDAR")),
    b"From: a@example.com\rSubject: x\r\rHej\rdu",
    b'From: "a@example.se" <b@example.com>, =?utf-8?b?w6U=?= <c@example.com>;\nTo: Gruppen: a@example.com, "B, C" <b@example.com>;, undisclosed-recipients:;\nReferences: <a@b> <c\n\n-----Original Message-----\nFrom: x\nSent: 10:15\nSubject: y\n\nz',
)  # fmt: skip

WORDS: tuple[bytes, ...] = (
    b"Content-Type: ", b"multipart/mixed", b"multipart/alternative", b"multipart/related", b"multipart/report", b"multipart/signed", b"text/html", b"text/plain", b"text/calendar",
    b"message/rfc822", b"message/delivery-status", b"application/ms-tnef", b"application/pkcs7-mime", b"; boundary=", b"; charset=", b"; name=", b"filename*0*=utf-8''", b"utf-16", b"utf-7",
    b"iso-2022-jp", b"Content-Transfer-Encoding: ", b"base64", b"quoted-printable", b"x-uuencode", b"Content-Disposition: ", b"attachment", b"inline", b"=?utf-8?q?", b"=?utf-8?b?", b"?=", b"\n--b1\n",
    b"\n--b1--\n", b"\r\n\r\n", b"> ", b"-- \n", b"\nDen 3 mars 2026 kl. 10:15 skrev a@b.se:\n", b"-----Original Message-----", b"From: ", b"Sent: ", b"Subject: ", b"Action: failed", b"Status: 5.1.1",
    b"Final-Recipient: rfc822; ", b"<blockquote type=cite>", b'<div style="display:none">', b"<br>", b"&nbsp;", b"\xe2\x80\x8b", b"\xe2\x80\xae", b"\xed\xa0\x80", b"\x00", b"\x85", b"BEGIN:VEVENT\n",
    b"-----BEGIN PGP MESSAGE-----", b"-----BEGIN PGP SIGNED MESSAGE-----", b"\x78\x9f\x3e\x22",
)  # fmt: skip
"""What mails are made of, for a fuzzer to put in."""
