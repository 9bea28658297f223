"""All letters the program can write, as Jinja templates: the company's own folder first, the shipped one after it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from inbox_bot.domain.attachment import AttachedFile
from inbox_bot.domain.letters import Done, Envelope, Finding, Language, LetterField, Piece, Rendered
from inbox_bot.errors import LetterIncompleteError, TemplateError
from inbox_bot.letters import mime
from inbox_bot.letters.checking import rule_problems
from inbox_bot.letters.checklist import ELEMENTS_FILE, LINT_FILE, Checklists, read_checklists
from inbox_bot.letters.cleaning import clean_line, clean_text
from inbox_bot.letters.controller import Controller
from inbox_bot.letters.failures import FAILURES_FILE, failure_words
from inbox_bot.letters.jinja_files import TemplateFolders
from inbox_bot.letters.letterbook import (
    Declaration,
    Reader,
    declare,
    fill,
    forbid_refused_marketing_stop,
    gaps,
    with_defaults,
)
from inbox_bot.letters.lint import Letter, lint
from inbox_bot.letters.places import lay_out
from inbox_bot.letters.saying import pieces
from inbox_bot.letters.visible import visible

_MANY_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+\n")


class JinjaLetterBook:
    """All letters under ``folders``; ``templates/README.md`` says how one is laid out. Implements LetterBook.

    A file in an earlier folder stands in for the same file in a later one. What is read is kept, so that what staff
    were shown is what is sent: an edited template is used after a restart. ``sender`` is the From address, else the
    company's own; ``reply_to`` is set where answers must reach another address. Raises TemplateError, naming the file,
    for a declaration that cannot be read.
    """

    def __init__(
        self, *, folders: Sequence[Path], controller: Controller, sender: str = "", reply_to: str = ""
    ) -> None:
        self._controller = controller
        self._sender = sender or controller.company.mail
        self._reply_to = reply_to
        self._files = TemplateFolders(folders, controller)
        self._checklists = self._read_checklists()
        self._failures = failure_words(self._files.toml(FAILURES_FILE), str(self._files.place(FAILURES_FILE)))
        self._declarations = {name: self._declare(name) for name in self._files.letter_names()}
        self._defaults = {
            (name, language): self._default_texts(declaration, language)
            for name, declaration in self._declarations.items()
            for language in Language
        }

    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._declarations))

    def declaration(self, name: str) -> Declaration:
        """Return all that a letter declares, with the article it rests on. Raises TemplateError if unknown."""
        if name not in self._declarations:
            raise TemplateError(f"There is no letter named {name}.", hint=f"There are: {', '.join(self.names())}.")
        return self._declarations[name]

    def fields(self, name: str, language: Language = Language.SV) -> tuple[LetterField, ...]:
        """Return what a letter declares, its defaults written out in ``language``."""
        declaration = self.declaration(name)
        defaults = self._defaults[name, language]
        return tuple(replace(field, default=defaults[field.name]) for field in declaration.fields)

    def missing(self, name: str, values: Mapping[str, Any]) -> tuple[str, ...]:
        declaration = self.declaration(name)
        return gaps(declaration, self._placed(declaration, values, Language.SV))

    def render(self, name: str, language: Language, values: Mapping[str, Any]) -> Rendered:
        """As the protocol says; also TemplateError for a letter that would refuse a marketing stop."""
        declaration = self.declaration(name)
        spoken = _spoken(declaration, language)
        return self._rendered(declaration, spoken, self._filled(declaration, spoken, values))

    def lint(
        self, name: str, language: Language, values: Mapping[str, Any], recorded: Sequence[Done]
    ) -> tuple[Finding, ...]:
        declaration = self.declaration(name)
        spoken = _spoken(declaration, language)
        filled = self._filled(declaration, spoken, values)
        words, controller = self._files.words[spoken], self._controller
        fields = {field.name: field for field in declaration.fields}

        def said(name: str, column: str) -> tuple[str, ...]:
            own = partial(controller.system_name, language=spoken)
            return pieces(fields[name], filled[name], words, own, column)

        # A stranger chose the name: called "Namn Namnsson", they would otherwise keep their own answer from being approved.
        nameless = filled | {"name": ""} if "name" in filled else filled
        letter = Letter(
            declaration=declaration,
            language=spoken,
            texts=_texts(self._rendered(declaration, spoken, filled)),
            anonymous=_texts(self._rendered(declaration, spoken, nameless)),
            values=filled,
            pieces=said,
            facts={
                f"{table}.{key}": fact
                for table, whole in (
                    ("company", controller.company),
                    ("authority", controller.authority),
                    ("facts", controller.facts[spoken]),
                )
                for key, fact in asdict(whole).items()
            },
            system_names=[called for system in controller.systems for called in (system.name, system.name_en)],
            defaults=self._defaults[name, spoken],
        )
        return lint(letter, self._checklists, recorded)

    def kept_record(self, language: Language, day: date) -> Mapping[str, str]:
        return self._controller.register.bookkeeping.row(day, self._files.words[language].day(day), language)

    def layout(self, name: str, language: Language, values: Mapping[str, Any]) -> tuple[Piece, ...]:
        declaration = self.declaration(name)
        spoken = _spoken(declaration, language)
        placed = self._placed(declaration, values, spoken)
        filled = fill(declaration, placed | dict.fromkeys(gaps(declaration, placed)))
        text_file = _files(declaration, spoken)[1]

        def render(marked: Mapping[str, Any]) -> str:
            return _tidy(self._files.text(spoken, text_file, marked))

        return lay_out(declaration.fields, filled, render, self._files.words[spoken].day)

    def failure(self, text: str) -> str:
        return self._failures.say(text)

    def _filled(self, declaration: Declaration, spoken: Language, values: Mapping[str, Any]) -> dict[str, Any]:
        placed = self._placed(declaration, values, spoken)
        forbid_refused_marketing_stop(declaration, placed)
        missing = gaps(declaration, placed)
        if missing:
            raise LetterIncompleteError(declaration.name, missing)
        return fill(declaration, placed)

    def _rendered(self, declaration: Declaration, spoken: Language, filled: Mapping[str, Any]) -> Rendered:
        subject_file, text_file, html_file = _files(declaration, spoken)
        subject = clean_line(self._files.text(spoken, subject_file, filled))
        if not subject:
            raise TemplateError(f"{self._files.place(subject_file)} gives an empty subject.")
        return Rendered(
            subject=subject,
            text=_tidy(self._files.text(spoken, text_file, filled)),
            html=_tidy(self._files.text(spoken, html_file, filled)),
        )

    def freeze(
        self,
        name: str,
        language: Language,
        values: Mapping[str, Any],
        envelope: Envelope,
        files: Sequence[AttachedFile] = (),
    ) -> bytes:
        """As the protocol says; also NotAllowedError for an address that no letter can be sent to."""
        return mime.build(
            name=name,
            language=_spoken(self.declaration(name), language),
            rendered=self.render(name, language, values),
            envelope=envelope,
            sender=self._sender,
            sender_name=self._controller.company.name,
            reply_to=self._reply_to,
            files=files,
        )

    def problems(self) -> tuple[str, ...]:
        """Return what is wrong with the letters, a sentence each: unreadable files, values declared or used alone.

        Also lint rules that do not hold on their own examples.
        """
        found: list[str] = list(rule_problems(self._checklists, str(self._files.place(LINT_FILE))))
        for declaration in self._declarations.values():
            for language in _languages(declaration):
                try:
                    found += self._disagreements(declaration, language)
                except TemplateError as error:
                    found.append(str(error))
        return tuple(found)

    def _disagreements(self, declaration: Declaration, language: Language) -> Iterator[str]:
        """Yield each value that the text or the HTML uses undeclared, or leaves out although it is declared."""
        subject, *bodies = _files(declaration, language)
        declared = {field.name for field in declaration.fields}
        in_subject = self._files.used(language, subject)
        for body in bodies:
            used = self._files.used(language, body) | in_subject
            for name in sorted(used - declared):
                yield f"{self._files.place(body)} uses {name}, which {declaration.name}/letter.toml does not declare."
            for name in sorted(declared - used):
                yield f"{self._files.place(body)} does not use {name}, which {declaration.name}/letter.toml declares."

    def _declare(self, name: str) -> Declaration:
        file = f"{name}/letter.toml"
        document = self._files.toml(file)
        keys = [str(key) for key in document.get("shared_fields", [])]
        shared = {key: self._files.toml(f"_shared/fields/{key}.toml").get("fields", []) for key in keys}
        declaration = declare(name, document, shared, str(self._files.place(file)))
        for unknown in self._checklists.unknown(declaration):
            raise TemplateError(
                f"{self._files.place(file)} names the element {unknown}.", hint=f"{ELEMENTS_FILE} defines none such."
            )
        return declaration

    def _read_checklists(self) -> Checklists:
        files = (ELEMENTS_FILE, LINT_FILE)
        elements, rules = (self._files.toml(file) for file in files)
        return read_checklists(elements, rules, [str(self._files.place(file)) for file in files])

    def _default_texts(self, declaration: Declaration, language: Language) -> dict[str, str]:
        file = f"{declaration.name}/letter.toml"
        apart = declaration.english if language is Language.EN else {}
        return {
            field.name: clean_text(self._files.sentence(language, apart.get(field.name, field.default), file))
            for field in declaration.fields
        }

    def _placed(self, declaration: Declaration, values: Mapping[str, Any], language: Language) -> dict[str, Any]:
        other = next(candidate for candidate in Language if candidate is not language)
        own, others = self._defaults[declaration.name, language], self._defaults[declaration.name, other]
        return with_defaults(declaration, values, own, others)


def _languages(declaration: Declaration) -> tuple[Language, ...]:
    return (Language.SV,) if declaration.reader is Reader.STAFF else tuple(Language)


def _texts(rendered: Rendered) -> tuple[str, str]:
    """Return a letter as it is read in plain text and in HTML, each with its subject."""
    return f"{rendered.subject}\n{rendered.text}", f"{rendered.subject}\n{visible(rendered.html)}"


def _spoken(declaration: Declaration, language: Language) -> Language:
    """Return the language a letter is really written in: one to staff is Swedish whatever is asked for."""
    return language if language in _languages(declaration) else Language.SV


def _files(declaration: Declaration, language: Language) -> tuple[str, str, str]:
    folder = declaration.name if language is Language.SV else f"{declaration.name}/{language.value}"
    return f"{folder}/subject.txt", f"{folder}/body.txt", f"{folder}/body.html"


def _tidy(text: str) -> str:
    """Return the text without white space at line ends and with no more than one blank line in a row."""
    lines = "\n".join(line.rstrip() for line in text.split("\n"))
    return _MANY_BLANK_LINES.sub("\n\n", lines).strip() + "\n"
