"""Trends of indicators, and series of everything along its line through the plans."""

from collections import defaultdict

import hold
import printed
from hold import divide, entries, growth, same, told
from periods import Period
from register import FILES, Figure

SERIES = {"INDICATOR": "indicators", "NORM": "norms", "BUDGET_LINE": "budgetLines", "INSPECTED_PROCESS": "inspectedProcesses"}
TREND = "from { code } to { code } comparable absolute { ...F } relative { ...F } printed { value } agrees"


class Point:
    def __init__(self, period, row, earlier=False):
        self.period, self.row, self.earlier = period, row, earlier
        self.figure, self.change = Figure(row, "figure"), Figure.of(row, "change")
        self.change_from = Period(row["changeFrom"]) if row["changeFrom"] else None


class Trend:
    """How a figure changed from one point to another; either may not be there."""

    def __init__(self, first, last):
        self.first, self.last = first, last
        self.since = first.period if first else last.change_from if last else None
        self.to = last.period if last else None
        self.absolute = self.relative = self.agrees = None
        self.comparable = bool(first and last and comparable(first, last))
        change = last.change if last else None
        self.printed = change if change and last.change_from == self.since else None
        if not (first and last) or first.figure.counts != last.figure.counts:
            return
        before, after = first.figure.value, last.figure.value
        self.absolute = None if before is None or after is None else after - before
        self.relative = growth(before, after)
        if self.printed:
            self.tell_agreement()

    def tell_agreement(self):
        """Whether the printed change can be the computed one."""
        first, last = self.first, self.last
        unit, share = last.figure.unit, self.printed.unit == "RATIO"
        if (self.relative if share else self.absolute) is not None:
            rule = (lambda to, of: divide(to - of, of)) if share else (lambda to, of: to - of)
            counted = "RATIO" if share else "RATIO_POINTS" if unit == "RATIO" else unit
            self.agrees = printed.agrees(rule, (last.figure, first.figure), counted, self.printed)


def comparable(one, other):
    return (one.figure.unit == "RATIO" and other.figure.unit == "RATIO") or one.period.length == other.period.length


def is_plain(row):
    """Whether it is the final value of the whole in the period alone: no part, no forecast, nothing since the beginning of the year."""
    return not row["categoryKeys"] and row["yearToDate"] != "true" and row["state"] in ("", "FINAL")


def on_line(register, kind, key, of):
    """The points of a record, and those of what it continues at periods of which nothing nearer has one."""
    found, until = {}, max((period for period, _ in of(key)), default=None)
    for at in [key] + register.earlier(kind, key):
        for period, row in of(at):
            known, new = found.get(period), Point(period, row, at != key)
            # A blank before the last own one says nothing where an earlier plan prints a value.
            if known is None or until and period < until and known.figure.status == "NOT_REPORTED" and new.figure.value is not None:
                found[period] = new
    return sorted(found.values(), key=lambda point: point.period)


def values(register, key):
    plain = lambda at: [(period, row) for period, row in register.periods("observations", "indicatorKey")[at] if is_plain(row)]
    return on_line(register, "INDICATOR", key, plain)


def last_trend(points):
    """To the last own point."""
    return trend_to(last([point for point in points if not point.earlier]), points)


def last(points):
    """What ends last; of several that end together the year rather than its last part, and no longer stretch; a blank only where nothing else
    ends then."""
    months = lambda it: 0 if it.length is None else it.length if it.length <= 12 else -it.length
    return max(points, key=lambda point: (point.period.end, point.figure.status != "NOT_REPORTED" or point.figure.value is not None, months(point.period), point.period), default=None)


def trend_to(last, points):
    """From the same part of the year before; of a part of a year from no other, else from the last point before it that is comparable, or else
    from the last."""
    form = lambda it: it.kind if it.kind in ("DAY", "SCHOOL_YEAR") else ""
    same = [it for it in points if last and form(it.period) == form(last.period) and (it.period.start, it.period.end) == last.period.year_before()]
    if same or last and last.period.length is not None and last.period.length < 12:
        return Trend(same[0] if same else None, last)
    before = [point for point in points if last and point.period < last.period]
    alike = [point for point in before if comparable(point, last)]
    return Trend((alike or before or [None])[-1], last)


def code(found):
    return found and found["code"]


def hold_trend(what, found, trend):
    told(f"{what} from", code(found["from"]), trend.since and trend.since.code)
    told(f"{what} to", code(found["to"]), trend.to and trend.to.code)
    told(f"{what} comparable", found["comparable"], trend.comparable)
    told(f"{what} printed", found["printed"] and found["printed"]["value"], trend.printed and trend.printed.value)
    told(f"{what} agrees", found["agrees"], trend.agrees)
    cover = getattr(trend, "cover", None)
    same(f"{what} absolute", found["absolute"], trend.absolute, cover)
    same(f"{what} relative", found["relative"], trend.relative, cover)


def trends(register):
    for node in entries("indicators", f"key trend {{ {TREND} }}"):
        hold_trend(f"trend of {node['key']}", node["trend"], last_trend(values(register, node["key"])))


# ---------------------------------------------------------------------------------------------------------------- series


