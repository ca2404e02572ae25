"""One slip, one finding: which of the contradictions tell of one slip, of which the first is the slip and the others follow from it."""

from collections import defaultdict

from comparing import rounded
from wording import told_differently

SUMS = ("COUNT", "NORM_COUNT", "VALUE", "SUM")


def marks(it):
    """What two that tell of one slip have in common."""
    number = (it.stated.unit, it.stated.value) if it.stated.value is not None else None
    yield "stated", it.cell
    if it.second:
        if number:
            yield "printed", it.second, number
    elif it.made:
        if it.made.cells and number:
            yield "computed", it.made.cells, number
        if it.made.cells and it.made.blanks:
            yield "blanks", it.made.cells
    elif it.at[0] == "CLAIM" and it.stated.printed and it.stated.cited:
        yield "phrase", it.stated.row[f"{it.stated.name}.printed.section"], it.stated.printed


def slips(found, statements, right):
    """For each the place of the first that tells of the same slip. `right` are the sums that the text states rightly, by plan and cells."""
    first = list(range(len(found)))

    def of(at):
        while first[at] != at:
            at = first[at]
        return at

    def join(one, other):
        one, other = of(one), of(other)
        first[max(one, other)] = min(one, other)

    known, stating, numbers, alike, off = {}, defaultdict(list), defaultdict(list), defaultdict(list), defaultdict(list)
    for at, it in enumerate(found):
        for mark in marks(it):
            join(known.setdefault(mark, at), at)
        stating[it.cell].append(at)
        if it.second and it.stated.value is not None:
            numbers[it.second].append((at, it.stated.value))
        if it.number is not None:
            numbers[it.cell].append((at, it.number))
        if it.rule == "STATEMENT_TWICE":
            alike[it.second].append(at)
        row = it.stated.row
        if it.rule in ("CLAIM_COUNT", "CLAIM_TOTAL") and row["qualifier"] == "EXACT" and row["kind"] in SUMS:
            off[it.rule, row["planKey"], it.gap.difference].append(at)

    for group in alike.values():
        for one in group:
            for other in group:
                if told_differently(found[one].stated.row, found[other].stated.row) is None:
                    join(one, other)

    for at, it in enumerate(found):
        for other in stating[it.second] if it.second and it.rule != "TREND_BASE" else ():
            wrong = found[other]
            if wrong.rule == "STATEMENT_TWICE":
                is_one = told_differently(statements[wrong.second[0][1]], it.stated.row) is None
            elif wrong.number is not None:
                is_one = near(it, wrong.number, wrong)
            else:
                is_one = wrong.rule != "TREND_UNIT"
            if is_one:
                join(at, other)

    for at, it in enumerate(found):
        for cell in it.made.cells if it.made else ():
            for other, number in numbers[cell]:
                if other != at and near(it, it.made.with_number(cell, number), it):
                    join(at, other)

    for (_, plan, _), group in off.items():
        for whole in group:
            for part in group:
                of_whole, of_part = found[whole].made.cells, found[part].made.cells
                if of_part < of_whole and (plan, of_whole - of_part) in right:
                    join(whole, part)
    return [of(at) for at in range(len(found))]


def near(it, number, tolerated):
    """Whether a number is what one states, as near as another lets stand."""
    if number is None or it.stated.value is None:
        return False
    return abs(rounded(number - it.stated.value)) <= (tolerated.gap.tolerance if tolerated.gap else 0)
