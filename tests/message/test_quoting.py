"""What a person newly wrote is kept, and only what is surely older is set apart."""

import pytest

from inbox_bot.message.quoting import split

OLD = "Välkommen till kursen.\nHälsningar, kansliet"

ATTRIBUTIONS = [
    "Den 3 mars 2026 kl. 10:15 skrev Kansliet <info@example.se>:",
    "Den tis 3 mars 2026 kl 10:15 skrev Kansliet <info@example.se>:",
    "Den 2026-03-03 kl. 10:15, skrev Kansliet:",
    "3 mars 2026 kl. 10:15 skrev Kansliet <info@example.se>:",
    "Kansliet skrev 2026-03-03 10:15:",
    "On Tue, 3 Mar 2026 at 10:15, The Office <info@example.se> wrote:",
    "On 3 Mar 2026, at 10:15, The Office wrote:",
    "Den tir. 3. mar. 2026 kl. 10.15 skrev Kontoret <info@example.se>:",
    "tir. 3. mars 2026 kl. 10:15 skrev Kontoret <info@example.se>:",
    "Am 03.03.26 um 10:15 schrieb Das Büro:",
    "2026-03-03 10:15 GMT+01:00 Kansliet <info@example.se>:",
    "Den tis 3 mars 2026 kl 10:15 skrev Kansliet på Exempelföretaget <\ninfo@example.se>:",
    "ti 3. maalisk. 2026 klo 10.15 Toimisto (info@example.se) kirjoitti:",
]

HEADINGS = [
    "Från: Kansliet <info@example.se>\nSkickat: den 3 mars 2026 10:15\nTill: Anna\nÄmne: Kursstart",
    "________________________________\nFrån: Kansliet\nSkickat: tisdag 3 mars 2026\nTill: Anna\nÄmne: Kursstart",
    "*Från:* Kansliet <info@example.se>\n*Skickat:* den 3 mars 2026 10:15\n*Till:* Anna\n*Ämne:* Kursstart",
    "-----Ursprungligt meddelande-----\nFrån: Kansliet\nSkickat: den 3 mars\nTill: Anna\nÄmne: Kursstart",
    "-----Original Message-----\nFrom: Office\nSent: Tuesday\nTo: Anna\nSubject: Start",
    "From: Office <info@example.se>\nSent: Tuesday, March 3, 2026 10:15 AM\nTo: Anna; Bo;\n Cia\nSubject: Start",
    "Fra: Kontoret <info@example.se>\nSendt: tirsdag 3. mars 2026 10:15\nTil: Anna\nEmne: Start",
    "Von: Büro <info@example.se>\nGesendet: Dienstag, 3. März 2026 10:15\nAn: Anna\nBetreff: Start",
    "Från: Kansliet <info@example.se>\n\nSkickat: den 3 mars 2026 10:15\n\nTill: Anna\n\nÄmne: Kursstart",
    "-------- Originalmeddelande --------",
    "---- On Tue, 03 Mar 2026 10:15:00 +0100 The Office wrote ----",
]


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
@pytest.mark.parametrize("mark", ["> ", ""])
def test_an_answer_above_a_quotation_is_kept_alone(attribution, mark):
    old = "\n".join(f"{mark}{line}" for line in OLD.split("\n"))
    parts = split(f"Tack, då kommer jag.\n\n{attribution}\n\n{old}", "SV: Kursstart")
    assert parts.reply == "Tack, då kommer jag."
    assert "Välkommen till kursen." in parts.quoted
    assert attribution.split("\n")[0] in parts.quoted


@pytest.mark.parametrize("attribution", ATTRIBUTIONS)
def test_an_answer_under_a_quotation_is_kept(attribution):
    parts = split(f"{attribution}\n> Välkommen till kursen.\n\nTack, då kommer jag.", "SV: Kursstart")
    assert parts.reply == "Tack, då kommer jag."
    assert "Välkommen" in parts.quoted


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_heading_ends_the_answer(heading):
    parts = split(f"Tack, då kommer jag.\n\n{heading}\n\n{OLD}", "SV: Kursstart")
    assert parts.reply == "Tack, då kommer jag."
    assert parts.quoted.endswith(OLD)


