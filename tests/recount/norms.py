"""Norms: how far each is attained, and how many of them below a measure, a goal, a plan; and targets of single periods."""

from datetime import date
from fractions import Fraction
from types import SimpleNamespace

import hold
import printed
import years
from hold import divide, entries, few, same, told
from periods import Period
from register import PLACES, Figure, number
from trends import TREND, hold_trend, last, last_trend, on_line, prints_of, trend_to, values

COUNTS = (
    "norms measures met nearlyMet partlyMet missed unknown notYet improved unchanged declined metInBoth metUnchanged shareMet"
).split()
SUMMARY = f"{{ {' '.join(f'{name} {{ ...F }}' for name in COUNTS)} }}"
LEVELS = [("MET", "metFrom", "1"), ("NEARLY_MET", "nearlyMetFrom", "0.9"), ("PARTLY_MET", "partlyMetFrom", "0.8")]
ATTAINMENT = (
    "level strictLevel change strictChange judgement strictJudgement aim ratioAgrees basisWord period { code } target { value } upper { value } "
    f"printedRatio {{ value }} ratio {{ ...F }} trend {{ {TREND} }} targetRecord {{ key }}"
)


def table_of(row):
    return row["source"] if row["source"] not in ("", "OTHER") else row["sourceWord"]


def whole_percent(ratio):
    """In whole percents, halves away from zero."""
    size = Fraction(int(abs(ratio) * 100 + Fraction(1, 2)), 100)
    return size if ratio >= 0 else -size


def tenth_of_a_percent(change):
    return round(change, 3)


class Goal:
    """What a result is judged by."""

    def __init__(self, aim, figure, upper, plan, target=None):
        self.aim, self.figure, self.upper, self.target = aim or "AT_LEAST", figure, upper, target
        self.bands = [(level, Fraction((plan[band] if plan else "") or default)) for level, band, default in LEVELS]

    def bounds(self):
        value, aim = self.figure.value, self.aim
        if value is None:
            return None
        if aim == "WITHIN":
            fits = self.upper and self.upper.counts == self.figure.counts and self.upper.value is not None
            return (value, self.upper.value) if fits else None
        return (None if aim == "AT_MOST" else value, None if aim == "AT_LEAST" else value)

    def of_ratio(self, ratio):
        return next((level for level, band in self.bands if ratio >= band), "MISSED")

    def level(self, result):
        """How near a result comes to the bound that it does not keep."""
        bounds = self.bounds()
        if bounds is None or result.value is None or result.counts != self.figure.counts:
            return None
        (low, high), value = bounds, result.value
        below, above = low is not None and value < low, high is not None and value > high
        if not below and not above:
            return "MET"
        bound = low if below else high
        if bound <= 0 or value < 0:
            return "MISSED"
        return self.of_ratio(value / bound if below else bound / value)

    def distance(self, result):
        bounds = self.bounds()
        if bounds is None or result.value is None or result.counts != self.figure.counts:
            return None
        low, high = bounds
        sides = ([low - result.value] if low is not None else []) + ([result.value - high] if high is not None else [])
        return max(sides)


