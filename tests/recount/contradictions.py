"""Contradictions: what is printed twice, or does not follow from what it is made of; with severities, slips and counts."""

from collections import Counter, defaultdict
from itertools import product

import claimed
import wording
from budgets import Budgets
from counts import COLUMNS
from comparing import PARTS, RATIOS, Found, Made, alike, cut_off, difference, exact, named, relative, two_prints
from hold import ask, entries, told
from norms import table_of
from printed import digit
from register import Figure, split
from slips import slips
from trends import is_plain

OF_API = {"period": "period { code }"}
NONE_SAID = ("NOT_AVAILABLE", "NOT_APPLICABLE")


class Contradictions:
    """What the tables contradict, with every record named by what its key is made of."""

    def __init__(self, register):
        self.register, self.found = register, []
        self.budgets = Budgets(register)
        self.inspections = {(row["processKey"], int(row["year"])): row for row in register.rows("inspections")}
        self.results = defaultdict(list)
        for row in register.rows("norm-results"):
            self.results[row["normKey"], row["period"]].append(row)
        self.plain = {(row["indicatorKey"], row["period"]): row for row in register.rows("observations") if is_plain(row)}
        self.points = self.conventions()

    def result(self, norm, period, table):
        return next((row for row in self.results.get((norm, period), ()) if table_of(row) == table), None)

    # ------------------------------------------------------------------------------------------------------------- trends

    def on_line(self, kind, key, known):
        """What is known below a record, or else below the nearest earlier one on its line."""
        return next(filter(None, map(known, [key] + self.register.earlier(kind, key))), None)

    def printed_trends(self):
        """Each printed trend: its record, field, change, the figure that it leads to and the one that it starts from, with their records."""
        for row in self.register.rows("observations"):
            change = Figure.of(row, "change")
            if change and row["changeFrom"]:
                before = self.on_line("INDICATOR", row["indicatorKey"], lambda of: self.plain.get((of, row["changeFrom"])))
                yield "OBSERVATION", row, "change", change, ("figure", before)
        for row in self.register.rows("norm-results"):
            change = Figure.of(row, "change")
            if change and row["changeFrom"]:
                tables = (table_of(row), "FACT_TABLE")
                before = self.on_line("NORM", row["normKey"], lambda of: next(filter(None, (self.result(of, row["changeFrom"], it) for it in tables)), None))
                yield "NORM_RESULT", row, "change", change, ("figure", before)
        for (process, year), row in self.inspections.items():
            for name in COLUMNS:
                if change := Figure.of(row, f"{name}Change"):
                    before = self.on_line("INSPECTED_PROCESS", process, lambda of: self.inspections.get((of, year - 1)))
                    yield "INSPECTION", row, f"{name}Change", change, (name, before)

    def conventions(self):
        """The documents that print more trends of shares in percentage points than as percentages."""
        counts = defaultdict(Counter)
        for kind, row, _, change, _ in self.printed_trends():
            if kind != "INSPECTION" and Figure(row, "figure").unit == "RATIO" and change.value is not None and change.cited:
                counts[change.cited][change.unit] += 1
        return {document for document, of in counts.items() if of["RATIO_POINTS"] > of["RATIO"]}

    def trends(self):
        for kind, row, field, change, (name, before) in self.printed_trends():
            at = named(kind, row)
            to, of = Figure(row, name), Figure(before, name) if before else None
            if change.value is None:
                continue
            if of is None:
                self.found.append(Found("TREND_BASE", at, field, change, severity="WARNING"))
                continue
            for figure in (of, to):
                if figure.value is None:
                    second = (named(kind, before if figure is of else row), name)
                    self.found.append(Found("TREND_BASE", at, field, change, second=second, severity="WARNING"))
                    break
            if None in (to.value, of.value) or not alike(to, of):
                continue
            counted = "RATIO" if change.unit == "RATIO" else "RATIO_POINTS" if to.unit == "RATIO" else to.unit
            if change.unit == counted and (change.unit != "OTHER" or change.code == to.code):
                rule = relative if change.unit == "RATIO" else difference
                start = of.value if rule is difference and of.unit not in RATIOS else None
                made = Made(rule, [[to], [of]], counted, [named(kind, row), named(kind, before)], start)
                if made.value is not None and (gap := exact(change, made.value, made.slack, start)):
                    points = rule is relative and to.unit == of.unit == "RATIO" and not exact(change, to.value - of.value, digit(to))
                    self.found.append(Found("TREND", at, field, change, gap, made, severity="NOTICE" if points else None))
            shares = kind != "INSPECTION" and to.unit == of.unit == change.unit == "RATIO" and change.cited in self.points
            if shares and not exact(change, to.value - of.value, digit(to)):
                self.found.append(Found("TREND_UNIT", at, field, change, severity="NOTICE"))

    # ---------------------------------------------------------------------------------------------------- ratios, two prints

    def ratios(self):
        for row in self.register.rows("norm-results"):
            ratio, result = Figure.of(row, "ratio"), Figure(row, "figure")
            target = Figure.of(self.register.by_key["NORM"][row["normKey"]], "target")
            if not (ratio and target and alike(result, target)) or None in (ratio.value, result.value, target.value) or not target.value:
                continue
            rows = [named("NORM_RESULT", row), ("NORM", row["normKey"])]
            made = Made(lambda result, target: result / target if target else None, [[result]], "RATIO", rows, exact=[target])
            if gap := exact(ratio, made.value, made.slack):
                self.found.append(Found("RATIO", named("NORM_RESULT", row), "ratio", ratio, gap, made))

    def twice(self, rule, at, field, stated, other, name, second):
        if second is None or stated is None:
            return
        if gap := two_prints(stated, second):
            self.found.append(Found(rule, at, field, stated, gap, second=(other, name)))
        elif any(one.value is not None and two.value is None and two.status in NONE_SAID for one, two in ((stated, second), (second, stated))):
            self.found.append(Found(rule, at, field, stated, second=(other, name), severity="WARNING", number=second.value))

    def norms(self):
        place = lambda row: ({"OVERVIEW": 1, "FACT_TABLE": 0}.get(table_of(row), 2), table_of(row))
        for rows in self.results.values():
            first, *others = sorted(rows, key=place)
            for row in others:
                for field in ("figure", "change"):
                    at, second = named("NORM_RESULT", row), named("NORM_RESULT", first)
                    self.twice("NORM_TWICE", at, field, Figure.of(row, field), second, field, Figure.of(first, field))

    def inspected(self):
        columns = {"CONTROLS": "controls", "SANCTIONS": "sanctions", "PROPOSED_RECOVERY": "proposedRecovery"}
        processes = self.register.grouped("inspected-processes", "measureKeys")
        for row in self.register.rows("observations"):
            indicator = self.register.by_key["INDICATOR"][row["indicatorKey"]]
            name = columns.get(indicator["kind"] or indicator["kindWord"])
            of = processes[indicator["measureKey"]] if name and indicator["measureKey"] and is_plain(row) else []
            if len(of) != 1 or len(split(of[0]["measureKeys"])) != 1 or not row["period"].isdigit():
                continue
            inspection = self.inspections.get((of[0]["key"], int(row["period"])))
            if inspection:
                for field, other in (("figure", name), ("change", f"{name}Change")):
                    at, second = named("OBSERVATION", row), named("INSPECTION", inspection)
                    self.twice("INSPECTION_TWICE", at, field, Figure.of(row, field), second, other, Figure.of(inspection, other))

    # -------------------------------------------------------------------------------------------------------------- money

    def money(self):
        lines = {key: line for key, line in self.budgets.lines.items() if line["direction"] == "EXPENDITURE"}
        groups = {key: {key} for key in lines if lines[key]["measureKeys"]}
        by_measure = defaultdict(list)
        for key in groups:
            for measure in split(lines[key]["measureKeys"]):
                by_measure[measure].append(key)
        for together in by_measure.values():
            joined = set().union(*(groups[key] for key in together))
            for key in joined:
                groups[key] = joined
        for group in {frozenset(group) for group in groups.values()}:
            first, *others = sorted(group, key=lambda key: (int(lines[key]["position"]), key))
            measures = sorted({measure for key in group for measure in split(lines[key]["measureKeys"])})
            for year, credit in product(self.budgets.all_years, ("VAK", "VEK")):
                amounts = [self.amount(key, year, credit) for key in [first, *others]]
                facts = [self.fact(measure, year, credit) for measure in measures]
                if None in amounts + facts or not alike(*(figure for figure, _ in amounts + facts)):
                    continue
                (stated, at), rest = amounts[0], amounts[1:]
                rule = lambda part, other=0: part - other
                made = Made(rule, [[it for it, _ in facts]] + ([[it for it, _ in rest]] if rest else []), stated.unit, [it for _, it in facts + rest])
                if gap := cut_off(stated, made.value, [it for it, _ in facts + rest]):
                    self.found.append(Found("BUDGET_TWICE", at, "figure", stated, gap, made))

    def amount(self, line, year, credit):
        of = (row for row in self.budgets.amounts[line, year] if (row["phase"], row["credit"]) == ("REALISED", credit))
        row = next((row for row in of if not row["adjustment"] and row["figure.value"]), None)
        return row and (Figure(row, "figure"), named("BUDGET_AMOUNT", row))

    def fact(self, measure, year, credit):
        of = [row for row in self.register.grouped("indicators", "measureKey")[measure] if (row["kind"] or row["kindWord"]) == credit]
        row = self.plain.get((of[0]["key"], str(year))) if len(of) == 1 else None
        return (Figure(row, "figure"), named("OBSERVATION", row)) if row and row["figure.value"] else None

    def turn_of_year(self):
        for row in self.register.rows("budget-amounts"):
            if row["creditKind"] != "OPEN_COMMITMENTS" or row["adjustment"] or row["phase"] != "REALISED":
                continue
            line, year, stated = row["budgetLineKey"], int(row["year"]), Figure(row, "figure")
            asked = [(year - 1, "REALISED", "OTHER", "OPEN_COMMITMENTS"), (year, "REALISED", "VAK"), (year, "REALISED", "VEK")]
            parts = [self.budgets.amount(line, *of) for of in asked]
            if stated.value is None or any(it is None or it.value is None for it in parts) or not alike(stated, *parts):
                continue
            made = Made(lambda opening, vak, vek: opening + vak - vek, [[it] for it in parts], stated.unit, [named("BUDGET_AMOUNT", it.row) for it in parts])
            if gap := cut_off(stated, made.value, parts):
                self.found.append(Found("TURN_OF_YEAR", named("BUDGET_AMOUNT", row), "figure", stated, gap, made))

    def restated(self):
        """A figure of a later plan against the nearest earlier print that has a value."""
        money = lambda row: (row["year"], row["phase"], row["credit"], row["creditKind"], row["stage"], row["adjustment"])
        for kind, file, of, owner, same, figures in [
            ("OBSERVATION", "observations", "INDICATOR", "indicatorKey", lambda row: row["period"] if is_plain(row) else None, ("figure",)),
            ("NORM_RESULT", "norm-results", "NORM", "normKey", lambda row: (row["period"], table_of(row)), ("figure",)),
            ("BUDGET_AMOUNT", "budget-amounts", "BUDGET_LINE", "budgetLineKey", money, ("figure",)),
            ("INSPECTION", "inspections", "INSPECTED_PROCESS", "processKey", lambda row: row["year"], COLUMNS),
        ]:
            by_place = {(row[owner], same(row)): row for row in self.register.rows(file) if same(row) is not None}
            for (key, place), row in by_place.items():
                before = [by_place[at, place] for at in self.register.earlier(of, key) if (at, place) in by_place]
                for name in figures:
                    first = next((it for it in before if it[f"{name}.value"]), None)
                    if first and (gap := two_prints(Figure(row, name), Figure(first, name))):
                        self.found.append(Found("RESTATED", named(kind, row), name, Figure(row, name), gap, second=(named(kind, first), name)))


