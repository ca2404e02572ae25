"""Lists of computed figures, and groups: of these lists, and of records with what their numbers come to."""

import json
from collections import defaultdict
from fractions import Fraction

import budgets
import counts
import norms
import trees
import years
from hold import TWELVE, ask, entries, told
from led import LED, SHOWN, led
from periods import Period, one_form
from register import Figure
from trends import TREND, Trend, hold_trend, last, trend_to, values


def shape(period):
    return period.kind, period.length


def trends_of(register, row):
    """To the last own point; and of each other kind and length of period to the last one, where that can be compared; by the entries' keys."""
    key, points, month = row["key"], values(register, row["key"]), register.first_month("INDICATOR", row["key"])
    # A printed year may be compared with what the parts of the year before come to.
    to = lambda point: years.since(point, points, row, month) if point and point.period.length == 12 and point.figure.value is not None else trend_to(point, points)
    own = [point for point in points if not point.earlier]
    first, found = to(last(own)), {}
    for point in own:
        if shape(point.period) != (first.to and shape(first.to)):
            found[shape(point.period)] = to(point)
    found = {at: trend for at, trend in found.items() if trend.comparable}
    whole = whole_year(register, row, points)
    if whole and shape(whole.to) != shape(first.to):
        known = found.get(shape(whole.to))
        found[shape(whole.to)] = known if known and (left_out(whole) or whole.to <= known.to) else whole
    behind = lambda kind, months: f"{kind}-{months}" if kind == "RANGE" else kind
    return {key: first} | {f"{key}/{behind(*at)}": trend for at, trend in found.items()}


def whole_year(register, row, points):
    """The trend of the last year of which all parts are known, where all are of the year before."""
    month = register.first_month("INDICATOR", row["key"])
    own = [point.period for point in points if not point.earlier and (point.period.length or 1) <= 12]
    if row["aggregation"] == "LAST":
        numbers = sorted({period.year_counted(month) for period in own}, reverse=True)
        found = (years.of_stock(points, Period(one_form(*years.months_from(number * 12 + month - 1, 12)))) for number in numbers)
        return next((it for it in found if it), None)
    own = [period for period in own if period.length and period.length < 12]
    for number in sorted({period.year_counted(month) for period in own}, reverse=True):
        year = years.Year.of(row, points, number, month)
        if year and year.all is not None:
            trend = years.trend_of(year, number, month)
            trend.code = year.counts[1]
            if trend.comparable and not (trend.cover or (0, 0))[1]:
                return trend
            break
    for number in sorted({period.year_counted(month) for period in own}, reverse=True):
        year = years.Year.of(row, points, number, month)
        trend = years.trend_of(year, number, month) if year else None
        if trend and trend.comparable:
            trend.code = year.counts[1]
            return trend
    return None


def left_out(trend):
    """How many parts of a year a change leaves out."""
    cover = getattr(trend, "cover", None)
    return cover[1] if cover and trend.absolute is not None else 0


def list_of_trends(register):
    expected = {}
    for row, key, trend in ((row, key, trend) for row in register.rows("indicators") for key, trend in trends_of(register, row).items()):
        form = "POINTS" if row["unit"] == "RATIO" else "ABSOLUTE" if trend.relative is None and trend.absolute is not None else "RELATIVE"
        code = trend.last and trend.last.figure.code if isinstance(trend, Trend) else trend.code
        expected[key] = {
            "indicatorKey": row["key"],
            "latest": key == row["key"],
            "leftOut": left_out(trend),
            "months": trend.to and trend.to.length,
            "measureKey": row["measureKey"] or None,
            "subjectKind": row["subjectKind"] or None,
            "subjectKey": row["subjectKey"] or None,
            "planKey": register.plan_of("INDICATOR", row["key"]),
            "unit": row["unit"],
            "unitCode": code or None,
            "span": trend.to.kind if trend.to else None,
            "from": trend.since.code if trend.since else None,
            "to": trend.to.code if trend.to else None,
            "comparable": trend.comparable,
            "form": form,
            "relative": trend.relative,
            "absolute": trend.absolute,
            "printed": trend.printed.value if trend.printed else None,
            "agrees": trend.agrees,
        }
    return expected