@pytest.mark.parametrize(
    "text",
    [
        "Den här planen skrev Anna på i går:\nkurs, pris och datum.",
        "Den 3 mars 2026 skrev jag till er (info@example.se) kl. 10.15 och bad:\nta bort mina uppgifter.",
        "Den 3 mars 2026 skrev er lärare:\nkursen är full.",
        "Jag har tre frågor:\n1. Vad kostar kursen?\n2. När börjar den?",
        "Från: Hallsberg\nTill: Örebro\nDet är sträckan jag pendlar, och därför kan jag inte komma.",
        "Jag kan följande tider:\n\ntisdag kl. 10:15:\nonsdag kl. 11:15:",
        "Vi hörs!\n-----\nPS. Radera mina uppgifter.",
        "Original message: kursen är inställd. Stämmer det?",
        "Jag vill att allt tas bort. Från: och med i dag.",
        ">>> VIKTIGT: radera mig <<<",
        "On the phone you wrote: come at ten. Is that right?",
    ],
)
def test_a_persons_own_sentences_are_never_cut(text):
    assert split(f"Hej!\n\n{text}", "En fråga").reply == f"Hej!\n\n{text}"


def test_answers_between_quotations_are_kept():
    text = "Den 3 mars 2026 kl. 10:15 skrev K <info@example.se>:\n> Vilka uppgifter?\n\nAlla.\n\n> Varför?\n\nDet säger jag inte."
    assert split(text, "SV: x").reply == "Alla.\n\nDet säger jag inte."


def test_a_letter_with_a_heading_of_its_own_is_kept():
    letter = (
        "Från: Anna Andersson\nTill: Exempelbolaget\nDatum: 2026-03-03 10:15\nÄmne: Begäran\n\nJag begär ett utdrag."
    )
    assert split(letter, "Begäran").reply == letter


def test_a_form_that_names_its_writer_first_is_kept():
    form = "Från: Anna <anna@example.com>\nÄmne: Fråga\n\nMeddelande:\nTa bort mig."
    assert split(form, "Nytt meddelande från webbplatsen").reply == form


@pytest.mark.parametrize("subject", ["VB: Kursstart", "Fwd: Kursstart", "FW: Start"])
@pytest.mark.parametrize("heading", HEADINGS)
def test_a_pure_forward_is_all_quoted(heading, subject):
    parts = split(f"\n{heading}\n\n{OLD}", subject)
    assert parts.reply == ""
    assert parts.quoted.endswith(OLD)


def test_a_gmail_forward_is_all_quoted():
    text = f"---------- Forwarded message ---------\nFrån: Bo <bo@example.com>\nDate: tis 3 mars 2026 kl 10:15\nSubject: x\nTo: <a@example.com>\n\n{OLD}"
    parts = split(text, "Fwd: x")
    assert (parts.reply, parts.quoted.endswith(OLD)) == ("", True)


def test_words_above_a_forward_are_the_reply():
    text = f"Kan ni ta hand om detta?\n\nBegin forwarded message:\n\nFrom: Bo <bo@example.com>\nDate: 3 March 2026 at 10:15:00 CET\nTo: a@example.com\n\n{OLD}"
    assert split(text, "Fwd: x").reply == "Kan ni ta hand om detta?"


def test_an_attribution_with_nothing_above_and_no_marks_below_may_hold_the_answer():
    text = "Den 3 mars 2026 kl. 10:15 skrev Kansliet <info@example.se>:\n\nJag svarar här nedanför."
    assert "Jag svarar här nedanför." in split(text, "SV: x").reply


