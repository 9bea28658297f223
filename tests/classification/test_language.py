"""The language of a mail, and where its sentences begin."""

import pytest

from inbox_bot.classification.sentences import shape, split
from inbox_bot.classification.spelling import fold


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hej, jag undrar när nästa kurs börjar och vad den kostar.", "sv"),
        ("Hello, I would like to know when the next course starts.", "en"),
        ("Hei, jeg lurer på når neste kurs begynner, og hva det koster for meg.", "no"),
        ("Hej, jeg vil gerne vide, hvad kurset koster, og hvornår det begynder for jer.", "da"),
        ("", ""),
        ("OK", ""),
        ("12345 67890", ""),
        ("hej jag vill inte ha fler mejl fran er", "sv"),
    ],
)
def test_language(classifier, text, language):
    assert classifier.classify("", text).language == language


@pytest.mark.parametrize(
    ("tokens", "sentences"),
    [
        ("Hej ! Radera mig .", ["Hej !", "Radera mig ."]),
        ("enligt art . 17 radera", ["enligt art . 17 radera"]),
        ("Hej ⏎ Jag vill", ["Hej", "Jag vill"]),
        ("radera mitt ⏎ konto nu", ["radera mitt konto nu"]),
        ("ett ⏎⏎ två", ["ett", "två"]),
        ("först ⏎ - ett ⏎ - två", ["först", "- ett", "- två"]),
        ("Va ? ! Nej", ["Va ? !", "Nej"]),
        ("", []),
    ],
)
def test_sentences(tokens, sentences):
    words = [word.replace("⏎", "\n") for word in tokens.split()]
    offsets = [sum(len(word) + 1 for word in words[:number]) for number in range(len(words))]
    found = [" ".join(words[at] for at in numbers) for numbers in split([shape(word) for word in words], offsets)]
    assert found == sentences


@pytest.mark.parametrize(
    ("word", "plain"),
    [("ÅTERKALLAR", "aterkallar"), ("søn", "son"), ("café", "cafe"), ("cafe\u0301", "cafe"), ("x", "x")],
)
def test_folding(word, plain):
    assert fold(word) == plain
