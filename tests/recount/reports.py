"""Reports: a plan rolled up, several bodies side by side and together, and the table of one measure."""

import json

import hold
import years
from budgets import BUDGET
from counts import INSPECTED, MILESTONES, STAFF, Staff, hold_milestones, milestones_of
from hold import ask, few, same, told
from levels import MONEY, PROCESSES, PROJECTS, Levels, shown
from norms import ATTAINMENT, SUMMARY, Norms, hold_summary
from trends import TREND, code, hold_trend, values

KIND = {"Plan": "PLAN", "PolicyField": "POLICY_FIELD", "OperationalGoal": "OPERATIONAL_GOAL"}
KEY = "__typename " + " ".join(f"... on {name} {{ key }}" for name in KIND)
PARTS = f"attainment {SUMMARY} budget {BUDGET} revenue {BUDGET} inspected {INSPECTED}"
REST = f"{{ milestones {MILESTONES} inspectedTwice {INSPECTED} {PARTS} }}"
ROLL = f"{{ record {{ {KEY} }} measures {{ key }} milestones {MILESTONES} {PARTS} }}"


class Reports:
    def __init__(self, register):
        self.register = register
        self.norms, self.levels = Norms(register), Levels(register)
        self.budgets, self.inspections = self.levels.budgets, self.levels.inspections

    def attainments(self, places, year):
        """The norms of all these places, each as often as it is below one: by plans, each once."""
        rows = [row for kind, key in places for row in self.register.followed("norms", kind, key)]
        found = [(row["key"], self.norms.attainment(row, year=year)) for row in rows]
        if len(places) == 1:
            return [it for _, it in found]
        # Of plans that tell of one norm the one that has the last result of it, or of these the last.
        best = {}
        for key, it in found:
            later = self.register.later("NORM", key)
            valued = it.result and it.result.figure.value is not None
            place = (valued, it.result.period.end if valued else None, -len(later)) if valued else (False, -len(later))
            line = (later or [key])[-1]
            best[line] = max(best.get(line, (place, it)), (place, it), key=lambda of: of[0])
        return [it for _, it in best.values()]

    def hold(self, what, found, places, year):
        """Holds what is rolled up of one place, or of several plans together."""
        hold_summary(f"{what} attainment", found["attainment"], self.attainments(places, year), "PRINTED")
        lines, shared = [], []
        for kind, key in places:
            mine = self.budgets.below(kind, key)
            lines, shared = lines + mine[0], shared + mine[1]
        lines = self.budgets.last_of_each(lines) if len(places) > 1 else lines
        for name, direction in (("budget", "EXPENDITURE"), ("revenue", "REVENUE")):
            self.budgets.hold(f"{what} {name}", found[name], lines, shared, year, direction)
        chosen = {row["key"]: row for kind, key in places for row in self.inspections.below(kind, key)}
        chosen = list(chosen.values())
        chosen = self.inspections.last_of_each(chosen) if len(places) > 1 else chosen
        self.inspections.hold(f"{what} inspected", found["inspected"], chosen, year)
        if "milestones" in found:
            projects = set().union(*(self.register.projects(kind, key) for kind, key in places))
            hold_milestones(f"{what} milestones", found["milestones"], self.levels.chosen(places, projects, year), None)

    def hold_levels(self, what, of, places, year, milestones=True):
        """Of which parts it is made up; `of` asks for a field of it."""
        for direction in ("EXPENDITURE",) if hold.FEW else ("EXPENDITURE", "REVENUE"):
            found = of(f"parts: budgetParts(direction: {direction}) {shown(MONEY, BUDGET)}")["parts"]
            self.levels.money(f"{what} {direction} parts", found, places, year, direction)
        found = of(f"inspectedParts {shown(PROCESSES, INSPECTED)}")["inspectedParts"]
        self.levels.inspected(f"{what} inspected parts", found, places, year)
        if milestones:
            found = of(f"milestoneParts {shown(PROJECTS, MILESTONES)}")["milestoneParts"]
            self.levels.milestones(f"{what} milestone parts", found, places, year)

    def hold_rest(self, what, found, plan, year):
        """What none of the rows of a report has."""
        besides = lambda of: self.levels.besides(plan, of)
        norms, _ = besides(lambda kind, key: self.register.followed("norms", kind, key))
        hold_summary(f"{what} attainment", found["attainment"], [self.norms.attainment(row, year=year) for row in norms], "PRINTED")
        lines, _ = besides(lambda kind, key: self.budgets.below(kind, key)[0])
        for name, direction in (("budget", "EXPENDITURE"), ("revenue", "REVENUE")):
            self.budgets.hold(f"{what} {name}", found[name], lines, [], year, direction)
        rest, twice = besides(self.inspections.below)
        self.inspections.hold(f"{what} inspected", found["inspected"], rest, year)
        self.inspections.hold(f"{what} inspected twice", found["inspectedTwice"], twice, year)
        projects = self.register.by_key["PROJECT"]
        rest, _ = besides(lambda kind, key: [projects[it] for it in self.register.projects(kind, key)])
        hold_milestones(f"{what} milestones", found["milestones"], milestones_of(self.register, {row["key"] for row in rest}, year), None)

    def hold_roll(self, what, found, year):
        at = KIND[found["record"]["__typename"]], found["record"]["key"]
        what = f"{what}, {at[1]}"
        told(f"{what} measures", sorted(it["key"] for it in found["measures"]), sorted(self.register.measures(*at)))
        self.hold(what, found, [at], year)

    def last_day(self, body, year):
        """The last day by the end of a year on which the heads of a body were counted."""
        days = {row["date"] for row in self.register.rows("staff-figures") if row["organisationKey"] == body and row["date"] <= f"{year}-12-31"}
        return max(days, default=None)

    def staff_targets(self, plan):
        """The targets of a plan: its own, and those of the body that name no plan, are printed in no other, and are not continued in it."""
        others = [it["documentKey"] for it in self.register.rows("plans") if it["organisationKey"] == plan["organisationKey"] and it["key"] != plan["key"]]
        found = set()
        for row in self.register.rows("staff-targets"):
            following = self.register.next_on("STAFF_TARGET", row["key"], self.register.went, self.register.came)
            goes_on = following and self.register.by_key["STAFF_TARGET"][following]["planKey"] == plan["key"]
            elsewhere = row["printed.documentKey"] and row["printed.documentKey"] in others
            of_body = row["organisationKey"] == plan["organisationKey"] and not row["planKey"]
            if row["planKey"] == plan["key"] or (of_body and not elsewhere and not goes_on):
                found.add(row["key"])
        return sorted(found)