@pytest.mark.parametrize(
    "line",
    [
        "Skickat från min iPhone",
        "Skickat från Outlook för iOS<https://aka.ms/o0ukef>",
        "Hämta Outlook för Android",
        "Get Outlook for iOS<https://aka.ms/o0ukef>",
        "Sent from my Samsung Galaxy smartphone.",
        "Sendt fra min iPhone",
        "Von meinem iPhone gesendet",
        "Skickat från E-post för Windows",
    ],
)
def test_a_devices_line_is_a_signature(line):
    parts = split(f"Ta bort mina uppgifter.\n\n{line}\n\nOch svara gärna i dag.")
    assert parts.signature == line
    assert parts.reply == "Ta bort mina uppgifter.\n\nOch svara gärna i dag."


@pytest.mark.parametrize(
    "line",
    [
        "Skickat från min gamla adress, ta bort den.",
        "Sent from my old account, please delete it.",
        "Skickat från mobilen, radera mina uppgifter",
        "Skickat från min iPhone. Jag vill bli glömd.",
    ],
)
def test_a_sentence_that_begins_like_a_devices_line_is_kept(line):
    assert split(f"Hej\n{line}").reply == f"Hej\n{line}"


@pytest.mark.parametrize("mark", ["-- ", "--"])
def test_a_marked_signature_is_set_apart(mark):
    parts = split(f"Hej, när börjar kursen?\n\n{mark}\nAnna Andersson\nEkonom, Exempel AB\n08-000 00 00")
    assert parts.reply == "Hej, när börjar kursen?"
    assert parts.signature == f"{mark.strip()}\nAnna Andersson\nEkonom, Exempel AB\n08-000 00 00"


def test_words_under_a_rule_are_no_signature():
    assert "radera mina uppgifter" in split("Hej\n--\nJag vill att ni ska radera mina uppgifter").reply
    assert "Vänligen radera allt" in split("Hej\n-- \nVänligen radera allt").reply


def test_a_quotation_ends_a_signature():
    parts = split("Ja tack.\n-- \nAnna\n\n> Vill du gå kursen?\n\nJa, det vill jag.")
    assert (parts.reply, parts.signature) == ("Ja tack.\n\nJa, det vill jag.", "--\nAnna")


@pytest.mark.parametrize(
    "paragraph",
    [
        "Detta e-postmeddelande är konfidentiellt och avsett endast för mottagaren. Radera det om du fått det av misstag.",
        "This e-mail and any attachments are confidential. If you received it by mistake, delete it.",
        "När du skickar e-post till oss behandlar vi dina personuppgifter. Läs mer på vår webbplats.",
        "Läs om hur vi behandlar personuppgifter: https://example.org/integritet",
        "CAUTION: This email originated from outside the organisation.",
        "Tänk på miljön innan du skriver ut detta.",
    ],
)
def test_a_companys_standing_paragraph_is_set_apart(paragraph):
    parts = split(f"När börjar kursen?\n\nHälsningar\nAnna\n\n{paragraph}")
    assert parts.reply == "När börjar kursen?\n\nHälsningar\nAnna"
    assert parts.signature == paragraph


@pytest.mark.parametrize(
    "paragraph",
    [
        "Detta mejl innehåller min begäran om att ta bort allt.",
        "Om du har fått detta i fel låda: jag vill ha mina uppgifter raderade.",
        "Information om hur ni behandlar uppgifter om sökande önskas.",
        "The information in your register is wrong.",
        "If you are not the right person, forward this.",
    ],
)
def test_a_persons_paragraph_is_no_standing_one(paragraph):
    assert split(f"Hej\n\n{paragraph}").reply == f"Hej\n\n{paragraph}"


def test_nothing_but_a_disclaimer_is_kept_where_a_person_can_see_it():
    text = "Detta meddelande är avsett för kansliet."
    assert split(text).reply == text


def test_the_three_parts_hold_every_line():
    text = "Hej\n\nTa bort mig.\n-- \nAnna\n\nDen 3 mars 2026 kl. 10:15 skrev K <k@example.se>:\n> Gammalt\nNytt"
    parts = split(text)
    everything = f"{parts.reply}\n{parts.quoted}\n{parts.signature}"
    for line in filter(None, map(str.strip, text.split("\n"))):
        assert line in everything
