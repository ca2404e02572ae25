"""The CSV files of a register, and the ways through them: what stands below what, and what goes on from one plan to the next."""

import csv
from collections import defaultdict
from datetime import date
from fractions import Fraction

from periods import Period

FILES = {
    "PLAN": "plans", "POLICY_FIELD": "policy-fields", "STRUCTURAL_ELEMENT": "structural-elements", "STRATEGIC_GOAL": "strategic-goals",
    "OPERATIONAL_GOAL": "operational-goals", "PROJECT": "projects", "MEASURE": "measures", "INDICATOR": "indicators", "NORM": "norms",
    "BUDGET_LINE": "budget-lines", "INSPECTED_PROCESS": "inspected-processes", "STAFF_TARGET": "staff-targets", "ORGANISATION": "organisations",
}  # fmt: skip


class Row(dict):
    """A row; a column that the file has not is blank."""

    file = ""

    def __missing__(self, _):
        return ""


def number(text):
    return Fraction(text) if text else None


def split(cell):
    return [part.strip() for part in cell.split("|") if part.strip()]


class Figure:
    """A figure of a row: its value, why it has none, and what it counts."""

    def __init__(self, row, name):
        self.row, self.name = row, name
        self.text, self.value = row[f"{name}.value"], number(row[f"{name}.value"])
        self.status, self.unit = row[f"{name}.status"], row[f"{name}.unit"]
        self.code, self.printed = row[f"{name}.unitCode"], row[f"{name}.printed.text"]
        self.cited = row[f"{name}.printed.documentKey"]
        self.counts = (self.unit, self.code)
        self.applies = self.status != "NOT_APPLICABLE"

    @classmethod
    def of(cls, row, name):
        """The figure, or None where the row has none."""
        return cls(row, name) if row[f"{name}.status"] or row[f"{name}.value"] else None