def plan_reports(register):
    of = Reports(register)
    for plan in register.rows("plans"):
        for year in sorted({int(plan["evaluatedYear"] or plan["year"]), int(plan["year"])}):
            asked = f"planReport(plan: {json.dumps(plan['key'])}, year: {year})"
            fields = f"year total {ROLL} withoutGoal {BUDGET} staffTargets {{ key }} staff(by: [LEVEL]) {STAFF}"
            found = ask(f"{{ {asked} {{ {fields} }} }}")["planReport"]
            what = f"report on {plan['key']} {year}"
            of.hold_roll(what, found["total"], year)
            rest = ask(f"{{ {asked} {{ rest {REST} }} }}")["planReport"]["rest"]
            of.hold_rest(f"{what}, the rest", rest, plan["key"], year)
            parts = lambda fields: ask(f"{{ {asked} {{ total {{ {fields} }} }} }}")["planReport"]["total"]
            of.hold_levels(f"{what} total", parts, [("PLAN", plan["key"])], year)
            alone = [line for line in of.budgets.lines.values() if line["planKey"] == plan["key"]]
            alone = [line for line in alone if not (line["operationalGoalKey"] or line["structuralElementKey"] or line["policyFieldKey"])]
            of.budgets.hold(f"{what} without goal", found["withoutGoal"], alone, [], year, "EXPENDITURE")
            told(f"{what} targets", sorted(it["key"] for it in found["staffTargets"]), of.staff_targets(plan))
            day = of.last_day(plan["organisationKey"], year) or f"{year}-12-31"
            Staff(register, plan["organisationKey"], day).hold(f"{what} staff", found["staff"], ["LEVEL"])
            for name, kind, wanted in (
                ("policyFields", "POLICY_FIELD", register.grouped("policy-fields", "planKey")[plan["key"]]),
                ("goals", "OPERATIONAL_GOAL", register.grouped("operational-goals", "planKey")[plan["key"]]),
            ):
                rolls = ask(f"{{ {asked} {{ {name} {ROLL} }} }}")["planReport"][name]
                told(f"{what} {name}", sorted(it["record"]["key"] for it in rolls), sorted(row["key"] for row in wanted))
                for roll in rolls:
                    of.hold_roll(what, roll, year)
            goals = ask(f"{{ {asked} {{ policyFields {{ record {{ {KEY} }} goals {{ record {{ {KEY} }} }} }} }} }}")["planReport"]["policyFields"]
            for field in goals:
                below = sorted(it["record"]["key"] for it in field["goals"])
                told(f"{what} goals of {field['record']['key']}", below, sorted(register.goals("POLICY_FIELD", field["record"]["key"])))