class Norms:
    def __init__(self, register):
        self.register = register
        self.superseded = {row["supersedesKey"] for row in register.rows("targets") if row["supersedesKey"]}
        self.targets_of = {}
        for row in sorted(register.rows("targets"), key=lambda row: row["key"]):
            self.targets_of.setdefault((row["kind"], row["ofKey"]), []).append((Period(row["period"]), row))

    def points(self, key, table):
        """The results by period. Those of a table, and of others what lies before its last; without a table the overview's come first."""

        def printed_results(at):
            rows = self.register.periods("norm-results", "normKey")[at]
            first = table or "OVERVIEW"
            place = lambda row: {"FACT_TABLE": 1, "OVERVIEW": 2}.get(table_of(row), 3)
            rows = sorted(rows, key=lambda it: (table_of(it[1]) != first, place(it[1]), table_of(it[1])))
            own = [period for period, row in rows if table_of(row) == first]
            found = {}
            for period, row in rows:
                if table_of(row) == first or table is None or (own and period < max(own)):
                    found.setdefault(period, row)
            return list(found.items())

        return on_line(self.register, "NORM", key, printed_results)

    def targets(self, kind, key):
        line = self.register.earlier(kind, key)[::-1] + [key]
        return sorted((it for at in line for it in self.targets_of.get((kind, at), [])), key=lambda it: it[0])

    def counting(self, targets, period):
        """The last target of a period that nothing took the place of."""
        of = [row for at, row in targets if at == period and row["key"] not in self.superseded]
        return of[-1] if of else None

    def goal(self, norm, period):
        """What a result is judged by: the target of its period, or the next one where the norm has no other, or else the norm's own."""
        plan, targets = self.register.plan("NORM", norm["key"]), self.targets("NORM", norm["key"])
        own, upper = Figure.of(norm, "target"), Figure.of(norm, "upper")

        def is_own(row):
            of, above = Figure(row, "figure"), Figure.of(row, "upper")
            same_upper = (upper.value if upper else None) == (above.value if above else None)
            return own is None or (own.value == of.value and (own.code or own.unit) == (of.code or of.unit) and same_upper)

        open_ = [(at, row) for at, row in targets if row["key"] not in self.superseded]
        if period:
            ahead = [row for at, row in open_ if at.end > period.end and is_own(row)]
            target = self.counting(targets, period) or (ahead[0] if ahead else None)
        else:
            target = open_[0][1] if open_ else None
        if target:
            return Goal(target["aim"] or norm["aim"], Figure(target, "figure"), Figure.of(target, "upper"), plan, target)
        return Goal(norm["aim"], own, upper, plan) if own else None

    def attainment(self, norm, table=None, year=None, on=None, period=None):
        return Attainment(self, norm, table, year, on, period)


