"""How levels add up: of which parts a whole is made up, and what a plan has besides the rows of its report."""

import hold
from budgets import BUDGET, Budgets
from counts import INSPECTED, MILESTONES, Inspections, hold_milestones, milestones_of
from hold import entries, few
from register import PLACES, split

MONEY = ("whole", "own", "shared", "withoutMeasure", "elsewhere")
PROCESSES = ("whole", "own", "shared", "withoutMeasure", "across", "elsewhere")
PROJECTS = ("whole", "ofGoals", "withoutGoal", "own", "shared", "withoutStrategicGoal")


def shown(parts, of):
    return "{ " + " ".join(f"{part} {of}" for part in parts) + " }"


class Levels:
    """The parts of a place, or of several plans together."""

    def __init__(self, register):
        self.register, self.budgets, self.inspections = register, Budgets(register), Inspections(register)

    def measures(self, places):
        return {key for kind, key in places for key in self.register.measures(kind, key)}

    def money(self, what, found, places, year, direction):
        lines, shared, below = [], [], self.measures(places)
        for kind, key in places:
            mine = self.budgets.below(kind, key)
            lines, shared = lines + mine[0], shared + mine[1]
        own = {line["key"] for line in lines}
        # What the measures below have, and the places have not.
        far = [line for line in self.budgets.lines.values() if line["key"] not in own and below & set(split(line["measureKeys"]))]
        whole = self.budgets.last_of_each(lines) if len(places) > 1 else lines
        count = lambda line: len(split(line["measureKeys"]))
        parts = {
            "whole": whole,
            "own": [line for line in whole if count(line) == 1],
            "shared": [line for line in whole if count(line) > 1],
            "withoutMeasure": [line for line in whole if count(line) == 0],
            "elsewhere": far,
        }
        for part in MONEY:
            both = [line for line in parts[part] if (count(line) > 1 if part == "elsewhere" else line in shared)]
            self.budgets.hold(f"{what} {part}", found[part], parts[part], both, year, direction)

    def inspected(self, what, found, places, year):
        chosen = {row["key"]: row for kind, key in places for row in self.inspections.below(kind, key)}
        below, covers = self.measures(places), lambda row: set(split(row["measureKeys"]))
        whole = self.inspections.last_of_each(list(chosen.values())) if len(places) > 1 else list(chosen.values())
        parts = {
            "whole": whole,
            "own": [row for row in whole if len(covers(row)) == 1],
            "shared": [row for row in whole if len(covers(row)) > 1],
            "withoutMeasure": [row for row in whole if not covers(row)],
            "across": [row for row in whole if len(covers(row)) > 1 and covers(row) - below],
            "elsewhere": [row for row in self.inspections.processes if row["key"] not in chosen and covers(row) & below],
        }
        for part in PROCESSES:
            self.inspections.hold(f"{what} {part}", found[part], parts[part], year)

    def chosen(self, places, projects, year):
        """The milestones of projects; of several plans in a year without those that a project which continues theirs tells again."""
        found = milestones_of(self.register, projects, year)
        if len(places) == 1 or year is None:
            return found
        keys = {key for place in places for key in self.register.projects(*place)}
        told = {(it.row["projectKey"], *self.place(it.row)) for it in milestones_of(self.register, keys, year, True)}
        later = lambda row: self.register.later("PROJECT", row["projectKey"])
        return [it for it in found if not any((key, *self.place(it.row)) in told for key in later(it.row))]

    def place(self, row):
        return row["table"], row["tableWord"], row["number"]

    def milestones(self, what, found, places, year):
        keys = {key for place in places for key in self.register.projects(*place)}
        whole = [row for row in self.register.rows("projects") if row["key"] in keys]
        goals = lambda row: len(split(row["strategicGoalKeys"]))
        parts = {
            "whole": whole,
            "ofGoals": [row for row in whole if row["operationalGoalKey"]],
            "withoutGoal": [row for row in whole if not row["operationalGoalKey"]],
            "own": [row for row in whole if goals(row) == 1],
            "shared": [row for row in whole if goals(row) > 1],
            "withoutStrategicGoal": [row for row in whole if goals(row) == 0],
        }
        for part in PROJECTS:
            chosen = self.chosen(places, {row["key"] for row in parts[part]}, year)
            hold_milestones(f"{what} {part}", found[part], chosen, None)

    def besides(self, plan, of):
        """What of a plan none of the rows of its report has: neither its policy fields nor the goals right under it."""
        rows = [("POLICY_FIELD", row["key"]) for row in self.register.grouped("policy-fields", "planKey")[plan]]
        rows += [("OPERATIONAL_GOAL", row["key"]) for row in self.register.grouped("operational-goals", "planKey")[plan]]
        there = [row["key"] for at in rows for row in of(*at)]
        twice = {key for key in there if there.count(key) > 1}
        rest = [row for row in of("PLAN", plan) if row["key"] not in there]
        return rest, [row for row in of("PLAN", plan) if row["key"] in twice]


def budget_parts(register):
    of = Levels(register)
    for direction in ("EXPENDITURE", "REVENUE"):
        for year in few(of.budgets.all_years)[-1:] if hold.FEW else of.budgets.all_years:
            # Of measures the scoreboards tell them too.
            for name, kind in PLACES[1:] if hold.FEW else PLACES:
                for node in entries(name, f"key budgetParts(year: {year}, direction: {direction}) {shown(MONEY, BUDGET)}", size=20):
                    of.money(f"{kind} {node['key']} {year} {direction}", node["budgetParts"], [(kind, node["key"])], year, direction)


def inspected_parts(register):
    of = Levels(register)
    for year in few(sorted({year for _, year in of.inspections.cells}))[-1 if hold.FEW else 0 :]:
        for name, kind in PLACES:
            for node in entries(name, f"key inspectedParts(year: {year}) {shown(PROCESSES, INSPECTED)}", size=20):
                of.inspected(f"parts of {kind} {node['key']} {year}", node["inspectedParts"], [(kind, node["key"])], year)


def milestone_parts(register):
    of = Levels(register)
    for year in few([None] + sorted({int(row["year"]) for row in register.rows("milestones")}))[-1 if hold.FEW else 0 :]:
        argument = f"(year: {year})" if year else ""
        for name, kind in PLACES[1:]:
            for node in entries(name, f"key milestoneParts{argument} {shown(PROJECTS, MILESTONES)}", size=20):
                of.milestones(f"parts of {kind} {node['key']} {year}", node["milestoneParts"], [(kind, node["key"])], year)
