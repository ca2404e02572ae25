"""When two figures contradict each other, and how much that misleads."""

from fractions import Fraction
from itertools import product

from hold import growth
from norms import table_of
from printed import digit, slack
from periods import Period
from register import split

RATIOS = ("RATIO", "RATIO_POINTS")


def rounded(number):
    return round(Fraction(number), 12)


class Gap:
    """Two figures that do not agree, and how far printing explains it."""

    def __init__(self, stated, found, tolerance, start=None):
        self.stated, self.found = stated, found
        self.difference, self.tolerance = rounded(found - stated.value), rounded(tolerance)
        self.last_digit = self.tolerance + digit(stated)
        whole = Fraction(1) if stated.unit in RATIOS else max(abs(stated.value), abs(found))
        self.stake = whole if start is None else abs(start)

    def severity(self):
        size = abs(self.difference)
        if self.stated.value * self.found < 0:
            return "ERROR"
        if size <= self.last_digit:
            return "NOTICE"
        return "ERROR" if size > self.stake / 10 else "WARNING"


class Made:
    """A figure made of others by a rule: its value, and how far it may be off because these are printed rounded."""

    def __init__(self, rule, groups, unit, rows, start=None, unknown=0, whole=False, exact=(), blanks=False):
        self.rule, self.groups, self.exact, self.whole = rule, groups, exact, whole
        self.unit, self.start, self.unknown, self.blanks = unit, start, unknown, blanks
        figures = [figure for group in groups for figure in group] + list(exact)
        self.cells = frozenset(map(cell, figures)) if groups else frozenset((row, "") for row in rows)
        self.value = self.with_number()
        sums = [sum(figure.value for figure in group) for group in groups]
        slacks = [sum(slack(figure) for figure in group) for group in groups]
        sure = [figure.value for figure in exact]
        ends = [rule(*ends, *sure) for ends in product(*((it - by, it + by) for it, by in zip(sums, slacks)))]
        self.slack = Fraction(0) if None in ends else (max(ends) - min(ends)) / 2

    def with_number(self, at=None, number=None):
        """Its value, with that number in the place of a cell."""
        of = lambda figure: number if at and cell(figure) == at else figure.value
        value = self.rule(*(sum(map(of, group)) for group in self.groups), *map(of, self.exact))
        if value is not None and self.whole and self.unit in ("COUNT", "PERSONS"):
            value = Fraction(round(value))
        return None if value is None else rounded(value)


def alike(*figures):
    return len({figure.counts for figure in figures}) <= 1


def difference(to, of):
    return to - of


def relative(to, of):
    return growth(of, to)


def exact(stated, found, slack, start=None):
    """Where what rounds to the stated digits and what the rounding of the others leaves open have nothing in common."""
    gap = Gap(stated, found, digit(stated) / 2 + slack, start)
    size = abs(gap.difference)
    return gap if size > gap.tolerance or (size == gap.tolerance and slack) else None


def two_prints(stated, second):
    """The finer print must round to the coarser one."""
    if not alike(stated, second) or None in (stated.value, second.value):
        return None
    digits = digit(stated), digit(second)
    gap = Gap(stated, second.value, 0 if digits[0] == digits[1] else max(digits) / 2)
    return gap if abs(gap.difference) > gap.tolerance else None


def cut_off(stated, found, others):
    """Amounts are cut off as often as rounded."""
    gap = Gap(stated, found, digit(stated) + sum(map(digit, others)))
    return gap if abs(gap.difference) >= gap.tolerance else None


class Found:
    def __init__(self, rule, at, field, stated, gap=None, made=None, second=None, severity=None, number=None):
        self.rule, self.at, self.field, self.stated, self.gap, self.made, self.second = rule, at, field, stated, gap, made, second
        self.severity = severity or gap.severity()
        self.key = (rule, *at, field)
        # What is said of a phrase is said of its one figure.
        self.cell = (at, "figure" if at[0] in ("CLAIM", "STATEMENT") else field)
        self.number = gap.found if gap else number


# How a record is named, by what its key is made of.
PARTS = {
    "OBSERVATION": ("indicatorKey", "period", "state", "yearToDate", "categoryKeys"),
    "NORM_RESULT": ("normKey", "period", "sourceWord"),
    "INSPECTION": ("processKey", "year"),
    "BUDGET_AMOUNT": ("budgetLineKey", "year", "phase", "credit", "creditKind", "stage", "adjustment"),
    "CLAIM": ("key",),
    "STATEMENT": ("key",),
}


def named(kind, row):
    def of(name):
        if name == "sourceWord":
            return table_of(row)
        if name == "categoryKeys":
            return tuple(split(row[name]))
        if name == "period" and row[name]:
            return Period(row[name]).code
        return row[name] or ("FINAL" if name == "state" else "")

    return (kind, *(of(name) for name in PARTS[kind]))


KINDS = {
    "observations": "OBSERVATION", "norm-results": "NORM_RESULT", "inspections": "INSPECTION", "budget-amounts": "BUDGET_AMOUNT", "claims": "CLAIM",
    "statements": "STATEMENT", "norms": "NORM", "staff-figures": "STAFF_FIGURE", "staff-targets": "STAFF_TARGET",
}  # fmt: skip


def cell(figure):
    """Which figure of which record it is."""
    kind, row = KINDS[figure.row.file], figure.row
    at = named(kind, row) if kind in PARTS else (kind, row["key"] or id(row))
    return at, figure.name