class Attainment:
    def __init__(self, norms, norm, table, year, on, period):
        register, key = norms.register, norm["key"]
        points = norms.points(key, table)
        month = register.first_month("NORM", key)
        fits = lambda it: (year is None or it.period.year_counted(month) <= year) and (table is None or table_of(it.row) == table)
        fits_period = lambda it: it.period == period if period else not it.earlier
        shown = [it for it in points if fits(it) and fits_period(it)]
        self.norm, self.result = norm, last(shown)
        self.trend = trend_to(self.result, points)
        self.before = self.trend.first
        self.goal = norms.goal(norm, self.result and self.result.period)
        self.aim = self.goal.aim if self.goal else norm["aim"] or "AT_LEAST"
        plan, target = register.plan("NORM", key), self.goal and self.goal.target
        self.plan = plan
        day = on or (register.closing_day(plan) if plan else None)
        self.not_yet = bool(target and day and Period(target["period"]).end > day)
        result, figure = self.result and self.result.figure, self.goal and self.goal.figure
        self.alike = bool(result and figure and result.counts == figure.counts)
        self.ratio = divide(result.value, figure.value) if self.alike else None
        self.printed = Figure.of(self.result.row, "ratio") if self.result else None
        self.agrees = printed.agrees(divide, (result, figure), "RATIO", self.printed) if self.ratio is not None else None

    def by_values(self, reading):
        return reading == "STRICT" or self.aim in ("WITHIN", "EXACTLY")

    def strict(self, point):
        return self.goal.level(point.figure) if self.goal and point else None

    def of_ratio(self, ratio):
        goal = self.goal or Goal(None, None, None, self.plan)
        if self.aim == "AT_MOST":
            return "MET" if ratio <= 1 else goal.of_ratio(1 / ratio)
        return goal.of_ratio(ratio)

    def level(self, reading):
        if self.not_yet:
            return None
        if self.by_values(reading):
            return self.strict(self.result)
        if self.printed:
            return None if self.printed.value is None else self.of_ratio(self.printed.value)
        target = self.goal.figure.value if self.goal else None
        result = self.result.figure.value if self.result else None
        if (target is not None and target <= 0) or (result is not None and result < 0):
            return self.strict(self.result)
        return None if self.ratio is None else self.of_ratio(whole_percent(self.ratio))

    def own_before(self):
        """The result of the period before, where the same table of the same plan prints it."""
        same_table = self.before and not self.before.earlier and table_of(self.before.row) == table_of(self.result.row)
        return self.before if same_table else None

    def level_before(self, reading):
        if self.by_values(reading):
            return self.strict(self.before)
        own, figure = self.own_before(), self.result and self.result.figure
        if own:
            value = own.figure.value
        else:
            change = self.trend.printed
            known = figure and figure.value is not None and change and change.unit == "RATIO_POINTS" and change.value is not None
            value = figure.value - change.value if known else None
        if value is None or not self.goal or self.goal.figure.counts != figure.counts:
            return None
        share = divide(value, self.goal.figure.value)
        return None if share is None else self.of_ratio(whole_percent(share))

    def change(self, reading):
        change = self.trend.absolute
        if reading == "PRINTED":
            if self.trend.printed:
                change = self.trend.printed.value
            else:
                from_system = self.result and not self.result.figure.cited and self.before and self.before.earlier
                change = tenth_of_a_percent(change) if change is not None and (self.own_before() or from_system) else None
        if change is None:
            return None
        if self.aim in ("WITHIN", "EXACTLY"):
            ends = [self.goal.distance(point.figure) if point and self.goal else None for point in (self.before, self.result)]
            if None in ends:
                return None
            change = ends[0] - ends[1]
        elif self.aim == "AT_MOST":
            change = -change
        return "IMPROVED" if change > 0 else "DECLINED" if change < 0 else "UNCHANGED"

    def judgement(self, reading):
        return "NOT_YET" if self.not_yet else self.level(reading)

    def hold(self, what, found):
        told(f"{what} level", found["level"], self.level("PRINTED"))
        told(f"{what} strict level", found["strictLevel"], self.level("STRICT"))
        told(f"{what} change", found["change"], self.change("PRINTED"))
        told(f"{what} strict change", found["strictChange"], self.change("STRICT"))
        told(f"{what} judgement", found["judgement"], self.judgement("PRINTED"))
        told(f"{what} strict judgement", found["strictJudgement"], self.judgement("STRICT"))
        told(f"{what} aim", found["aim"], self.aim)
        told(f"{what} period", found["period"] and found["period"]["code"], self.result and self.result.period.code)
        told(f"{what} target", found["target"] and found["target"]["value"], self.goal and self.goal.figure.value)
        told(f"{what} target record", found["targetRecord"] and found["targetRecord"]["key"], self.goal and self.goal.target and self.goal.target["key"])
        told(f"{what} printed ratio", found["printedRatio"] and found["printedRatio"]["value"], self.printed and self.printed.value)
        told(f"{what} ratio agrees", found["ratioAgrees"], self.agrees)
        same(f"{what} ratio", found["ratio"], self.ratio)
        hold_trend(f"{what} trend", found["trend"], self.trend)


def hold_summary(what, found, chosen, reading):
    """Holds the counts of attainments; each says of how many norms it could be told."""
    level = lambda it: it.level(reading)
    change = lambda it: it.change(reading)
    count = lambda fits: Fraction(sum(1 for it in chosen if fits(it)))
    cover = lambda known: (int(count(known)), len(chosen) - int(count(known)))
    rated, changed = cover(lambda it: level(it) is not None), cover(lambda it: change(it) is not None)
    same(f"{what} norms", found["norms"], Fraction(len(chosen)))
    same(f"{what} measures", found["measures"], Fraction(len({it.norm["measureKey"] for it in chosen if it.norm["measureKey"]})))
    for name, wanted in (("met", "MET"), ("nearlyMet", "NEARLY_MET"), ("partlyMet", "PARTLY_MET"), ("missed", "MISSED")):
        same(f"{what} {name}", found[name], count(lambda it: level(it) == wanted), rated)
    for name in ("improved", "unchanged", "declined"):
        same(f"{what} {name}", found[name], count(lambda it: change(it) == name.upper()), changed)
    same(f"{what} unknown", found["unknown"], count(lambda it: level(it) is None and not it.not_yet), (len(chosen), 0))
    same(f"{what} not yet", found["notYet"], count(lambda it: it.not_yet), (len(chosen), 0))
    both = cover(lambda it: level(it) is not None and it.level_before(reading) is not None)
    same(f"{what} both", found["metInBoth"], count(lambda it: level(it) == "MET" and it.level_before(reading) == "MET"), both)
    kept = cover(lambda it: level(it) is not None and change(it) is not None)
    same(f"{what} kept", found["metUnchanged"], count(lambda it: level(it) == "MET" and change(it) == "UNCHANGED"), kept)
    same(f"{what} share", found["shareMet"], divide(count(lambda it: level(it) == "MET"), Fraction(rated[0])))