def bodies_reports(register):
    """Of each body the plan that looks back on the year, or else the one that plans it."""
    of, plans = Reports(register), register.rows("plans")
    bodies = {row["key"]: row["parentKey"] for row in register.rows("organisations")}

    def below(body):
        return {body} | {it for child, parent in bodies.items() if parent == body for it in below(child)}

    def chosen(year, wanted):
        found = []
        for body in sorted(wanted):
            mine = [plan for plan in plans if plan["organisationKey"] == body]
            found += [plan for plan in mine if plan["evaluatedYear"] == str(year)] or [plan for plan in mine if plan["year"] == str(year)]
        return [plan["key"] for plan in found]

    for year in few(sorted({int(plan["evaluatedYear"] or plan["year"]) for plan in plans} | {int(plan["year"]) for plan in plans})):
        asked = [(f"year: {year}", set(bodies))]
        for body in bodies:
            asked += [(f'year: {year}, organisations: ["{body}"]', below(body)), (f'year: {year}, organisations: ["{body}"], withChildren: false', {body})]
        for argument, wanted in asked:
            together = f"together {{ plans {{ key }} milestones {MILESTONES} {PARTS} staff(by: [CONTRACT]) {STAFF} }}"
            found = ask(f"{{ bodiesReport({argument}) {{ year withoutPlan {{ key }} sideBySide {{ plan {{ key }} year }} {together} }} }}")["bodiesReport"]
            what, keys = f"bodies {argument}", chosen(year, wanted)
            told(f"{what} side by side", sorted(it["plan"]["key"] for it in found["sideBySide"]), sorted(keys))
            told(f"{what} together", sorted(it["key"] for it in found["together"]["plans"]), sorted(keys))
            having = {register.by_key["PLAN"][key]["organisationKey"] for key in keys}
            told(f"{what} without", sorted(it["key"] for it in found["withoutPlan"]), sorted(wanted - having))
            if keys:
                of.hold(what, found["together"], [("PLAN", key) for key in keys], year)
                parts = lambda fields: ask(f"{{ bodiesReport({argument}) {{ together {{ {fields} }} }} }}")["bodiesReport"]["together"]
                of.hold_levels(what, parts, [("PLAN", key) for key in keys], year)
            days = {body: day for body in having if (day := of.last_day(body, year))}
            staff = sorted(found["together"]["staff"], key=lambda it: (it["date"], str(it)))
            told(f"{what} staff", sorted(it["date"] for it in staff), sorted(days.values()))
            if len(days) == 1:
                for body, day in days.items():
                    Staff(register, body, day).hold(f"{what} staff of {body}", staff[0], ["CONTRACT"])


# ------------------------------------------------------------------------------------------------------------ scoreboards

KINDS = {"RECEIVED": "VOLUMES_AND_NORMS", "HANDLED": "VOLUMES_AND_NORMS", "PAID": "VOLUMES_AND_NORMS", "VOLUME": "VOLUMES_AND_NORMS",
         "SHARE": "VOLUMES_AND_NORMS", "CONTROLS": "INSPECTIONS", "SANCTIONS": "INSPECTIONS", "PROPOSED_RECOVERY": "INSPECTIONS",
         "VEK": "BUDGET_AND_FINANCE", "VAK": "BUDGET_AND_FINANCE"}  # fmt: skip
