"""Where the phrase rules are, and the classifier they make: for assembly, and for the process that reads."""

from pathlib import Path

from inbox_bot.domain.verdict import Classifier
from inbox_bot.settings import FileSettings, find_file, rules_folders


def phrase_folder(files: FileSettings) -> Path:
    """Return the rules folder whose ``phrases`` count: the company's own if it has any, else the shipped one."""
    return find_file(rules_folders(files), "phrases").parent


def load_rules(files: FileSettings) -> Classifier:
    """Build the classifier. Raises RulesError naming file and rule for one that cannot be used."""
    # Importing spaCy takes half a second; the commands that classify nothing do without it.
    from inbox_bot.classification.spacy_model import load_trained  # noqa: PLC0415

    folders = rules_folders(files)
    return load_trained(phrase_folder(files), find_file(folders, "meanings.toml").parent, find_file(folders, "model"))