RATE, COUNT, EURO, OWN, OWN_RATE = ("RATIO", False), ("COUNT", True), ("EUR", True), (None, True), (None, False)
# The numbers of each list: what they count (None: as the entry says), and whether they add up.
NUMBERS = {
    "trends": {"relative": RATE, "absolute": OWN},
    "attainments": {"ratio": RATE, "distance": OWN_RATE, "points": OWN_RATE},
    "executions": {f"{credit}{what}": of for credit in ("vak", "vek") for what, of in (("Budgeted", OWN), ("Realised", OWN), ("Execution", RATE), ("Change", RATE))}
    | {"vekPerVak": RATE},
    "inspectionRates": {"controls": COUNT, "sanctions": COUNT, "proposedRecovery": EURO, "recoveryPerControl": ("EUR", False)}
    | {name: RATE for name in ("sanctionRate", "shareOfControls", "controlsChange", "sanctionsChange", "recoveryChange")},
    "projectProgress": {name: COUNT for name in ("milestones", "realised", "withoutStatus", "delayed", "onHold", "overdue", "withoutDue", "amended")} | {"realisedShare": RATE},
    "milestoneStandings": {"daysOverdue": ("DAYS", False)},
    "deliveries": {"delivered": COUNT, "inTime": COUNT},
}
# What rates are made of: what is above the line, what is below it, and what of this does not count.
RATES = {"sanctionRate": ("sanctions", "controls", None), "recoveryPerControl": ("proposedRecovery", "controls", None),
         "vakExecution": ("vakRealised", "vakBudgeted", None), "vekExecution": ("vekRealised", "vekBudgeted", None),
         "vekPerVak": ("vekRealised", "vakRealised", None), "realisedShare": ("realised", "milestones", "withoutStatus")}  # fmt: skip
# Which field of a list has a reason.
UNKNOWN = {"trends": "missing", "attainments": "missing", "executions": "missing", "inspectionRates": "missing", "milestoneStandings": "overdue"}
# Name, key, what is expected, its periods, by which figure it is ordered, and by what it is grouped.
LISTS = [
    ("trends", "key", list_of_trends, ("from", "to"), "relative", ("unit", "span", "form", "agrees", "latest")),
    ("attainments", "normKey", norms.list_of_attainments, ("period",), "distance", ("level", "change", "aim", "judgement")),
    ("executions", "key", budgets.executions, (), "vekPerVak", ("year", "direction")),
    ("inspectionRates", "inspectionKey", counts.list_of_rates, (), "sanctionRate", ("year",)),
    ("projectProgress", "projectKey", counts.list_of_progress, (), "realisedShare", ()),
    ("milestoneStandings", "milestoneKey", counts.list_of_standings, ("dueNow",), "daysOverdue", ("statusWords", "causeWord", "overdue", "year")),
    ("deliveries", "key", trees.list_of_deliveries, ("period",), "inTime", ("owner", "inTime")),
]


def upper(name):
    return "".join(f"_{letter}" if letter.isupper() else letter.upper() for letter in name)


def lists(register):
    for name, key, expect, periods, order, by in LISTS:
        expected = expect(register)
        if not expected:
            told(f"{name} listed", list(entries(name, key)), [])
            continue
        fields = sorted(next(iter(expected.values())))
        shown = " ".join([key] + [f"{field} {{ code }}" if field in periods else field for field in fields])
        unknown = UNKNOWN.get(name)
        shown += f" reason {unknown}" if unknown and unknown not in fields else " reason" if unknown else ""
        found = {node[key]: node for node in entries(name, shown)}
        told(f"{name} listed", sorted(found), sorted(expected))
        for at, node in found.items():
            for field in fields:
                value = node[field]["code"] if field in periods and node[field] else node[field]
                told(f"{name} {at} {field}", value, expected[at][field])
        says = lambda node: node["overdue"] is None if unknown == "overdue" else bool(node["missing"])
        told(f"{name} reasons", {bool(node["reason"]) == says(node) for node in found.values() if unknown} <= {True}, True)
        in_order(name, key, order, expected)
        chosen(name, key, order, expected)
        for dimensions in ((), by[:1], by[1:3], by)[: 4 if by else 1]:
            grouped(name, dimensions, expected)
        further = {at: of | led(register, of | ({"projectKey": at} if name == "projectProgress" else {key: at})) for at, of in expected.items()}
        for dimensions in LED[name]:
            grouped(name, dimensions, further)


def in_order(name, key, order, expected):
    """Ordered either way, the unknown ones come last."""
    for direction in ("ASC", "DESC"):
        listed = [node[key] for node in entries(name, key, f", orderBy: [{{field: {upper(order)}, direction: {direction}}}]")]
        found = [expected[at][order] for at in listed]
        known = [value for value in found if value is not None]
        told(f"{name} {direction}: unknown last", found[len(known):], [None] * (len(found) - len(known)))  # fmt: skip
        steps = [(b - a) if direction == "ASC" else (a - b) for a, b in zip(known, known[1:])]
        told(f"{name} {direction}", min(steps, default=0) >= -TWELVE, True)


