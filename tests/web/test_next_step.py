"""The one next thing to do: decided case by case, and read off real cases."""

from datetime import date, timedelta

import pytest

from inbox_bot.domain.case import Event, EventName, LetterState
from inbox_bot.domain.notice import Addressee
from inbox_bot.domain.rights import Claim, Right
from inbox_bot.domain.staff import Role
from inbox_bot.web.staff.box import role_for
from inbox_bot.web.staff.next_step import Act, Answer, Backing, CaseNow, next_step

TODAY = date(2026, 9, 14)
ERASURE = Claim(right=Right.ERASURE)


def answer(**values):
    return Answer(**({"place": "svar-1", "claims": (ERASURE,), "due": date(2026, 10, 7)} | values))


def step(*answers, **values):
    return next_step(CaseNow(**({"today": TODAY, "answers": answers, "is_running": True} | values)))


@pytest.mark.parametrize(
    ("case", "act", "place"),
    [
        ({}, Act.PROGRAM, ""),
        ({"is_running": False}, Act.NOTHING, ""),
        ({"on_its_way": True}, Act.OUTBOX, "brev"),
        ({"awaits_person": True}, Act.PERSON, "vem"),
        ({"unread": "brev-4"}, Act.READ, "brev-4"),
        ({"asked_outside": True}, Act.OUTSIDE, "utanfor"),
        ({"in_trouble": True}, Act.SETTLE, ""),
        ({"to_lock": ("mailboxen",)}, Act.LOCK, "att-gora"),
        ({"words_to_check": True, "awaits_person": True}, Act.CHECK_FACT, "stammer"),
        ({"way_to_find": True, "awaits_person": True}, Act.WHO, "vem"),
        ({"left_undone": ("mailboxen",), "on_its_way": True}, Act.TASKS, "att-gora"),
        ({"to_tell": (("mottagare-2", "Firman AB"),), "is_running": False}, Act.TELL, "mottagare-2"),
        ({"liftable": True, "is_running": False}, Act.LIFT, "begransning"),
        ({"answers": (answer(),)}, Act.APPROVE, "svar-1"),
        ({"answers": (answer(lacking=True),)}, Act.WRITE, "svar-1"),
        ({"answers": (answer(note="Skriv när."),)}, Act.WRITE, "svar-1"),
        ({"answers": (answer(systems=("mailboxen",), lacking=True),)}, Act.TASKS, "att-gora"),
        ({"answers": (answer(proven=False),)}, Act.WHO, "vem"),
        ({"answers": (answer(backing=Backing.LACKING),)}, Act.SECOND, "svar-1"),
        ({"answers": (answer(backing=Backing.MINE),)}, Act.COLLEAGUE, "svar-1"),
        ({"answers": (answer(backing=Backing.THEIRS),)}, Act.APPROVE, "svar-1"),
        ({"answers": (answer(hindrance="Kopian ska ut först."),)}, Act.HINDERED, "svar-1"),
    ],
)
def test_each_state_has_its_step(case, act, place):
    found = next_step(CaseNow(**({"today": TODAY, "is_running": True} | case)))
    assert (found.act, found.place) == (act, place)


def test_what_may_change_the_rest_goes_first():
    everything = {
        "unread": "brev-2",
        "asked_outside": True,
        "to_lock": ("mailboxen",),
        "words_to_check": True,
        "way_to_find": True,
        "in_trouble": True,
        "left_undone": ("mailboxen",),
        "liftable": True,
        "awaits_person": True,
    }
    order = []
    while everything:
        found = step(answer(), **everything).act
        order.append(found)
        if found is Act.APPROVE:
            break
        del everything[next(iter(everything))]
    assert order == [Act.READ, Act.OUTSIDE, Act.LOCK, Act.CHECK_FACT, Act.WHO, Act.SETTLE, Act.APPROVE]


def test_the_earlier_date_and_what_is_told_beside_an_answer_go_first():
    later = answer(place="svar-2", due=date(2026, 10, 30))
    assert step(later, answer()).place == "svar-1"
    assert step(answer(), answer(place="svar-3", is_notice=True)).place == "svar-3"