def told_of(register, kind, key):
    """What hangs on one record of a line: period, which of several figures of it, and the figure."""
    if kind == "INDICATOR":
        rows = register.periods("observations", "indicatorKey")[key]
        return [(period, None, Figure(row, "figure")) for period, row in rows if is_plain(row)]
    if kind == "NORM":
        found = {}
        order = lambda it: (["OVERVIEW", "FACT_TABLE"].index(it) if it in ("OVERVIEW", "FACT_TABLE") else 2, it)
        rows = register.periods("norm-results", "normKey")[key]
        for period, row in sorted(rows, key=lambda it: order(it[1]["source"] or it[1]["sourceWord"])):
            found.setdefault(period, (period, None, Figure(row, "figure")))
        return list(found.values())
    if kind == "BUDGET_LINE":
        words = lambda row: f"{row['stage'] or row['phase']} {row['creditKind'] or row['credit']}" + (f" {row['adjustment']}" if row["adjustment"] else "")
        return [(Period(row["year"]), words(row), Figure(row, "figure")) for row in register.grouped("budget-amounts", "budgetLineKey")[key]]
    rows = register.grouped("inspections", "processKey")[key]
    return [(Period(row["year"]), name, Figure(row, name)) for row in rows for name in ("controls", "sanctions", "proposedRecovery")]


def prints_of(register, kind, key):
    """All prints of each figure on the line of a record, the earliest first, each with the plan that has it."""
    found = defaultdict(list)
    for at in register.line(kind, key):
        plan = register.plan_of(kind, at)
        for period, what, figure in told_of(register, kind, at):
            found[period, what].append((plan, figure))
    return found


def hold_series(register, what, found, kind, key, first=False):
    line = register.line(kind, key)
    told(f"{what} records", [record["key"] for record in found["records"]], line)
    turns = sorted((turn["relation"], turn["from"]["key"], turn["to"]["key"]) for turn in found["turns"])
    told(f"{what} turns", turns, register.turns(kind, key))
    prints = prints_of(register, kind, key)
    points = {(Period(point["period"]), point["what"]): point for point in found["points"]}
    told(f"{what} points", sorted(map(str_of, points)), sorted(map(str_of, prints)))
    told(f"{what} in order", [it[0] for it in points], sorted(it[0] for it in points))
    restated = 0
    for at, point in points.items():
        if at not in prints:
            continue  # told above
        of = prints[at]
        says = [it for it in of if it[1].status != "NOT_REPORTED"] or of
        chosen, known = says[0 if first else -1], [it for it in of if it[1].value is not None]
        where, (plan, figure) = f"{what} {str_of(at)}", chosen
        again = any(printed.differ(one[1], next_[1]) for one, next_ in zip(known, known[1:]))
        restated += again
        told(f"{where} value", point["figure"]["value"], figure.value)
        told(f"{where} plan", point["plan"] and point["plan"]["key"], plan)
        told(f"{where} restated", point["restated"], again)
        years = {at[0].start.year, at[0].end.year}
        told(f"{where} year", point["year"], years.pop() if len(years) == 1 else None)
        others = [it for it in of if it is not chosen]
        told(f"{where} others", len(point["others"]), len(others))
        for other, (_, wanted) in zip(point["others"], others):
            told(f"{where} other", other["figure"]["value"], wanted.value)
            told(f"{where} differs", other["differs"], printed.differ(figure, wanted))
    told(f"{what} restated", found["restated"], restated)


def str_of(at):
    return f"{at[0].code} {at[1]}"


def shown(first=False):
    key = " ".join(f"... on {it} {{ key }}" for it in ("Indicator", "Norm", "BudgetLine", "InspectedProcess"))
    others = "others { figure { value } differs }"
    point = f"period what year figure {{ value }} restated plan {{ key }} {others}"
    return f"{{ of {{ {key} }} records {{ {key} }} restated turns {{ relation from {{ {key} }} to {{ {key} }} }} points {{ {point} }} }}"


def series(register):
    for kind, name in SERIES.items():
        for first in (False, True):
            argument = "(vintage: FIRST)" if first else ""
            for node in entries(name, f"key series{argument} {shown()}", size=50):
                hold_series(register, f"series {argument} of {node['key']}", node["series"], kind, node["key"], first)
    # Below measures and goals: one for each line, by its last record.
    files = {kind: FILES[kind] for kind in SERIES}
    for name, kind in (("measures", "MEASURE"), ("operationalGoals", "OPERATIONAL_GOAL"), ("strategicGoals", "STRATEGIC_GOAL")):
        for node in entries(name, f"key series {shown()}", size=10):
            wanted = set()
            for at in register.line(kind, node["key"]):
                measures = register.measures(kind, at)
                for of, file in files.items():
                    column = "measureKeys" if of in ("BUDGET_LINE", "INSPECTED_PROCESS") else "measureKey"
                    wanted |= {(of, register.line(of, row["key"])[-1]) for key in measures for row in register.grouped(file, column)[key]}
                    own = [row for row in register.rows(file) if (row["subjectKind"], row["subjectKey"]) == (kind, at)]
                    wanted |= {(of, register.line(of, row["key"])[-1]) for row in own}
                if kind != "MEASURE":
                    lines = [row for goal in register.goals(kind, at) for row in register.grouped("budget-lines", "operationalGoalKey")[goal]]
                    wanted |= {("BUDGET_LINE", register.line("BUDGET_LINE", row["key"])[-1]) for row in lines}
            what = f"series of {kind} {node['key']}"
            told(what, sorted(it["of"]["key"] for it in node["series"]), sorted(key for _, key in wanted))
            for it in node["series"]:
                of = next((of for of, key in wanted if key == it["of"]["key"]), None)
                if of and not hold.FEW:
                    hold_series(register, f"{what}, {it['of']['key']}", it, of, it["of"]["key"])
