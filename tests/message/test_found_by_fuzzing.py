"""Mails that benchmarks/fuzz_parser.py found, cut down to what matters, each with what it did when it was found."""

import pytest

from inbox_bot.message.parse import read

FOUND = {
    # TypeError in email.utils.decode_params, in the search for the boundary: the mail ended in quarantine.
    "a parameter with and without number": b"Content-Type: multipart/x; name*=a; name*1*=b; y*=c; boundary=b1\n\n--b1\n\nRadera mig\n--b1--\n",
    # ValueError (embedded null character) in Message.get_payload, which decodes by the charset that is declared.
    "NUL in the charset": b"From: a@example.com\nContent-Type: text/plain; charset=iso-\x00\x008859-1\nradera \xfa\nRadera mig",
    # A walk along S/MIME's elements that never ended: one that ends outside the one around it was taken to end before it began.
    "an element beyond its end": b"Content-Type: multipart/x; boundary=b1\n\n--b1\n\nRadera mig\n--b1\nContent-Type: application/pkcs7-mime\n\n0\x02\xa0\x80xxxx\n--b1--\n",
    # A segmentation fault in selectolax, which was asked for the attributes of a processing instruction: the reader died.
    "a processing instruction": b"Content-Type: text/html\n\n<p>Hej</p><?b " + b"x" * 200 + b"><p>Radera mig</p>",
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_what_was_found_is_read(name):
    assert read(FOUND[name], frozenset()).reply_text.endswith("Radera mig")