def test_a_letter_that_waits_for_somebody_else_keeps_no_other_back():
    blocked = answer(hindrance="Kopian ska ut först.", due=date(2026, 9, 20))
    assert step(blocked, answer(place="svar-2")).place == "svar-2"
    assert step(blocked).act is Act.HINDERED
    assert step(blocked, awaits_person=True).act is Act.HINDERED


@pytest.mark.parametrize(("days", "act"), [(1, Act.TELL), (0, Act.APPROVE), (-3, Act.APPROVE)])
def test_recipients_are_told_before_the_answer_but_never_make_it_late(days, act):
    due = TODAY + timedelta(days=days)
    assert step(answer(due=due), to_tell=(("mottagare-1", "Firman AB"),)).act is act


def test_where_we_say_that_we_cannot_see_who_asks_another_way_is_offered_first():
    giving_up = answer(gives_up=True)
    assert step(giving_up, way_to_find=True).act is Act.APPROVE
    assert step(giving_up, way_to_find=True, no_way_offered=True).act is Act.WHO


def test_there_is_always_a_step_and_the_waiting_ones_are_nobodys_here():
    assert [act for act in Act if act.waits] == [
        Act.COLLEAGUE,
        Act.HINDERED,
        Act.PERSON,
        Act.OUTBOX,
        Act.PROGRAM,
        Act.NOTHING,
    ]


def handles(act):
    return Role.HANDLE.covers(role_for(act))


def test_every_act_takes_what_its_form_takes():
    assert {act: role_for(act) for act in Act if not act.waits} == {
        **dict.fromkeys((Act.READ, Act.LOCK, Act.CHECK_FACT, Act.WHO, Act.TASKS, Act.WRITE, Act.LIFT), Role.HANDLE),
        **dict.fromkeys((Act.OUTSIDE, Act.SETTLE, Act.TELL, Act.SECOND, Act.APPROVE), Role.APPROVE),
    }


@pytest.mark.parametrize(
    ("case", "act"),
    [
        ({"asked_outside": True, "to_lock": ("mailboxen",)}, Act.LOCK),
        ({"asked_outside": True}, Act.OUTSIDE),
        ({"answers": (answer(lacking=True),), "to_tell": (("mottagare-1", "Firman AB"),)}, Act.WRITE),
        ({"answers": (answer(),), "to_tell": (("mottagare-1", "Firman AB"),)}, Act.TELL),
        ({"answers": (answer(backing=Backing.MINE),), "to_tell": (("mottagare-1", "Firman AB"),)}, Act.TELL),
        ({"answers": (answer(), answer(place="svar-2", lacking=True, due=date(2026, 11, 1)))}, Act.WRITE),
        ({"answers": (answer(hindrance="Kopian ska ut först.", lacking=True),)}, Act.HINDERED),
        ({"answers": (answer(),), "awaits_person": True}, Act.APPROVE),
        ({"awaits_person": True}, Act.PERSON),
    ],
)
def test_who_may_not_do_the_first_is_given_the_next_they_may(case, act):
    assert next_step(CaseNow(**({"today": TODAY, "is_running": True} | case)), handles).act is act


# On real cases


def box(page):
    [found] = page.tree.css("#nasta")
    [button] = found.css("a.primary")
    return found.css_first("h2").text(strip=True), button.attributes["href"]


def assert_one_main_button(page):
    """Beside the box, only what it leads to may have a main button: one."""
    others = [node.text() for node in page.tree.css("button.primary") if not in_later(node)]
    assert len(others) <= 1, others


def in_later(node):
    while node is not None:
        if "later" in (node.attributes.get("class") or "").split():
            return True
        node = node.parent
    return False


