"""The figure of a year: what its parts come to, where an indicator says how its values come together."""

from datetime import date
from fractions import Fraction
from math import gcd

import printed
from hold import divide, growth, widest
from periods import Period, last_of, one_form
from trends import Trend, trend_to


def months_from(first, count):
    """First and last day of so many months from one on, counted from the year 0."""
    last = first + count - 1
    return date(first // 12, first % 12 + 1, 1), last_of(last // 12, last % 12 + 1)


def at(points, days):
    """The point of these days, which are no day and no school year."""
    found = [it for it in points if it.period.kind not in ("DAY", "SCHOOL_YEAR") and (it.period.start, it.period.end) == days]
    return found[0] if found else None


def settled(point):
    return point is not None and (point.figure.value is not None or not point.figure.applies)


def parts_of(points, first):
    """The days of each part of the year that begins in that month, with its point: the fewest that are all known, else those of one length."""
    slot = lambda month, count: (months_from(first + month, count), at(points, months_from(first + month, count)))
    whole = {0: []}
    for end in range(1, 13):
        ways = [whole[start] + [slot(start, end - start)] for start in whole if end - start < 12 and settled(slot(start, end - start)[1])]
        if ways:
            whole[end] = min(ways, key=len)
    if 12 in whole:
        return whole[12]
    alike = [[slot(start, count) for start in range(0, 12, count)] for count in (6, 4, 3, 2, 1)]
    best = max(alike, key=lambda parts: tuple(sum(map(test, parts)) * 12 // len(parts) for test in (lambda it: settled(it[1]), lambda it: it[1] is not None)) if any(it[1] for it in parts) else (0, 0))
    return best if any(point for _, point in best) else None


class Year:
    """What the parts of a year come to; `all` is None while one is unknown."""

    def __init__(self, row, points, parts):
        self.row, self.points, self.parts = row, points, parts
        self.mean = row["aggregation"] == "AVERAGE"
        if self.mean:
            # A half-year counts as its two quarters.
            long = [(end.year - start.year) * 12 + end.month - start.month + 1 for (start, end), _ in parts]
            parts = [part for months, part in zip(long, parts) for _ in range(months // gcd(*long))]
            self.parts = parts
        self.period = Period(one_form(parts[0][0][0], parts[-1][0][1]))
        told = [point for _, point in parts if point]
        self.unit = told[0].figure.unit
        self.figures = [point.figure if point else None for _, point in parts if not (point and not point.figure.applies)]
        self.known = [it for it in self.figures if it and it.value is not None]
        self.cover = len(self.known), len(self.figures) - len(self.known)
        self.all = self.fold(self.figures) if not self.cover[1] else None
        codes = [it.code for it in self.figures if it and it.code]
        self.counts = self.unit, codes[0] if codes and self.unit == "OTHER" else ""

    @classmethod
    def of(cls, row, points, year, month):
        parts = parts_of(points, year * 12 + month - 1) if row["aggregation"] in ("SUM", "AVERAGE") else None
        return cls(row, points, parts) if parts else None

    def fold(self, figures):
        """Sum or mean, of what counts one thing."""
        if not figures or any(it.counts != (self.unit, figures[0].code) for it in figures):
            return None
        # A mean is told, and counted on with, in twelve decimals.
        return round(Fraction(self.come_to(*(it.value for it in figures))), 12)

    def come_to(self, *values):
        return divide(sum(values), len(values)) if self.mean else sum(values)

    def agrees(self, figure):
        """Whether a printed figure can be what all parts come to."""
        if self.all is None or figure.value is None:
            return None
        return printed.agrees(self.come_to, tuple(self.figures), self.unit, figure)


class Computed:
    """A trend of which a side is no record, with what its change covers."""

    def __init__(self, since, to, comparable, before=None, after=None, cover=None):
        self.since, self.to, self.comparable, self.cover = since, to, comparable, cover
        self.absolute = None if before is None or after is None else after - before
        self.relative = growth(before, after)
        self.printed = self.agrees = None
        self.code = ""


def trend_of(year, number, month):
    """Of a year since the one before: as a whole where both are known, else like for like."""
    before = year.period.year_before()
    told, earlier = at(year.points, before), Year.of(year.row, year.points, number - 1, month)
    since = Period(one_form(*before))
    if not told and not earlier:
        return Computed(None, year.period, False)
    value, counts, cover = (told.figure.value, told.figure.counts, (1, 0)) if told else (earlier.all, earlier.counts, earlier.cover)
    if year.all is not None and value is not None:
        alike = counts == year.counts
        return Computed(since, year.period, True, value if alike else None, year.all, widest(year.cover, cover))
    if not earlier:
        return Computed(since, year.period, True)
    rows = [(at(year.points, Period(one_form(*days)).year_before()), point) for days, point in year.parts]
    rows = [row for row in rows if not all(it and not it.figure.applies for it in row)]
    both = [tuple(it.figure for it in row) for row in rows if all(it and it.figure.value is not None for it in row)]
    sides = [year.fold(side) for side in zip(*both)] if both else [None, None]
    if both and both[0][0].counts != both[0][1].counts:
        sides = [None, None]
    return Computed(since, year.period, True, *sides, (len(both), len(rows) - len(both)))


def tells_stock(period):
    """A part of a year, or a day."""
    return (period.length or 1) < 12


def of_stock(points, year):
    """A stock from the end of one year to the end of the next, told alike at both ends where it can be."""
    before = Period(one_form(*year.year_before()))
    shape = lambda it: (it.period.kind, it.period.length)
    ends = lambda of: [it for it in points if it.period.end == of.end and it.figure.value is not None and (tells_stock(it.period) or it.period == of)]
    then, now = ends(before), [it for it in ends(year) if not it.earlier]
    if not then or not now:
        return None
    place = lambda it: (it.period.length or 0, it.period)
    now = max(now, key=lambda it: (shape(it) in map(shape, then), place(it)))
    then = max(then, key=lambda it: (shape(it) == shape(now), place(it)))
    found = Trend(then, now)
    found.since, found.to, found.comparable, found.printed, found.agrees = before, year, True, None, None
    found.code = now.figure.code
    if now.period == year and now.change and now.change_from == before:
        found.printed = now.change
        found.tell_agreement()
    return found


def standing(register, points, key, year):
    """The value of an indicator of a year: basis, period, value, what its parts come to, its trend, and whether the parts agree."""
    row, month = register.by_key["INDICATOR"][key], register.first_month("INDICATOR", key)
    points = [point for point in points if point.period.year_counted(month) <= year]
    own = [point for point in points if not point.earlier]
    if not own:
        return None, None, None, None, Trend(None, None), None
    year = max(point.period.year_counted(month) for point in own)
    own = [point for point in own if point.period.year_counted(month) == year]
    months = lambda it: min(it.period.length or 1, 12)
    order = (lambda it: (it.period.end, months(it), it.period)) if row["aggregation"] == "LAST" else (lambda it: (months(it), it.period.end, it.period))
    last, parts = max(own, key=order), Year.of(row, points, year, month)
    if months(last) < 12:
        if parts:
            return "AGGREGATED", parts.period, parts.all, parts, trend_of(parts, year, month), None
        return "LAST" if row["aggregation"] == "LAST" else "PERIOD", last.period, last.figure.value, None, trend_to(last, points), None
    same = parts and parts.period == last.period
    return "YEAR", last.period, last.figure.value, parts, since(last, points, row, month), parts.agrees(last.figure) if same else None


def since(last, points, row, month):
    """Of a recorded year since the one before, of which the parts alone may be known."""
    days = last.period.year_before()
    if not at(points, days) and last.period.kind not in ("SCHOOL_YEAR", "DAY"):
        if row["aggregation"] == "LAST":
            return of_stock(points, last.period) or trend_to(last, points)
        before = Period(one_form(*days))
        earlier = Year.of(row, points, before.year_counted(month), month)
        if earlier and earlier.period == before:
            alike = earlier.counts == (last.figure.unit, last.figure.code if last.figure.unit == "OTHER" else "")
            found = Computed(before, last.period, True, earlier.all if alike else None, last.figure.value)
            found.code = last.figure.code
            if last.change and last.change_from and last.change_from == before:
                share = last.change.unit == "RATIO"
                found.printed = last.change
                rule = (lambda to, *of: divide(to - earlier.come_to(*of), earlier.come_to(*of))) if share else (lambda to, *of: to - earlier.come_to(*of))
                if (found.relative if share else found.absolute) is not None:
                    counted = "RATIO" if share else "RATIO_POINTS" if last.figure.unit == "RATIO" else last.figure.unit
                    found.agrees = printed.agrees(rule, (last.figure, *earlier.figures), counted, last.change)
            return found
    return trend_to(last, points)
