"""What must hold of every run, worked out from the simulation's own record and the bytes that left, not from the program's books."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from inbox_bot.domain.case import CaseState, ClaimState
from tests.simulation.hands import Hands, label
from tests.simulation.outcomes import outcomes
from tests.simulation.post import Letter
from tests.simulation.reckoning import DAY, extended, fallback, forward, moment, strict
from tests.simulation.run import Alarm, Run, due_of
from tests.simulation.stillness import unproven, untold
from tests.simulation.truth import ACTS, Matter, marks

AT_ONCE = timedelta(minutes=15)
"""A marketing stop that takes longer than this from the first look at the mail has waited for something."""

PATIENCE = timedelta(hours=5)
"""How long after an outage a letter that could not leave in it may take: the longest pause between two tries, and a little."""


def violations(run: Run) -> list[str]:
    """Return what must not have happened, a sentence each; called while the program still stands."""
    found = [*_deadlines(run), *_alarms(run), *_exits(run), *_twice(run), *_halves(run), *_stops(run)]
    found += [*_frozen(run), *_clocks(run), *_silence(run), *_nothing_lost(run), *untold(run), *unproven(run)]
    found += [f"the program failed: {text}" for text in sorted(set(run.world.program.unwell))]
    return found + run.truth.wrong_doors


def _name(matter: Matter) -> str:
    return f"{matter.reference or 'no case'} {matter.right} (received {matter.at:%Y-%m-%d %H:%M} UTC)"


def _deadlines(run: Run) -> Iterator[str]:
    for outcome in outcomes(run):
        if outcome.how == "never":
            yield f"never answered: {_name(outcome.matter)}: {outcome.why}"


def _alarms(run: Run) -> Iterator[str]:
    lines = told_by(run)
    for alarm in run.alarms:
        for address in sorted(run.office.addresses):
            if alarm_sent_at(run, alarm, lines[address]) is None:
                yield f"no alarm at {alarm.left} working days for {_name(alarm.matter)}, date {alarm.due}, on {alarm.day}"
                break


def told_by(run: Run) -> dict[str, dict[str, list[tuple[datetime, str]]]]:
    """Return for each colleague what the letters said, line by line, by the case or mail it was about."""
    told: dict[str, dict[str, list[tuple[datetime, str]]]] = defaultdict(lambda: defaultdict(list))
    for letter in run.truth.staff_letters:
        for line in letter.text.splitlines():
            for word in line.replace(":", " ").replace(",", " ").split()[:4]:
                told[letter.to][word.strip("-*•")].append((letter.at, line))
    return told


def alarm_sent_at(run: Run, alarm: Alarm, lines: dict[str, list[tuple[datetime, str]]]) -> datetime | None:
    """Return when a colleague was told of a claim on the day, or after an outage as soon as could be; None for never."""
    seen = run.world.mailbox.seen.get(alarm.matter.mail)
    start, until = moment(alarm.day), moment(forward(alarm.day + DAY), 7)
    if seen is None or seen > moment(alarm.day, 7, 30):
        return seen or until  # Nobody can be told of what nobody could see.
    for outage in run.outages:
        if outage.start < until and outage.end > moment(alarm.day, 7, 30):
            until = max(until, outage.end + PATIENCE)
    names = [alarm.matter.reference] if alarm.matter.reference else []
    if alarm.matter.mail in run.truth.numbers:
        names.append(str(run.truth.numbers[alarm.matter.mail]))
    for name in names:
        for at, line in lines.get(name, ()):
            if start <= at < until and alarm.due.isoformat() in line:
                return at
    return None


def _exits(run: Run) -> Iterator[str]:
    """No letter with data or a decision goes to an address that was not proven, or to anyone but who asked."""
    for letter in _decisions(run):
        for reference, right in marks(letter.text):
            if run.truth.owners.get(reference) != letter.to:
                yield f"a letter about {reference} {right} left for another address"
            proven = run.truth.proven.get(reference)
            if letter.name not in {"cannot_identify", "extension"} and right != "marketing" and (
                proven is None or proven > letter.at
            ):  # fmt: skip
                yield f"the decision on {reference} {right} left unproven ({letter.name})"
        if not marks(letter.text):
            yield f"a letter {letter.name} that a person approved bears no decision of theirs"


def _decisions(run: Run) -> list[Letter]:
    """Return every letter a person approved that may have left, whatever became of it."""
    return [
        letter for letter in run.truth.letters if not letter.automatic and letter.fate.value in {"accepted", "unknown"}
    ]


def _twice(run: Run) -> Iterator[str]:
    for (reference, right), letters in run.truth.answers.items():
        reached = [letter for letter in letters if run.truth.reached(letter)]
        final = [letter for letter in reached if letter.name != "cannot_identify"]
        if len(final) > 1:
            yield f"answered twice: {reference} {right}"
        if len(reached) - len(final) > 1:
            yield f"told twice that we cannot identify: {reference} {right}"
    for mail, receipts in run.truth.receipts.items():
        by_hand = sum(found == mail for found, _ in run.truth.added_by_hand)
        if len(receipts) > 1 + by_hand:
            yield f"two receipts for one mail of {[matter.reference for matter in run.truth.by_mail[mail]]}"


def _frozen(run: Run) -> Iterator[str]:
    """A letter that is tried again is the same letter, byte for byte."""
    bytes_of: dict[str, bytes] = {}
    for letter in run.way_out.tries:
        if bytes_of.setdefault(letter.message_id, letter.content) != letter.content:
            yield f"the letter {letter.name} of {letter.reference} changed between two tries"


def _halves(run: Run) -> Iterator[str]:
    """No case closes on an answer without the action it claims, or on an action without an answer."""
    for (reference, right), letters in run.truth.answers.items():
        acted = [done.acted_at for done in run.truth.decisions[reference, right] if done.acted_at is not None]
        for letter in letters:
            claims = right in ACTS and letter.name.startswith(("granted", "marketing"))
            if claims and not any(at <= letter.at for at in acted):
                yield f"{reference} {right}: the letter says it is done, and nobody had done it"
    closed = {
        view.record.reference: view.record
        for view in run.world.program.flow.archive.cases()
        if view.record.state is CaseState.CLOSED
    }
    for matter in run.truth.matters:
        case = closed.get(matter.reference)
        asked = [] if case is None else [one for one in case.claims if label(one.claim) == matter.right]
        if matter.merged or not asked or asked[-1].state is not ClaimState.ANSWERED:
            continue
        letters = run.truth.answers[matter.reference, matter.right]
        if matter.delivered_by_hand_at is None and not any(run.truth.reached(letter) for letter in letters):
            yield f"closed as answered, and no answer arrived: {_name(matter)}"


def _stops(run: Run) -> Iterator[str]:
    """A marketing stop waits for no proof, no approval and no form."""
    for matter in run.truth.matters:
        if matter.right != "marketing" or matter.merged:
            continue
        seen = run.world.mailbox.seen.get(matter.mail)
        by_hand = (run.truth.sorted_by_hand.get(matter.mail), run.truth.added_by_hand.get((matter.mail, matter.right)))
        known = max((at for at in (seen, *by_hand) if at is not None), default=None)
        if matter.suppressed_at is None or known is None:
            yield f"marketing was never stopped: {_name(matter)}"
        elif up_time(run, known, matter.suppressed_at) > AT_ONCE:
            yield f"the marketing stop waited {matter.suppressed_at - known}: {_name(matter)}"


def up_time(run: Run, start: datetime, end: datetime) -> timedelta:
    """Return how long the program was at work between two moments."""
    away = timedelta()
    for was, until in run.world.program.away:
        away += max(timedelta(), min(end, until) - max(start, was))
    return end - start - away


def _clocks(run: Run) -> Iterator[str]:
    """The program's dates are those of the law, and an outage moves none of them."""
    by_reference: dict[str, list[Matter]] = defaultdict(list)
    for matter in run.truth.matters:
        if not matter.merged:
            by_reference[matter.reference].append(matter)
    for view in run.world.program.flow.archive.cases():
        for claim in view.claims:
            wanted = [one for one in by_reference[view.record.reference] if one.right == label(claim.record.claim)]
            if not wanted:
                run.misread.add(f"{view.record.reference} {label(claim.record.claim)}")
                continue
            at = claim.record.clock.received_at
            same = [one for one in wanted if one.at == at]
            if not same and at < wanted[0].at and any(one.at == at for one in by_reference[view.record.reference]):
                # It was heard before it was asked for, in a mail of the same case: its date only comes sooner.
                run.misread.add(f"{view.record.reference} {label(claim.record.claim)}")
                continue
            if not same:
                yield f"the clock of {_name(wanted[0])} starts at {at}"
                continue
            matter = same[0]
            if claim.dates.strict_deadline != strict(at):
                yield f"the date of {_name(matter)} is {claim.dates.strict_deadline}, not {strict(at)}"
            if claim.dates.due != due_of(run, matter):
                yield f"{_name(matter)} is due {claim.dates.due}, not {due_of(run, matter)}"
            if claim.dates.extended_deadline not in {None, extended(at)}:
                yield f"{_name(matter)} is extended to {claim.dates.extended_deadline}, not {extended(at)}"
            pauses = claim.record.clock.pauses
            if len(pauses) == 1 and pauses[0].confirmed_at is not None and claim.record.clock.pausable:
                mine = fallback(at, pauses[0].asked_at, pauses[0].confirmed_at)
                if claim.dates.paused_safe != mine:
                    yield f"the fallback date of {_name(matter)} is {claim.dates.paused_safe}, not {mine}"