def test_from_the_mail_to_the_answer(house, staff):
    receipt = house.ask("#erasure")
    page = staff.case()
    assert box(page) == ("Väntar på personen", "/personal")
    house.flow.confirm(receipt.token, receipt.code)
    assert box(staff.case()) == ("Programmet arbetar", "/personal")
    house.drain()
    page = staff.case()
    assert box(page) == ("Gör det som ska göras, och notera det", "#att-gora")
    assert len(page.tree.css("#att-gora ~ section.card > h4")) == 1
    for _ in house.flow.acting.sheet("PK-2026-0001").claims[0].tasks:
        assert_one_main_button(page)
        page = staff.press(page, "do=gjort", vad="Kontot är raderat")
    assert box(page) == ("Läs svaret och godkänn", "#svar-1")
    assert_one_main_button(page)
    assert "Allt är noterat" in page.text
    page = staff.press(page, "do=godkann")
    assert box(page) == ("Svaret är på väg", "/personal")
    house.drain()
    page = staff.case()
    assert box(page) == ("Inget att göra", "/personal")
    house.reply(house.to()[-1], "Tack.")
    house.drain()
    page = staff.case()
    assert box(page) == ("Läs det nya brevet", "#brev-2")
    page = staff.press(page, "Markera som läst")
    assert box(page) == ("Inget att göra", "/personal")


def test_an_answer_given_back_says_why(house, staff):
    house.ask_and_confirm("#access")
    assert box(staff.case()) == ("Fyll i svaret", "#svar-1")
    house.flow.give_back(house.draft().id, reason="Skriv vilka kurser.", by="bo")
    page = staff.case()
    assert box(page)[0] == "Fyll i svaret"
    assert "Lämnat tillbaka: Skriv vilka kurser." in page.tree.css_first("#nasta").text()


def test_more_time_is_not_for_a_no(house, staff):
    house.ask_and_confirm("#access")
    house.flow.extend("PK-2026-0001", right=None, reasons="Begäran gäller arton år av kurser.", by="anna")
    house.drain()
    assert "Sista dag: måndag 7 december 2026" in staff.case().tree.css_first("#nasta").text()
    house.flow.acting.write_refusal("PK-2026-0001", right=None, reasons="Artikel 15.4: andras uppgifter.", by="anna")
    assert "Sista dag: onsdag 7 oktober 2026" in staff.case().tree.css_first("#nasta").text()


def test_an_erasure_waits_for_the_copy_that_was_asked_for_too(house, staff):
    house.ask_and_confirm("#access #erasure")
    assert box(staff.case())[0] == "Fyll i svaret"
    house.flow.edit(house.file().drafts[0].record.id, values={}, by="anna", letter="no_data")
    page = staff.case()
    assert box(page)[0] == "Läs svaret och godkänn"
    assert "registerutdrag" in page.tree.css_first("#nasta").text()


def test_data_are_locked_before_anybody_has_confirmed(house, staff):
    house.ask("#restriction")
    title, place = box(staff.case())
    assert (title, place) == ("Lås uppgifterna nu", "#att-gora")
    house.flow.acting.say_done("PK-2026-0001", ["Uppgifterna är låsta."], by="anna")
    assert box(staff.case())[0] == "Väntar på personen"


def test_letters_in_trouble_are_settled_in_the_outbox(house, staff):
    house.ask_and_confirm("#access")
    house.flow.edit(house.draft().id, values={}, by="anna", letter="no_data")
    house.flow.approve(house.draft().id, by="anna")
    [letter] = house.letters(name="no_data")
    with house.flow.desk.write() as unit:
        unit.letters.move(letter.id, [LetterState.QUEUED], LetterState.UNKNOWN)
    assert box(staff.case()) == ("Avgör vad som hände med ett brev", "/personal/utkorg")


def comes_back(house):
    """Let the letter with the link come back, as a report of the mail server would."""
    letter = house.letters()[0]
    event = Event(at=house.now, name=EventName.LETTER_BOUNCED, details={"letter": letter.id})
    with house.flow.desk.write() as unit:
        unit.letters.move(letter.id, [LetterState.SENT], LetterState.BOUNCED)
        unit.cases.record(house.case().id, event)
    return letter


