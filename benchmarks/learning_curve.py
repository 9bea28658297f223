"""What more labelled mail would bring: our two stages with 1/8, 1/4, 1/2 and all of the writers to learn from.

    .venv/bin/python benchmarks/learning_curve.py [--markdown]

The split and the figures are those of benchmarks/classifiers.py; each share of the writers holds the one before. Needs
scikit-learn. Takes about seven minutes.
"""

import argparse
import random
from dataclasses import replace

from classifiers import COLUMNS, SEED, describe, figures, load_split, own_all, print_table
from threadpoolctl import threadpool_limits

SHARES = (8, 4, 2, 1)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--markdown", action="store_true", help="print a Markdown table")
    options.add_argument("--mails", type=int, help="only so many mails, to try it out")
    given = options.parse_args()
    threadpool_limits(1)
    parts = load_split(given.mails)
    print(describe(parts))
    writers = sorted({mail.example.writer for mail in parts.learnt})
    random.Random(SEED).shuffle(writers)
    lines = []
    for share in SHARES:
        some = set(writers[: len(writers) // share])
        fewer = replace(
            parts,
            learnt=[mail for mail in parts.learnt if mail.example.writer in some],
            copies=[mail for mail in parts.copies if mail.example.writer in some],
        )
        classify, _ = own_all(fewer)
        said = [classify(mail) for mail in parts.test]
        name = "all" if share == 1 else f"1/{share}"
        lines.append([name, str(len(some)), str(len(fewer.learnt)), *figures(parts.test, said)])
    print_table(["share", "writers", "mails", *COLUMNS], lines, markdown=given.markdown)


if __name__ == "__main__":
    main()
