"""Mail in a language nobody taught the program reaches a person; mail in the languages it knows is not taken for foreign."""

import pytest

from inbox_bot.classification import corpus
from inbox_bot.classification.foreign import is_foreign
from inbox_bot.domain.verdict import Outcome
from inbox_bot.message.parse import read_text

FOREIGN = {
    "german": "Guten Tag, im Herbst war ich bei Ihnen im Haus. Bitte löschen Sie alles, was dort über mich gespeichert wurde.",
    "finnish": "Hei, olin viime syksynä teidän kurssillanne. Poistakaa kaikki minua koskevat tiedot järjestelmistänne, kiitos.",
    "polish": "Dzień dobry, jesienią byłam u Państwa na szkoleniu i proszę usunąć wszystko, co Państwo o mnie przechowują.",
    "somali": "Waan idin salaamayaa, dayrtii ayaan idinla joogay, fadlan tirtira wax kasta oo aad iga haysaan halkaas.",
    "arabic": "السلام عليكم، كنت عندكم في الخريف وأرجو حذف كل ما لديكم عني",
    "ukrainian": "Добрий день, восени я була у вас на курсі, прошу видалити все, що ви зберігаєте про мене",
    "chinese": "您好，我去年秋天参加了你们的课程，请删除你们保存的关于我的所有资料。",
}


@pytest.mark.parametrize("text", FOREIGN.values(), ids=FOREIGN.keys())
def test_a_language_it_does_not_know_goes_to_a_person_with_the_reason(trained, text):
    verdict = trained.classify("", text)
    assert verdict.outcome is Outcome.UNSURE or verdict.is_for_a_person
    assert "unknown_language" in verdict.reasons


@pytest.mark.parametrize(
    "text",
    [
        "Snöröjningen av gården utförs tidigast klockan nio på måndag, ta trappan mot torget i stället.",
        "jag kommer inte idag hostar som en gammal traktor mvh berit",
        "See you on Monday at nine, the coffee is on me and the cake as well.",
        "Vi ses på mandag klokka ni, jeg tar med kaffe og kaker til alle sammen.",
        "Ok",
        "☕☕☕☕☕☕☕☕☕☕☕☕",
        "",
    ],
)
def test_what_it_can_read_is_not_foreign(trained, text):
    assert not is_foreign(trained.read("Hej", text))


def test_no_mail_of_the_corpus_is_foreign(trained, rules_dir):
    mails = corpus.read_files(corpus.files(rules_dir / "corpus"))[::10]
    readings = [trained.read(one.subject, read_text(one.subject, one.body).reply_text) for one in mails]
    assert sum(is_foreign(reading) for reading in readings) <= len(mails) // 500
