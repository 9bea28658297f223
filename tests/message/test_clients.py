"""New words apart from old, for each mail program and language: answers above, below and between; and nothing a person wrote is lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox_bot.message.hypertext import to_text
from inbox_bot.message.quoting import split
from inbox_bot.message.text import clean
from tests.message.quoting_cases import ATTRIBUTIONS, HEADINGS, SENTENCES, WITHOUT_A_DAY

OLD = "Välkommen till kursen.\nHälsningar, kansliet"
OWN = "Tack, då kommer jag."


def _marked(text):
    return "\n".join(f"> {line}" for line in text.split("\n"))


@pytest.mark.parametrize("name", ATTRIBUTIONS)
def test_the_answer_is_found_wherever_it_stands(name):
    line = ATTRIBUTIONS[name]
    above = split(f"{OWN}\n\n{line}\n\n{_marked(OLD)}", "SV: Kursstart")
    assert (above.reply, "Välkommen" in above.quoted) == (OWN, True)
    assert split(f"{line}\n{_marked(OLD)}\n\n{OWN}", "SV: Kursstart").reply == OWN
    between = f"{line}\n> Vilka?\n\nAlla.\n\n> Varför?\n\n{OWN}"
    assert split(between, "SV: Kursstart").reply == f"Alla.\n\n{OWN}"
    # iOS marks the line itself.
    assert split(f"{OWN}\n\n{_marked(line)}\n>\n{_marked(OLD)}", "SV: Kursstart").reply == OWN


@pytest.mark.parametrize("name", ATTRIBUTIONS)
def test_older_mail_without_marks_is_cut_only_where_a_program_surely_wrote_the_line(name):
    parts = split(f"{OWN}\n\n{ATTRIBUTIONS[name]}\n\n{OLD}", "SV: Kursstart")
    assert parts.reply.startswith(OWN)
    assert ("Välkommen" in parts.reply) == (name in WITHOUT_A_DAY)


@pytest.mark.parametrize("name", HEADINGS)
def test_a_heading_ends_the_answer_and_begins_a_forward(name):
    heading = HEADINGS[name]
    for subject in ("SV: Kursstart", "Kursstart"):
        assert split(f"{OWN}\n\n{heading}\n\n{OLD}", subject).reply == OWN
    forward = split(f"{heading}\n\n{OLD}", "VB: Kursstart")
    assert (forward.reply, OLD in forward.quoted) == ("", True)
    assert split(f"{_marked(heading)}\n{_marked(OLD)}\n\n{OWN}", "SV: x").reply == OWN


@pytest.mark.parametrize("sentence", SENTENCES)
def test_no_sentence_of_a_person_is_cut(sentence):
    letter = f"Hej!\n\n{sentence}\nradera alla mina uppgifter.\n\nMvh\nAnna"
    assert split(letter, "En fråga").reply == letter
    first = f"{sentence}\n\nradera alla mina uppgifter."
    assert split(first, "SV: fråga").reply == first


HTML = {
    "gmail": '<div dir="ltr">{own}</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">{line}<br></div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex;border-left:1px #ccc solid"><div>{old}</div></blockquote></div>',
    "gmail 2024": '<div dir="ltr">{own}</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">{line}<br></div><blockquote class="gmail_quote" style="border-left:1px solid">{old}</blockquote></div>',
    "gmail old": '{own}<br><br><div class="gmail_quote">{line}<br><blockquote class="gmail_quote" style="margin:0 0 0 .8ex;border-left:1px #ccc solid;padding-left:1ex">{old}</blockquote></div>',
    "outlook desktop": '<div class="WordSection1"><p class="MsoNormal">{own}<o:p></o:p></p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal"><b>Från:</b> K &lt;info@example.se&gt; <br><b>Skickat:</b> den 3 mars 2026 10:15<br><b>Till:</b> A<br><b>Ämne:</b> x<o:p></o:p></p></div></div><p class="MsoNormal">{old}</p></div>',
    "outlook web": '<div class="elementToProof">{own}</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font><b>Från:</b> K &lt;info@example.se&gt;<br><b>Skickat:</b> den 3 mars 2026 10:15<br><b>Till:</b> A<br><b>Ämne:</b> x</font><div>&nbsp;</div></div><div>{old}</div>',
    "outlook mobile": '<div dir="auto">{own}</div><div id="ms-outlook-mobile-signature"><div></div>Skickat från <a href="https://aka.ms/o0ukef">Outlook för iOS</a></div><div id="mail-editor-reference-message-container" class="ms-outlook-mobile-reference-message skipProofing"><hr style="display:inline-block;width:98%"><div id="divRplyFwdMsg"><b>Från:</b> K<br><b>Skickat:</b> tisdag, mars 3, 2026 10:15<br><b>Till:</b> A<br><b>Ämne:</b> x</div>{old}</div>',
    "apple mail": '<html><body style="word-wrap: break-word">{own}<br><div><br><blockquote type="cite"><div>{line}</div><br class="Apple-interchange-newline"><div>{old}</div></blockquote></div></body></html>',
    "ios": '<html><body dir="auto"><div>{own}</div><div dir="ltr"><br>Skickat från min iPhone</div><div dir="ltr"><br><blockquote type="cite">{line}<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">\ufeff{old}</div></blockquote></body></html>',
    "thunderbird": '<html><body><p>{own}</p><div class="moz-cite-prefix">{line}<br></div><blockquote type="cite" cite="mid:x@example.se"><div>{old}</div></blockquote></body></html>',
    "thunderbird old": '<html><body bgcolor="#ffffff">{own}<br>{line}<blockquote cite="mid:x@example.se" type="cite">{old}</blockquote></body></html>',
    "yahoo": '<div>{own}</div><div id="ydp1" class="ydpyahoo_quoted yahoo_quoted"><div><div>{line}</div><div>{old}</div></div></div>',
}  # fmt: skip
LINE = "Den tis 3 mars 2026 kl 10:15 skrev Kansliet &lt;info@example.se&gt;:"


@pytest.mark.parametrize("name", HTML)
def test_the_answer_is_found_in_html(name):
    text = clean(to_text(HTML[name].format(own=OWN, line=LINE, old="Välkommen till kursen.")))
    parts = split(text, "SV: Kursstart")
    assert parts.reply == OWN
    assert "Välkommen" in parts.quoted


_PIECES = st.sampled_from(
    [*ATTRIBUTIONS.values(), *HEADINGS.values(), *SENTENCES, "> Gammalt", "-- ", "Skickat från min iPhone", "", "Hej!", "-----", "Radera mig."]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(_PIECES, max_size=10), st.sampled_from(["", "SV: x", "VB: x", "Fråga"]))
def test_every_line_is_in_one_of_the_three_parts_once(pieces, subject):
    text = clean("\n".join(pieces))
    parts = split(text, subject)
    found = sorted(
        filter(
            None, (line.strip() for part in (parts.reply, parts.quoted, parts.signature) for line in part.split("\n"))
        )
    )
    assert found == sorted(filter(None, (line.strip() for line in text.split("\n"))))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(SENTENCES), st.sampled_from(list(ATTRIBUTIONS.values())), st.booleans())
def test_a_persons_sentence_survives_beside_a_quotation(sentence, line, below):
    quotation = f"{line}\n{_marked(OLD)}"
    text = f"{quotation}\n\n{sentence}\nradera mig." if below else f"{sentence}\nradera mig.\n\n{quotation}"
    reply = split(text, "SV: x").reply
    assert sentence in reply
    assert "radera mig." in reply