def chosen(name, key, order, expected):
    """Filtered by the figure."""
    known = sorted(of[order] for of in expected.values() if of[order] is not None)
    if not known:
        return
    middle = f"{float(known[len(known) // 2]):.6f}"
    given = middle.split(".")[0] if all(isinstance(value, int) for value in known) else f'"{middle}"'
    far = [value for value in known if abs(value - Fraction(middle)) > TWELVE]
    for test, fits in (("gte", lambda it: it >= Fraction(middle)), ("lt", lambda it: it < Fraction(middle))):
        listed = {node[key] for node in entries(name, key, f', where: {{{order}: {{{test}: {given}}}}}')}
        wanted = {at for at, of in expected.items() if of[order] in far and fits(of[order])}
        close = {at for at, of in expected.items() if of[order] is not None and of[order] not in far}
        told(f"{name} {test} {middle}", listed - close, wanted)
    listed = {node[key] for node in entries(name, key, f", where: {{{order}: {{isNull: true}}}}")}
    told(f"{name} unknown", listed, {at for at, of in expected.items() if of[order] is None})


def plain(name, value):
    """A key of a group: records in any order, words in that of the document."""
    value = value["key"] if isinstance(value, dict) else value
    if not isinstance(value, list):
        return value
    all_of = [plain(name, it) for it in value]
    return tuple(all_of if name.endswith("Words") else sorted(all_of)) or None