def attainments(register):
    of, rows = Norms(register), register.rows("norms")
    by_key = {row["key"]: row for row in rows}
    tables = {None: ""} | {table: f"(tableWord: \"{table}\")" for table in {table_of(row) for row in register.rows("norm-results")}}
    for table, argument in few(sorted(tables.items(), key=str)):
        judged = {row["key"]: of.attainment(row, table) for row in rows}
        for node in entries("norms", f"key attainment{argument} {{ {ATTAINMENT} }}", size=50):
            judged[node["key"]].hold(f"norm {node['key']}{argument}", node["attainment"])
        for reading in ("PRINTED", "STRICT"):
            word = f', tableWord: "{table}"' if table else ""
            for name, kind in PLACES:
                for node in entries(name, f"key attainment(reading: {reading}{word}) {SUMMARY}", size=50):
                    below = [judged[row["key"]] for row in register.followed("norms", kind, node["key"])]
                    below = [it for it in below if table is None or it.result]
                    hold_summary(f"{kind} {node['key']} {reading}{word}", node["attainment"], below, reading)
    # By year, on a day, of one basis; and of single periods.
    years = sorted(register.years.values())
    choices = [
        ('basisWord: "LEGAL"', {}),
        (f"year: {years[-1] - 1}", {"year": years[-1] - 1}),
        ('on: "2030-01-01"', {"on": date(2030, 1, 1)}),
        (f"year: {years[0]}", {"year": years[0]}),
    ]
    for argument, choice in few(choices):
        for name, kind in PLACES:
            for node in entries(name, f"key attainment({argument}) {SUMMARY}", size=50):
                below = [row for row in register.followed("norms", kind, node["key"]) if choice or (row["basis"] or row["basisWord"]) == "LEGAL"]
                hold_summary(f"{kind} {node['key']} {argument}", node["attainment"], [of.attainment(row, **choice) for row in below], "PRINTED")
    for period in sorted({row["period"] for row in register.rows("norm-results")})[: 1 if hold.FEW else 4]:
        for node in entries("norms", f"key attainment(period: \"{period}\") {{ {ATTAINMENT} }}", size=50):
            at = of.attainment(by_key[node["key"]], period=Period(period))
            at.hold(f"norm {node['key']} in {period}", node["attainment"])


def trends_of_norms(register):
    """To the last own result, by all tables and by one."""
    of = Norms(register)
    for table in few(sorted({table_of(row) for row in register.rows("norm-results")}) + [None]):
        argument = f'(tableWord: "{table}")' if table else ""
        for node in entries("norms", f"key trend{argument} {{ {TREND} }}"):
            hold_trend(f"trend of norm {node['key']}{argument}", node["trend"], last_trend(of.points(node["key"], table)))


