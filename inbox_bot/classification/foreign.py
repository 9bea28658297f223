"""Whether a mail is in a language the program cannot read: then only a person can tell what it asks."""

import re

from inbox_bot.classification.verdict import Reading

_FEWEST_WORDS = 8
_LEAST_KNOWN = 0.5
"""Of 4,000 mails in the languages of the corpus the strangest held 55 % known words; letters in German, Dutch, Finnish, Icelandic,
Polish, Romanian, Somali, Spanish and Turkish held 6 to 47 %, for cognates, names and greetings."""

_SURELY_KNOWN = 0.65
_FEWEST_LETTERS = 10
_LOOKED_AT = 4_000
_LATIN = re.compile(r"[A-Za-z\u00aa-\u024f]")


def is_foreign(reading: Reading) -> bool:
    """Return whether few of a mail's words are known in any language, or most of its letters are not Latin.

    Needs a reading with words (a classifier with meanings); of too few words nothing is said.
    """
    met = [word.is_known for sentence in reading.sentences for word in sentence.words]
    # Most mail is settled here. Marks are known in any language, so more must be than of words alone.
    if sum(met) >= _SURELY_KNOWN * len(met) > 0:
        return False
    letters = "".join(filter(str.isalpha, "".join(reading.texts.values())[:_LOOKED_AT]))
    if len(letters) >= _FEWEST_LETTERS and 2 * len(_LATIN.findall(letters)) < len(letters):
        return True
    words = known = 0
    for sentence in reading.sentences:
        text = reading.texts[sentence.part]
        for word, (start, end) in zip(sentence.words, sentence.spans, strict=True):
            if text[start:end].isalpha():
                words += 1
                known += word.is_known
    return words >= _FEWEST_WORDS and known < _LEAST_KNOWN * words