def named_by_api(kind, record):
    def of(name):
        value = record[name]["code"] if name == "period" else record[name]
        if name == "categoryKeys":
            return tuple(value)
        value = "" if value in (None, False) else "true" if value is True else str(value)
        return value or ("FINAL" if name == "state" else "")

    return (kind, *(of(name) for name in PARTS[kind]))


def home(register, found):
    """The measure, the plan and the body that a contradiction concerns."""
    kind, row = found.at[0], found.stated.row
    if kind in ("CLAIM", "STATEMENT"):
        return row["measureKey"] or None, row["planKey"], register.body_of("PLAN", row["planKey"])
    of, column = {"OBSERVATION": ("INDICATOR", "indicatorKey"), "NORM_RESULT": ("NORM", "normKey"), "BUDGET_AMOUNT": ("BUDGET_LINE", "budgetLineKey"),
                  "INSPECTION": ("INSPECTED_PROCESS", "processKey")}[kind]  # fmt: skip
    above = register.by_key[of][row[column]]
    measures = [above["measureKey"]] if above["measureKey"] else split(above["measureKeys"])
    return measures[0] if len(measures) == 1 else None, register.plan_of(of, above["key"]), register.body_of(of, above["key"])


def discrepancies(register):
    of = Contradictions(register)
    for part in (of.trends, of.ratios, of.norms, of.inspected, of.money, of.restated, of.turn_of_year):
        part()
    claims = claimed.Claims(of)
    of.found += claims.found() + wording.found(register)
    expected = {it.key: it for it in of.found}
    record = " ".join(
        f"... on {kind.title().replace('_', '')} {{ {' '.join(OF_API.get(name, name) for name in names)} }}" for kind, names in PARTS.items()
    )
    shown = f"key rule kind field severity difference tolerance stated {{ value }} found {{ value }} measureKey planKey consequenceOfKey record {{ {record} }}"
    said = {}
    for node in entries("discrepancies", shown):
        said[node["rule"], *named_by_api(node["kind"], node["record"]), node["field"]] = node
    for key in said.keys() | expected.keys():
        told(f"contradiction {key}", key in said, key in expected)
    both = {key: (node, expected[key]) for key, node in said.items() if key in expected}
    for key, (node, it) in both.items():
        told(f"{key} stated", node["stated"]["value"], it.stated.value)
        told(f"{key} severity", node["severity"], it.severity)
        told(f"{key} home", (node["measureKey"], node["planKey"]), home(register, it)[:2])
        told(f"{key} difference", node["difference"], it.gap and it.gap.difference)
        told(f"{key} tolerance", node["tolerance"], it.gap and it.gap.tolerance)
        if it.gap:
            told(f"{key} found", node["found"] and node["found"]["value"], it.gap.found)
    hold_slips(both, register, claims.right)
    hold_groups(both, register)