def target_attainments(register):
    """Each target with what became of it: the result of its period, or of the one that ends with it, as the last document prints it."""
    of = Norms(register)
    shown = "{ target { key } aim inForce ratio { ...F } result { value } judgement }"

    def expected(kind, key, on=None):
        targets, plan = of.targets(kind, key), register.plan(kind, key)
        row = register.by_key[kind][key]
        day = on or (register.closing_day(plan) if plan else None)
        prints = prints_of(register, kind, key) if targets else {}
        says = lambda of: [figure for _, figure in of if figure.status != "NOT_REPORTED"] or [of[-1][1]]
        points = {period: says(of)[-1] for (period, _), of in sorted(prints.items(), key=lambda it: it[0][0])}
        by_months, month = any(at.kind == "MONTH" for at in points), register.first_month(kind, key)
        for period, target in targets:
            goal = Goal(target["aim"] or row["aim"], Figure(target, "figure"), Figure.of(target, "upper"), plan)
            by_then = period.kind == "DAY" or period.kind == "MONTH" and not by_months
            stock = kind == "INDICATOR" and row["aggregation"] == "LAST" and period.length == 12
            tells = lambda at: at.end == period.end and (by_then and at.start <= period.start or stock and years.tells_stock(at))
            ends = [points[period]] if period in points else []
            ends += [figure for at, figure in points.items() if tells(at)]
            result = next((figure for figure in ends if figure.value is not None), None)
            if not result and kind == "INDICATOR":
                year = years.Year.of(row, values(register, key), period.year_counted(month), month)
                if year and year.period == period and (not ends or year.all is not None):
                    result = SimpleNamespace(value=year.all, counts=year.counts)
            result = result or next(iter(ends), None)
            ratio = divide(result.value, goal.figure.value) if result and result.counts == goal.figure.counts else None
            counts = of.counting(targets, period)
            judgement = "NOT_YET" if day and period.end > day else goal.level(result) if result else None
            yield target["key"], (goal.aim, bool(counts and counts["key"] == target["key"]), result and result.value, judgement, ratio)

    def hold(what, found, wanted):
        told(f"{what} targets", [it["target"]["key"] for it in found], [key for key, _ in wanted])
        for it, (key, (aim, in_force, result, judgement, ratio)) in zip(found, wanted):
            told(f"{what} {key} aim", it["aim"], aim)
            told(f"{what} {key} in force", it["inForce"], in_force)
            told(f"{what} {key} result", it["result"] and number(it["result"]["value"]), result)
            told(f"{what} {key} judgement", it["judgement"], judgement)
            same(f"{what} {key} ratio", it["ratio"], ratio)

    for argument, on in (("", None), ('(on: "2030-01-01")', date(2030, 1, 1))):
        for name, kind in (("norms", "NORM"), ("indicators", "INDICATOR")):
            for node in entries(name, f"key targetAttainments{argument} {shown}", size=50):
                hold(f"{name} {node['key']} {argument}", node["targetAttainments"], list(expected(kind, node["key"], on)))
        for name, kind in PLACES:
            for node in entries(name, f"key targetAttainments{argument} {shown}", size=20):
                followed = [(of, row["key"]) for of, file in (("NORM", "norms"), ("INDICATOR", "indicators")) for row in register.followed(file, kind, node["key"])]
                wanted = sorted(it for of, key in followed for it in expected(of, key, on))
                hold(f"{kind} {node['key']} {argument}", sorted(node["targetAttainments"], key=lambda it: it["target"]["key"]), wanted)


def list_of_attainments(register):
    """What is expected of the list of attainments, by the norm's key."""
    of, expected = Norms(register), {}
    for row in register.rows("norms"):
        it = of.attainment(row)
        result = it.result
        counted = result.figure if result else it.goal and it.goal.figure
        expected[row["key"]] = {
            "measureKey": row["measureKey"] or None,
            "subjectKind": row["subjectKind"] or None,
            "subjectKey": row["subjectKey"] or None,
            "planKey": register.plan_of("NORM", row["key"]),
            "basisWord": row["basis"] or row["basisWord"] or None,
            "tableWord": table_of(result.row) if result else None,
            "period": result.period.code if result else None,
            "level": it.level("PRINTED"),
            "strictLevel": it.level("STRICT"),
            "change": it.change("PRINTED"),
            "strictChange": it.change("STRICT"),
            "judgement": it.judgement("PRINTED"),
            "aim": it.aim,
            "ratio": it.ratio,
            "distance": it.goal.distance(result.figure) if it.goal and result else None,
            "points": it.trend.absolute,
            "unit": counted.unit if counted else None,
            "unitCode": counted.code or None if counted else None,
        }
    return expected