STANDING = f"{{ indicator {{ key }} basis aggregation period {{ code }} figure {{ ...F }} computed {{ ...F }} known {{ ...F }} agrees trend {{ {TREND} }} }}"


def hold_standing(what, register, found, year):
    key = found["indicator"]["key"]
    basis, period, value, parts, trend, agrees = years.standing(register, values(register, key), key, year)
    told(f"{what} basis", found["basis"], basis)
    told(f"{what} aggregation", found["aggregation"], register.by_key["INDICATOR"][key]["aggregation"] or None)
    told(f"{what} period", code(found["period"]), period and period.code)
    told(f"{what} figure", found["figure"] and found["figure"]["value"], value)
    told(f"{what} parts", (found["computed"] is None, found["known"] is None), (parts is None, parts is None))
    if parts:
        same(f"{what} computed", found["computed"], parts.all, parts.cover)
        same(f"{what} known", found["known"], parts.fold(parts.known), parts.cover)
    told(f"{what} agrees", found["agrees"], agrees)
    hold_trend(f"{what} trend", found["trend"], trend)


def scoreboards(register):
    of = Reports(register)
    for row in register.rows("measures"):
        plan, key = register.by_key["PLAN"][row["planKey"]], row["key"]
        for year in sorted({int(plan["evaluatedYear"] or plan["year"]), int(plan["year"]) - 2})[-1 if hold.FEW else 0 :]:
            fields = f"indicators {STANDING} norms {{ norm {{ key }} {ATTAINMENT} }} {PARTS}"
            domains = "domains { domain others isEmpty indicators { indicator { key } } }"
            asked = f"{{ scoreboard(measure: {json.dumps(key)}, year: {year}) {{ {fields} {domains} }} }}"
            found = ask(asked)["scoreboard"]
            what = f"scoreboard of {key} {year}"
            indicators = register.grouped("indicators", "measureKey")[key]
            told(f"{what} indicators", sorted(it["indicator"]["key"] for it in found["indicators"]), sorted(it["key"] for it in indicators))
            for it in found["indicators"]:
                hold_standing(f"{what} {it['indicator']['key']}", register, it, year)
            norms = {it["key"]: it for it in register.grouped("norms", "measureKey")[key]}
            told(f"{what} norms", sorted(it["norm"]["key"] for it in found["norms"]), sorted(norms))
            for it in found["norms"]:
                of.norms.attainment(norms[it["norm"]["key"]], year=year).hold(f"{what} norm {it['norm']['key']}", it)
            of.hold(what, found, [("MEASURE", key)], year)
            parts = lambda fields: ask(f"{{ scoreboard(measure: {json.dumps(key)}, year: {year}) {{ {fields} }} }}")["scoreboard"]
            of.hold_levels(what, parts, [("MEASURE", key)], year, milestones=False)
            staffed = [it for it in register.rows("links") if (it["fromKind"], it["fromKey"], it["kind"]) == ("MEASURE", key, "STAFFED_BY")]
            others = {"VOLUMES_AND_NORMS": len(norms), "STAFF": len(staffed), "INSPECTIONS": len(of.inspections.below("MEASURE", key)),
                      "BUDGET_AND_FINANCE": len(of.budgets.below("MEASURE", key)[0]), "COMPLAINTS_AND_SATISFACTION": 0}  # fmt: skip
            told(f"{what} domains", [it["domain"] for it in found["domains"]], list(others))
            for it in found["domains"]:
                domain = lambda row: row["domain"] or KINDS.get(row["kind"] or row["kindWord"])
                mine = sorted(row["key"] for row in indicators if domain(row) == it["domain"])
                told(f"{what} {it['domain']}", sorted(of["indicator"]["key"] for of in it["indicators"]), mine)
                told(f"{what} {it['domain']} others", it["others"], others[it["domain"]])
                told(f"{what} {it['domain']} is empty", it["isEmpty"], not mine and not others[it["domain"]])
