"""The files letters are written in: found in their folders, read as Jinja or TOML, every error naming its file."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import jinja2
from jinja2 import meta
from markupsafe import Markup, escape

from inbox_bot.domain.letters import Language
from inbox_bot.errors import TemplateError
from inbox_bot.letters.cleaning import greeting_name
from inbox_bot.letters.controller import Controller
from inbox_bot.letters.wording import Wording, concern_marketing, wording

GLOBALS = frozenset({"company", "authority", "facts", "register", "systems", "language"})
WORDS_FILE = "_shared/words.toml"
Result = TypeVar("Result")

_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_HINT = "Mend or restore the file, then start again."


class TemplateFolders:
    """Folders of letters; a file in an earlier one stands in for the same file in a later one.

    Each template is read once and kept. Every method may raise TemplateError.
    """

    def __init__(self, folders: Sequence[Path], controller: Controller) -> None:
        self._folders = tuple(folders)
        for folder in folders:
            if not folder.is_dir():
                raise TemplateError(f"The templates folder {folder} does not exist.", hint="Check the setting.")
        words = self.toml(WORDS_FILE)
        place = str(self.place(WORDS_FILE))
        self.words: Mapping[Language, Wording] = {language: wording(words, language, place) for language in Language}
        self._environments = {
            language: self._environment(controller, language, said) for language, said in self.words.items()
        }

    def letter_names(self) -> tuple[str, ...]:
        """Return the folders that hold a ``letter.toml``, sorted."""
        files = {file for folder in self._folders for file in folder.glob("*/letter.toml")}
        return tuple(sorted({file.parent.name for file in files}))

    def place(self, file: str) -> Path:
        """Return where a file lies, or where it ought to lie if it is nowhere."""
        candidates = [folder / file for folder in self._folders]
        return next((candidate for candidate in candidates if candidate.is_file()), candidates[-1])

    def toml(self, file: str) -> dict[str, Any]:
        """Return a TOML file's content."""
        place = self.place(file)
        try:
            return tomllib.loads(place.read_text(encoding="utf-8"))
        except OSError as error:
            raise TemplateError(f"{place} cannot be read: {error.strerror}.", hint=_HINT) from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise TemplateError(f"{place} is not TOML in UTF-8: {error}.", hint=_HINT) from error

    def text(self, language: Language, file: str, values: Mapping[str, Any]) -> str:
        """Render a template file."""
        return self._guarded(file, lambda: self._environments[language].get_template(file).render(values))

    def sentence(self, language: Language, source: str, file: str) -> str:
        """Render a short template that stands inside ``file``."""
        return self._guarded(file, lambda: self._environments[language].from_string(source).render())

    def used(self, language: Language, file: str) -> frozenset[str]:
        """Return the values a template asks for, itself and through all it includes or extends."""
        names: set[str] = set()
        for part in self._with_parts(language, file, set()):
            names |= meta.find_undeclared_variables(part)
        return frozenset(names) - GLOBALS

    def _with_parts(self, language: Language, file: str, seen: set[str]) -> Iterator[jinja2.nodes.Template]:
        seen.add(file)
        environment = self._environments[language]
        assert environment.loader is not None
        loader = environment.loader
        tree = self._guarded(file, lambda: environment.parse(loader.get_source(environment, file)[0], filename=file))
        yield tree
        for part in meta.find_referenced_templates(tree):
            if part is not None and part not in seen:
                yield from self._with_parts(language, part, seen)

    def _guarded(self, file: str, act: Callable[[], Result]) -> Result:
        place = self.place(file)
        try:
            return act()
        except jinja2.TemplateSyntaxError as error:
            where = self.place(error.name) if error.name else place
            raise TemplateError(f"{where}, line {error.lineno}: {error.message}.", hint=_HINT) from error
        except jinja2.TemplateNotFound as error:
            raise TemplateError(f"{self.place(str(error.name or file))} is missing.", hint=_HINT) from error
        except UnicodeDecodeError as error:
            raise TemplateError(f"{place}, or a file it includes, is not UTF-8.", hint=_HINT) from error
        except OSError as error:
            raise TemplateError(f"{place} cannot be read: {error.strerror}.", hint=_HINT) from error
        except (jinja2.TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise TemplateError(f"{place} cannot be filled in: {error}.", hint=_HINT) from error

    def _environment(self, controller: Controller, language: Language, words: Wording) -> jinja2.Environment:
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader([str(folder) for folder in self._folders]),
            autoescape=jinja2.select_autoescape(enabled_extensions=("html",), default=False),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
        )
        environment.globals.update(
            company=controller.company,
            authority=controller.authority,
            facts=controller.facts[language],
            register=controller.register.said(language),
            systems=[controller.system_name(system.name, language) for system in controller.systems],
            language=language.value,
        )
        environment.filters.update(
            day=words.day,
            moment=words.moment,
            until=words.until,
            listed=words.listed,
            claim=words.claim,
            of_another=words.of_another,
            concern_marketing=concern_marketing,
            system=lambda name: controller.system_name(name, language),
            greeting_name=greeting_name,
            sentence=_sentence,
            paragraphs=_paragraphs,
            whole_dates=_whole_dates,
        )
        return environment


def _sentence(text: str) -> str:
    """Return the text with a full stop at its end, if it has no mark there."""
    return text if text.endswith((".", "!", "?", ":")) else f"{text}."


def _whole_dates(text: str) -> Markup:
    """Return text as HTML in which no date in figures is parted at the end of a line."""
    return Markup(_DATE.sub(r'<span style="white-space:nowrap">\g<0></span>', str(escape(text))))  # noqa: S704  # escaped


def _paragraphs(text: str) -> Markup:
    """Return plain text as HTML, escaped: blank lines part paragraphs, lines that all begin with "- " are a list."""
    blocks = [block.strip("\n").split("\n") for block in text.split("\n\n") if block.strip("\n")]
    return Markup("\n").join(
        _list(lines) if all(line.startswith("- ") for line in lines) else _prose(lines) for lines in blocks
    )


def _prose(lines: list[str]) -> Markup:
    return Markup("<p>{}</p>").format(Markup("<br>\n").join(escape(line) for line in lines))


def _list(lines: list[str]) -> Markup:
    items = Markup("\n").join(Markup("<li>{}</li>").format(line[2:]) for line in lines)
    return Markup('<ul style="padding-left:22px">\n{}\n</ul>').format(items)
