"""The rules alone, and rules and model together, once for all tests, and the sentences they are held to."""

import json
from pathlib import Path

import pytest

from inbox_bot.classification.spacy_model import SpacyClassifier, load, load_trained
from inbox_bot.settings import FileSettings, rules_folders

HERE = Path(__file__).parent
RULES = rules_folders(FileSettings())[0]


@pytest.fixture(scope="session")
def rules_dir() -> Path:
    return RULES


@pytest.fixture(scope="session")
def classifier() -> SpacyClassifier:
    return load(RULES)


@pytest.fixture(scope="session")
def trained() -> SpacyClassifier:
    """Rules and model together, as the program reads mail."""
    return load_trained(RULES, RULES, RULES / "model")


@pytest.fixture(scope="session")
def sentences() -> list[dict]:
    lines = (HERE / "sentences.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]
