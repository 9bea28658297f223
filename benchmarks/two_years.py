"""Two years of an installation in half an hour: is every request answered in time, and does nothing happen that must not?

    .venv/bin/python benchmarks/two_years.py [--requesters 2000] [--years 2] [--seed 1] [--staff 3] [--folder DIR]

Run from the checkout. The real flow, worker, classifier (the trained model), letters and SQLite store on a clock that jumps;
people who write, staff who decide, and outages are simulated (tests/simulation). Prints per right how each date was met, the alarms,
what outages did, and every violation, worked out from what the people truly did and from the bytes that left, not from the program's
books. Ends with 1 if there is any. ``--folder``: where the database lies for the while, best in memory (/dev/shm).
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.simulation.checks import violations
from tests.simulation.play import play
from tests.simulation.report import report
from tests.simulation.run import Plan, Run


def main() -> int:
    options = _options()
    wrong: list[str] = []

    def look(run: Run) -> None:
        wrong.extend(violations(run))

    plan = Plan(requesters=options.requesters, years=options.years, seed=options.seed, staff=options.staff)
    run = play(plan, folder=options.folder, look=look)
    print(report(run, wrong))
    return 1 if wrong else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Simulate years of requests and check what must hold of them.")
    parser.add_argument("--requesters", type=int, default=2000)
    parser.add_argument("--years", type=float, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--staff", type=int, default=3)
    memory = Path("/dev/shm")  # only where the database lies while it lasts
    parser.add_argument("--folder", type=Path, default=memory if memory.is_dir() else None)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