def hold_slips(both, register, right):
    """One slip, one finding: the others follow from the first in the order of the list."""
    nodes = [node for node, _ in both.values()]
    statements = {row["key"]: row for row in register.rows("statements")}
    first = slips([it for _, it in both.values()], statements, right)
    for at, (key, (node, _)) in enumerate(both.items()):
        told(f"{key} follows from", node["consequenceOfKey"], nodes[first[at]]["key"] if first[at] != at else None)


def hold_groups(both, register):
    by = {"RULE": lambda it: it.rule, "SEVERITY": lambda it: it.severity, "KIND": lambda it: it.at[0],
          "MEASURE": lambda it: home(register, it)[0], "PLAN": lambda it: home(register, it)[1],
          "ORGANISATION": lambda it: home(register, it)[2]}  # fmt: skip
    shown = {"MEASURE": "measure { key }", "PLAN": "plan { key }", "ORGANISATION": "organisation { key }"}
    for dimensions in [[]] + [[name] for name in by] + [["RULE", "SEVERITY"], ["PLAN", "KIND", "SEVERITY"]]:
        groups = defaultdict(set)
        counts = Counter()
        for node, it in both.values():
            at = tuple(by[name](it) for name in dimensions)
            counts[at] += 1
            groups[at].add(node["consequenceOfKey"] or node["key"])
        fields = " ".join(shown.get(name, name.lower()) for name in dimensions)
        found = ask(f"{{ discrepancies(first: 0) {{ totalCount groupBy(by: [{', '.join(dimensions)}]) {{ {fields} count slips }} }} }}")["discrepancies"]
        plain = lambda it: it["key"] if isinstance(it, dict) else it
        told(f"contradictions by {dimensions}", {tuple(plain(of[name.lower()]) for name in dimensions): (of["count"], of["slips"]) for of in found["groupBy"]},
             {at: (count, len(groups[at])) for at, count in counts.items()})  # fmt: skip
        told("contradictions", found["totalCount"], len(both))
        asked = f"by: [{', '.join(dimensions)}], having: {{count: {{gte: 2}}}}, orderBy: [{{field: SLIPS, direction: DESC}}, {{field: COUNT}}], first: 3"
        found = ask(f"{{ discrepancies(first: 0) {{ groupBy({asked}) {{ count slips }} }} }}")["discrepancies"]["groupBy"]
        worst = sorted(((-len(groups[at]), count) for at, count in counts.items() if count >= 2))[:3]
        told(f"worst contradictions by {dimensions}", [(-of["slips"], of["count"]) for of in found], worst)