class Register:
    def __init__(self, folders):
        self.folders, self.read = folders, {}
        self.by_key = {kind: {row["key"]: row for row in self.rows(name)} for kind, name in FILES.items()}
        self.years = {row["key"]: int(row["year"]) for row in self.rows("plans")}
        self.came, self.went = defaultdict(list), defaultdict(list)
        for row in self.rows("lineages"):
            self.came[row["kind"], row["successorKey"]].append((row["relation"], row["predecessorKey"]))
            self.went[row["kind"], row["predecessorKey"]].append((row["relation"], row["successorKey"]))

    def rows(self, name):
        if name not in self.read:
            found = []
            for path in (folder / f"{name}.csv" for folder in self.folders):
                if path.exists():
                    with open(path, newline="", encoding="utf-8") as file:
                        found += [Row({column: cell or "" for column, cell in row.items()}) for row in csv.DictReader(file)]
            for row in found:
                row.file = name
            self.read[name] = found
        return self.read[name]

    def grouped(self, name, column):
        """The rows of a file by what they refer to."""
        at = (name, column)
        if at not in self.read:
            self.read[at] = defaultdict(list)
            for row in self.rows(name):
                for key in split(row[column]):
                    self.read[at][key].append(row)
        return self.read[at]

    # ------------------------------------------------------------------------------------------------------- the goal tree

    def plan_of(self, kind, key):
        """The plan of a record, directly or through what it hangs on; None where that belongs to none."""
        while kind != "PLAN":
            row = self.by_key[kind].get(key, Row())
            homes = [("PLAN", row["planKey"]), ("POLICY_FIELD", row["policyFieldKey"]), ("STRUCTURAL_ELEMENT", row["structuralElementKey"])]
            if kind in ("BUDGET_LINE", "STAFF_TARGET"):
                homes = homes[:1]
            if kind in ("INDICATOR", "NORM"):
                homes = [("MEASURE", row["measureKey"]), (row["subjectKind"], row["subjectKey"])]
            kind, key = next((home for home in homes if home[1]), ("", ""))
            if kind in ("", "ORGANISATION"):
                return None
        return key

    def plan(self, kind, key):
        return self.by_key["PLAN"].get(self.plan_of(kind, key))

    def body_of(self, kind, key):
        """The body of a record: that of its plan, or what it hangs on itself."""
        row, plan = self.by_key[kind].get(key, Row()), self.plan(kind, key)
        return plan["organisationKey"] if plan else row["subjectKey"] if row["subjectKind"] == "ORGANISATION" else ""

    def first_month(self, kind, key):
        """The month in which the years of its body begin."""
        return int(self.by_key["ORGANISATION"].get(self.body_of(kind, key), Row())["yearStart"] or 1)

    def closing_day(self, plan):
        """The day on which the figures of a plan were closed, else that of its document, else the end of the year that it is about."""
        dated = {row["key"]: row["date"] for row in self.rows("documents")}
        day = plan["closingDate"] or dated.get(plan["documentKey"], "") or f"{plan['evaluatedYear'] or plan['year']}-12-31"
        return date.fromisoformat(day)

    def goals(self, kind, key):
        """The operational goals of a record, or that serve it."""
        if kind == "OPERATIONAL_GOAL":
            return [key]
        if kind == "STRATEGIC_GOAL":
            return [row["key"] for row in self.grouped("operational-goals", "strategicGoalKeys")[key]]
        own = {"STRUCTURAL_ELEMENT": "structuralElementKey", "POLICY_FIELD": "policyFieldKey", "PLAN": "planKey"}.get(kind)
        found = [row["key"] for row in self.grouped("operational-goals", own)[key]] if own else []
        below = {"POLICY_FIELD": ("STRUCTURAL_ELEMENT", "policyFieldKey"), "PLAN": ("POLICY_FIELD", "planKey")}.get(kind)
        if below:
            for row in self.grouped(FILES[below[0]], below[1])[key]:
                found += self.goals(below[0], row["key"])
        return found

    def measures(self, kind, key):
        """The keys of the measures below a record."""
        if kind == "MEASURE":
            return [key]
        if kind == "PLAN":
            return [row["key"] for row in self.grouped("measures", "planKey")[key]]
        return [row["key"] for goal in self.goals(kind, key) for row in self.grouped("measures", "operationalGoalKey")[goal]]

    def projects(self, kind, key):
        """The projects of a record."""
        if kind == "PROJECT":
            return {key}
        column = {"PLAN": "planKey", "STRATEGIC_GOAL": "strategicGoalKeys"}.get(kind)
        if column:
            return {row["key"] for row in self.grouped("projects", column)[key]}
        return {row["key"] for goal in self.goals(kind, key) for row in self.grouped("projects", "operationalGoalKey")[goal]}

    def subjects(self, kind, key):
        """What figures may hang on in a record besides its measures: itself, and what stands below it, projects and processes too."""
        goals = set(self.goals(kind, key))
        found = {(kind, key)} | {("OPERATIONAL_GOAL", goal) for goal in goals}
        elements = self.rows("structural-elements")
        fields = [key] if kind == "POLICY_FIELD" else []
        if kind == "PLAN":
            fields = [row["key"] for row in self.grouped("policy-fields", "planKey")[key]]
            found |= {("STRATEGIC_GOAL", row["key"]) for row in self.grouped("strategic-goals", "planKey")[key]}
            found |= {("INSPECTED_PROCESS", row["key"]) for row in self.grouped("inspected-processes", "planKey")[key]}
        found |= {("POLICY_FIELD", field) for field in fields}
        found |= {("STRUCTURAL_ELEMENT", row["key"]) for row in elements if row["policyFieldKey"] in fields}
        if kind != "MEASURE":
            found |= {("PROJECT", project) for project in self.projects(kind, key)}
            found |= {("PROJECT", row["key"]) for goal in goals for row in self.grouped("projects", "operationalGoalKey")[goal]}
        return found

    def followed(self, name, kind, key):
        """The indicators or norms of a record: those of its measures, and those that hang on it or on what stands below it."""
        measures, subjects = set(self.measures(kind, key)), self.subjects(kind, key)
        return [row for row in self.rows(name) if row["measureKey"] in measures or (row["subjectKind"], row["subjectKey"]) in subjects]

    # ---------------------------------------------------------------------------------------------------------------- lines

    def next_on(self, kind, key, there, back):
        """The record of the nearest plan on that side which continues, or is continued by, this one, where each is the other's only nearest."""

        def nearest(key, side):
            found = [(self.years.get(self.plan_of(kind, other)), other) for relation, other in side[kind, key] if relation == "CONTINUES"]
            years = [year for year, _ in found if year is not None]
            at = (max if side is self.came else min)(years) if years else None
            first = [other for year, other in found if year == at]
            return first[0] if len(first) == 1 else None

        found = nearest(key, there)
        return found if found and nearest(found, back) == key else None

    def along(self, kind, key, there, back):
        found = [key]
        while (following := self.next_on(kind, found[-1], there, back)) and following not in found:
            found.append(following)
        return found[1:]

    def earlier(self, kind, key):
        """What lies before a record on its line, the nearest first."""
        return self.kept(("earlier", kind, key), lambda: self.along(kind, key, self.came, self.went))

    def later(self, kind, key):
        return self.kept(("later", kind, key), lambda: self.along(kind, key, self.went, self.came))

    def line(self, kind, key):
        return self.earlier(kind, key)[::-1] + [key] + self.later(kind, key)

    def turns(self, kind, key):
        """Where other records come into a line, or go out of it."""
        line = self.line(kind, key)
        came = [(relation, other, at) for at in line for relation, other in self.came[kind, at]]
        went = [(relation, at, other) for at in line for relation, other in self.went[kind, at]]
        return sorted(turn for turn in came + went if not (turn[1] in line and turn[2] in line))

    def kept(self, at, make):
        if at not in self.read:
            self.read[at] = make()
        return self.read[at]

    def periods(self, name, owner):
        """The rows of a file by what they are of, each with its period."""

        def make():
            found = defaultdict(list)
            for row in self.rows(name):
                found[row[owner]].append((Period(row["period"]), row))
            return found

        return self.kept((name, "periods"), make)


# What has figures rolled up: how the API calls it, and its kind.
PLACES = [
    ("measures", "MEASURE"), ("operationalGoals", "OPERATIONAL_GOAL"), ("structuralElements", "STRUCTURAL_ELEMENT"),
    ("policyFields", "POLICY_FIELD"), ("strategicGoals", "STRATEGIC_GOAL"), ("plans", "PLAN"),
]  # fmt: skip
