"""Stretches of time as plans print them: their days, their order, their one form, and the year in which they count."""

from datetime import date, timedelta
from functools import total_ordering


def last_of(year, month):
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def simple(code):
    """Kind, first and last day of a year, a school year, a quarter, a month or a day."""
    parts = code.split("-")
    year = int(parts[0])
    if len(parts) == 1:
        return "YEAR", date(year, 1, 1), date(year, 12, 31)
    if len(parts) == 3:
        day = date.fromisoformat(code)
        return "DAY", day, day
    if parts[1].startswith("Q"):
        end = 3 * int(parts[1][1:])
        return "QUARTER", date(year, end - 2, 1), last_of(year, end)
    if len(parts[1]) == 4:
        return "SCHOOL_YEAR", date(year, 9, 1), date(int(parts[1]), 8, 31)
    return "MONTH", date(year, int(parts[1]), 1), last_of(year, int(parts[1]))


def one_form(start, end):
    """The shortest form of the days from one to another."""
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    if start.day != 1 or end != last_of(end.year, end.month):
        return f"{start}/{end}"
    if months == 12 and start.month == 1:
        return str(start.year)
    if months == 3 and start.month % 3 == 1:
        return f"{start.year}-Q{start.month // 3 + 1}"
    if months == 1:
        return f"{start.year}-{start.month:02}"
    return f"{start.year}-{start.month:02}/{end.year}-{end.month:02}"


@total_ordering
class Period:
    """A stretch of time; it sorts by its first day, then the longer one first."""

    def __init__(self, code):
        first, _, last = code.partition("/")
        self.kind, self.start, self.end = simple(first)
        if last:
            self.end = simple(last)[2]
            code = one_form(self.start, self.end)
            self.kind = "RANGE" if "/" in code else simple(code)[0]
        self.code = code
        self.place = (self.start, -self.end.toordinal(), code)
        days = self.kind == "DAY"
        self.length = None if days else (self.end.year - self.start.year) * 12 + self.end.month - self.start.month + 1

    def year_before(self):
        """The first and last day of the same part of the year before."""
        ends_month = self.end == last_of(self.end.year, self.end.month)
        end = last_of(self.end.year - 1, self.end.month) if ends_month else self.end.replace(year=self.end.year - 1)
        starts_so = self.start == last_of(self.start.year, self.start.month)
        start = last_of(self.start.year - 1, self.start.month) if starts_so else self.start.replace(year=self.start.year - 1)
        return start, end

    def __eq__(self, other):
        return other is not None and self.code == other.code

    def __lt__(self, other):
        return self.place < other.place

    def __hash__(self):
        return hash(self.code)

    def year_counted(self, first_month):
        """The year of a body whose years begin in that month; a school year counts where it ends."""
        if first_month == 1 or self.kind == "SCHOOL_YEAR":
            return self.end.year
        return self.start.year - (self.start.month < first_month)