def test_a_link_that_came_back_asks_for_another_way_until_one_is_under_way(house, staff):
    house.ask("#access")
    letter = comes_back(house)
    page = staff.case()
    assert box(page) == ("Avgör vem som frågar", "#vem")
    house.flow.offer("PK-2026-0001", way="phone", by="anna")
    assert box(staff.case())[0] == "Avgör vem som frågar"
    house.flow.ask_at("PK-2026-0001", address="lo@example.org", how="Ringde numret vi har.", by="anna")
    assert box(staff.case())[0] == "Avgör vad som hände med ett brev"
    house.flow.lay_aside(letter.id, by="anna")
    assert box(staff.case())[0] == "Väntar på personen"


def test_a_question_leads_back_to_a_person_when_it_is_answered(house, staff):
    receipt = house.ask("#access")
    letter = comes_back(house)
    house.flow.offer("PK-2026-0001", way="question", by="anna")
    house.flow.lay_aside(letter.id, by="anna")
    assert box(staff.case())[0] == "Väntar på personen"
    house.reply(receipt, "Jag gick kursen i mars.")
    house.drain()
    page = staff.press(staff.case(), "Markera som läst")
    assert box(page)[0] == "Avgör vem som frågar"


def test_recipients_are_told_and_then_named(house, staff):
    house.ask_and_confirm("#erasure")
    house.flow.acting.say_done("PK-2026-0001", ["Kontot är raderat."], system="kursplattformen", by="anna")
    house.flow.acting.rest_absent("PK-2026-0001", by="anna")
    recipient = Addressee(name="Firman AB", kind="employer", contact="hr@example.org")
    number = house.flow.acting.add_recipient("PK-2026-0001", recipient, by="anna")
    assert box(staff.case()) == ("Berätta för Firman AB", f"#mottagare-{number}")
    house.flow.acting.recipient_told("PK-2026-0001", "Firman AB", how="De ringde.", by="anna")
    assert box(staff.case())[0] == "Läs svaret och godkänn"


def test_a_no_takes_two_and_the_first_of_them_waits_for_the_other(house, staff):
    house.ask("#access")
    house.days(40)
    house.drain()
    staff.log_in()
    page = staff.case()
    assert box(page) == ("Två personer måste stå bakom nejet", "#svar-1")
    words = "Vi har mejlat, påmint och ringt. Ingen har svarat, och inget annat går att göra."
    page = staff.press(page, "do=andra", **{"egna-skal": words})
    assert box(page) == ("Väntar på en kollega", "/personal")
    assert "Ingen annan kan göra det." in page.tree.css_first("#nasta").text()
    house.flow.approve(house.draft().id, by="bo")
    assert box(staff.case())[0] == "Svaret är på väg"


@pytest.mark.parametrize(
    ("role", "kicker", "title"),
    [
        ("read", "Väntar på en kollega", "Fyll i svaret"),
        ("handle", "Nästa steg", "Fyll i svaret"),
        ("approve", "Nästa steg", "Fyll i svaret"),
    ],
)
def test_who_may_not_do_it_is_told_who_can(build, serve, role, kicker, title):
    me, bo, eva = "me@example.com", "bo@example.com", "eva@example.com"
    house = build(staff={"addresses": [me, bo, eva], "roles": {me: role, bo: "handle", eva: "approve"}})
    house.ask_and_confirm("#access")
    browser = serve(house)
    browser.log_in(me)
    found = browser.case().tree.css_first("#nasta")
    assert (found.css_first(".kicker").text(), found.css_first("h2").text()) == (kicker, title)
    assert (f"De här kan göra det: {bo}, {eva}." in found.text()) is (role == "read")
    [button] = found.css("a.button")
    assert button.attributes["href"] == ("/personal" if role == "read" else "#svar-1")
    house.flow.edit(house.draft().id, values={}, by=bo, letter="no_data")
    found = browser.case().tree.css_first("#nasta")
    assert found.css_first("h2").text() == "Läs svaret och godkänn"
    assert (f"Det kräver behörigheten godkänna. De här kan göra det: {eva}." in found.text()) is (role != "approve")