def grouped(name, dimensions, expected):
    """Grouped: how many there are of each, and what their numbers come to, unit by unit; in an order, and those that fulfil a condition."""
    groups = defaultdict(list)
    for of in expected.values():
        groups[tuple(plain(name, of[name]) for name in dimensions)].append(of)
    words = ", ".join(map(upper, dimensions))
    keys = f"keys {{ {' '.join(SHOWN.get(it, it) for it in dimensions)} }} count" if dimensions else "count"
    numbers = NUMBERS[name]
    told_of = " ".join(f"{it} {{ unit unitCode span months sum avg min max valued missing ofAll ofAllKnown ofAllUnknown }}" for it in numbers)
    asked = lambda more, shown: ask(f"{{ {name}(first: 0) {{ groupBy(by: [{words}]{more}) {{ {shown} }} }} }}")[name]["groupBy"]
    found = {tuple(plain(name, group["keys"][name]) for name in dimensions) if dimensions else (): group for group in asked("", f"{keys} {told_of}")}
    told(f"{name} by {dimensions}", {at: group["count"] for at, group in found.items()}, {at: len(of) for at, of in groups.items()})
    for at, group in found.items():
        for number, counts in numbers.items():
            come_to(f"{name} {at} {number}", group[number], once(groups.get(at, []), expected), number, *counts)
    first = next(iter(numbers))
    means = {at: of["avg"] for at, group in found.items() for of in group[first][:1] if len(group[first]) == 1 and of["avg"] is not None}
    if len(means) > 1 and len(means) == sum(1 for group in found.values() if group[first]):
        middle = sorted(means.values(), key=Fraction)[len(means) // 2]
        some = asked(f', having: {{{first}: {{avg: {{gte: "{middle}"}}}}}}', keys)
        told(f"{name} by {dimensions} having", len(some), sum(1 for mean in means.values() if Fraction(mean) >= Fraction(middle)))
        listed = [means.get(tuple(plain(name, group["keys"][name]) for name in dimensions)) for group in asked(f", orderBy: [{{field: {upper(first)}_AVG, direction: DESC}}]", keys)]
        known = [Fraction(mean) for mean in listed if mean is not None]
        told(f"{name} by {dimensions} in order", known + [None] * (len(listed) - len(known)), sorted(known, reverse=True) + [None] * (len(listed) - len(known)))


def once(rows, expected):
    """What another of the group tells again counts once."""
    here = {id(row) for row in rows}
    return [row for row in rows if not row.get("againKey") or id(expected[row["againKey"]]) not in here]


def come_to(what, found, rows, number, unit, adds_up):
    units = defaultdict(list)
    for row in rows:
        own = unit or {"RATIO": "RATIO_POINTS"}.get(row["unit"], row["unit"])
        if own:
            units[own, None if unit else row["unitCode"], row.get("span"), row.get("months")].append(None if row.get("comparable") is False else row[number])
    told(f"{what} units", sorted(str((of["unit"], of["unitCode"], of["span"], of["months"])) for of in found), sorted(map(str, units)))
    for of in found:
        values = units.get((of["unit"], of["unitCode"], of["span"], of["months"]), [])
        known = [Fraction(value) for value in values if value is not None]
        close(f"{what} sum", of["sum"], sum(known) if known and adds_up and of["unit"] != "RATIO_POINTS" else None, len(known))
        close(f"{what} mean", of["avg"], sum(known) / len(known) if known else None, 1)
        close(f"{what} least", of["min"], min(known, default=None), 1)
        close(f"{what} most", of["max"], max(known, default=None), 1)
        told(f"{what} counts", (of["valued"], of["missing"]), (len(known), len(values) - len(known)))
        of_all(f"{what} of all", of, rows, number)


def of_all(what, found, rows, number):
    """The rate of all together, over those that have both of its numbers."""
    if number not in RATES:
        return told(what, (found["ofAll"], found["ofAllKnown"], found["ofAllUnknown"]), (None, None, None))
    part, whole, less = RATES[number]
    both = [row for row in rows if row[part] is not None and row[whole] is not None]
    below = sum(Fraction(row[whole]) - (row[less] if less else 0) for row in both)
    alike = len({(row.get("unit"), row.get("unitCode")) for row in both}) == 1
    close(what, found["ofAll"], sum(Fraction(row[part]) for row in both) / below if below and alike else None, 2)
    told(f"{what} counts", (found["ofAllKnown"], found["ofAllUnknown"]), (len(both), len(rows) - len(both)))


def close(what, found, expected, terms):
    """Each term may be off by what it was rounded by."""
    off = None not in (found, expected) and abs(Fraction(found) - expected) <= TWELVE * terms
    told(what, off or found == expected, True)


def wholes(register):
    """The whole of what each value of these lists was computed with."""
    trends = {key: trend for row in register.rows("indicators") for key, trend in trends_of(register, row).items()}
    for node in entries("trends", f"key trend {{ {TREND} }}"):
        hold_trend(f"the whole trend of {node['key']}", node["trend"], trends[node["key"]])
    of, rows = norms.Norms(register), {row["key"]: row for row in register.rows("norms")}
    for node in entries("attainments", f"normKey attainment {{ {norms.ATTAINMENT} }}", size=50):
        of.attainment(rows[node["normKey"]]).hold(f"the whole attainment of {node['normKey']}", node["attainment"])
    of = budgets.Budgets(register)
    for node in entries("executions", f"budgetLineKey year direction budget {budgets.BUDGET}", size=50):
        line, year = node["budgetLineKey"], node["year"]
        of.hold(f"the whole execution of {line} {year}", node["budget"], [of.lines[line]], [], year, node["direction"])
    of = counts.Inspections(register)
    for node in entries("inspectionRates", f"inspectedProcessKey year inspected {counts.INSPECTED}", size=50):
        key, year = node["inspectedProcessKey"], node["year"]
        of.hold(f"the whole of {key} {year}", node["inspected"], of.below("INSPECTED_PROCESS", key), year)
    for node in entries("projectProgress", f"projectKey milestoneCounts {counts.MILESTONES}", size=50):
        row = register.by_key["PROJECT"][node["projectKey"]]
        day = register.closing_day(register.by_key["PLAN"][row["planKey"]])
        chosen = counts.milestones_of(register, {row["key"]})
        counts.hold_milestones(f"the whole progress of {row['key']}", node["milestoneCounts"], chosen, day)


# ------------------------------------------------------------------------------------------------------ groups of records


def word(row, name):
    return row[name] if row[name] not in ("", "OTHER") else row[f"{name}Word"] or row[name] or None


def year(row):
    return int(row["year"])


def keys(name):
    return f"{name} {{ key }}", lambda register, row: row[f"{name}Key"] or None


def told_by(name, of):
    return name, lambda register, row: of(row)


# List, file, its figures, its periods, and each grouping: a dimension, how its key is shown, and what it is of a row.
RECORDS = [
    ("norms", "norms", ("target", "upper", "limit"), None, [
        {"BASIS_WORD": told_by("basisWord", lambda row: word(row, "basis")), "AIM": told_by("aim", lambda row: row["aim"] or None)},
        {"MEASURE": keys("measure")},
        {"PLAN": ("plan { key }", lambda register, row: register.plan_of("NORM", row["key"]))},
    ]),
    ("normResults", "norm-results", ("figure", "ratio", "change"), "period", [
        {"SOURCE_WORD": told_by("sourceWord", lambda row: word(row, "source"))},
        {"NORM": keys("norm")},
    ]),
    ("inspections", "inspections", counts.COLUMNS + tuple(f"{name}Change" for name in counts.COLUMNS), None, [
        {"YEAR": told_by("year", year)},
        {"PROCESS": keys("process")},
        {"PLAN": ("plan { key }", lambda register, row: register.by_key["INSPECTED_PROCESS"][row["processKey"]]["planKey"]), "YEAR": told_by("year", year)},
    ]),
    ("staffFigures", "staff-figures", ("figure", "fte"), None, [
        {"LEVEL": told_by("level", lambda row: row["level"]), "CONTRACT_WORD": told_by("contractWord", counts.employed)},
        {"ORGANISATION": keys("organisation"), "DATE": told_by("date", lambda row: row["date"])},
    ]),
    ("budgetAmounts", "budget-amounts", ("figure",), None, [
        {"YEAR": told_by("year", year), "PHASE": told_by("phase", lambda row: row["phase"]), "CREDIT": told_by("credit", lambda row: row["credit"])},
        {"PLAN": ("plan { key }", lambda register, row: register.plan_of("BUDGET_LINE", row["budgetLineKey"])), "YEAR": told_by("year", year)},
    ]),
    ("observations", "observations", ("figure", "change"), "period", [
        {"INDICATOR": keys("indicator")},
        {"PLAN": ("plan { key }", lambda register, row: register.plan_of("INDICATOR", row["indicatorKey"]))},
        {"PERIOD_YEAR": told_by("periodYear", lambda row: (lambda it: it.start.year if it.start.year == it.end.year else None)(Period(row["period"])))},
        {"PERIOD_END_YEAR": told_by("periodEndYear", lambda row: Period(row["period"]).end.year)},
    ]),
    ("targets", "targets", ("figure", "upper", "baseline"), "period", [{"KIND": told_by("kind", lambda row: row["kind"])}]),
    ("staffTargets", "staff-targets", ("target", "achieved"), None, [{"ORGANISATION": keys("organisation")}]),
]  # fmt: skip


def groups(register):
    for name, file, figures, period, groupings in RECORDS:
        for by in groupings:
            expected = defaultdict(list)
            for row in register.rows(file):
                expected[tuple(of(register, row) for _, of in by.values())].append(row)
            numbers = " ".join(f"{it} {{ unit unitCode span months sum avg min max valued missing reason }}" for it in figures)
            asked = f"groupBy(by: [{', '.join(by)}]) {{ keys {{ {' '.join(shown for shown, _ in by.values())} }} count {numbers} }}"
            found = ask(f"{{ {name}(first: 0) {{ {asked} }} }}")[name]["groupBy"]
            names = [shown.split()[0] for shown, _ in by.values()]
            plain_key = lambda it: it["key"] if isinstance(it, dict) else it
            told_ = {tuple(plain_key(group["keys"][it]) for it in names): group for group in found}
            told(f"{name} by {list(by)}", sorted(map(json.dumps, told_)), sorted(map(json.dumps, expected)))
            for at, group in told_.items():
                rows = expected.get(at, [])
                told(f"{name} {at} count", group["count"], len(rows))
                for figure in figures:
                    aggregates(f"{name} {at} {figure}", group[figure], rows, figure, period, "PERIOD_YEAR" in by and at[list(by).index("PERIOD_YEAR")] is None)


def aggregates(what, found, rows, name, period, apart):
    """What a number comes to, unit by unit and kind of period by kind of period; apart from each other there is no sum of different periods."""
    units, periods = defaultdict(list), defaultdict(set)
    for row in rows:
        figure = Figure.of(row, name)
        if figure:
            of = Period(row[period]) if period else None
            at = figure.unit, figure.code or None, of and of.kind, of and of.length
            units[at].append(figure.value)
            periods[at].add(of and of.code)
    told(f"{what} units", sorted(map(str, ((of["unit"], of["unitCode"], of["span"], of["months"]) for of in found))), sorted(map(str, units)))
    for of in found:
        at = of["unit"], of["unitCode"], of["span"], of["months"]
        values = units.get(at, [])
        known = [value for value in values if value is not None]
        whole = not (apart and len(periods[at]) > 1)
        told(f"{what} sum", of["sum"], sum(known) if known and whole else None)
        told(f"{what} reason", bool(of["reason"]), bool(known and not whole))
        told(f"{what} mean", of["avg"], sum(known) / len(known) if known else None)
        told(f"{what} least", of["min"], min(known, default=None))
        told(f"{what} most", of["max"], max(known, default=None))
        told(f"{what} counts", (of["valued"], of["missing"]), (len(known), len(values) - len(known)))