def _silence(run: Run) -> Iterator[str]:
    """Nothing automatic, ordinary or historic is written to, and no marketing stop is asked who it is."""
    truth = run.truth
    for letter in truth.letters:
        if truth.kinds.get(letter.answers) in {"automatic", "ordinary", "broken"}:
            yield f"a letter {letter.name} answers a mail that is {truth.kinds[letter.answers]}"
        if letter.to not in run.people:
            yield f"a letter {letter.name} left for an address that asked for nothing"
        matters = truth.by_mail.get(letter.answers, [])
        if matters and matters[0].historic and letter.at < truth.sorted_by_hand.get(letter.answers, letter.at + DAY):
            yield f"a letter {letter.name} answers a mail that was there before the program, and nobody had sorted it"
        if (
            letter.code
            and matters
            and all(matter.right == "marketing" for matter in matters)
            # Where the stop held at once, the question is about something else that was heard in the mail.
            and any(matter.suppressed_at is None or matter.suppressed_at > letter.at + AT_ONCE for matter in matters)
        ):
            yield f"a marketing stop was asked who it is: {letter.reference}"


def _nothing_lost(run: Run) -> Iterator[str]:
    """Every mail that asks for something ends in a case or before a person, and nothing lies about at the end."""
    truth = run.truth
    for matter in truth.matters:
        if matter.mail not in run.world.mailbox.seen:
            yield f"never seen: {_name(matter)}"
        elif not matter.reference and matter.mail not in truth.sorted_by_hand:
            yield f"a request was taken for none: {_name(matter)}"
    view = Hands(run.world.program.flow, "").overview()
    if view.stuck:
        yield f"{view.stuck} mails are stuck between two rooms"
    if len(view.quarantined) != len(run.broken):
        yield f"{len(view.quarantined)} mails in quarantine, and {len(run.broken)} are broken"
    states = Counter(claim.record.state.value for case in view.cases for claim in case.claims)
    open_states = {name: count for name, count in states.items() if not ClaimState(name).is_final}
    if open_states:
        yield f"still open when all was over: {open_states}"
