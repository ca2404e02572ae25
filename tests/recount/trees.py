"""What hangs on a record and on nothing; what a round expects; what became of a plan in the next; and how many records there are."""

import json
from collections import Counter, defaultdict
from datetime import date, timedelta
from fractions import Fraction

from hold import ask, entries, same, told
from periods import Period, last_of, one_form
from register import FILES, PLACES, Figure, split

# What stands below something else when it refers to it: kind, file, and the columns that lead up.
BELOW = [
    ("POLICY_FIELD", "planKey"), ("STRUCTURAL_ELEMENT", "policyFieldKey"), ("STRATEGIC_GOAL", "planKey"),
    ("OPERATIONAL_GOAL", "structuralElementKey policyFieldKey planKey strategicGoalKeys"),
    ("PROJECT", "planKey operationalGoalKey strategicGoalKeys"), ("MEASURE", "planKey operationalGoalKey"), ("INDICATOR", "measureKey"),
    ("NORM", "measureKey"), ("BUDGET_LINE", "planKey operationalGoalKey structuralElementKey policyFieldKey measureKeys articleKeys"),
    ("INSPECTED_PROCESS", "planKey measureKeys"), ("STAFF_TARGET", "planKey organisationKey"),
]  # fmt: skip
COLUMNS = {
    "planKey": "PLAN", "policyFieldKey": "POLICY_FIELD", "structuralElementKey": "STRUCTURAL_ELEMENT", "strategicGoalKeys": "STRATEGIC_GOAL",
    "operationalGoalKey": "OPERATIONAL_GOAL", "measureKey": "MEASURE", "measureKeys": "MEASURE", "projectKey": "PROJECT",
    "indicatorKey": "INDICATOR", "normKey": "NORM", "budgetLineKey": "BUDGET_LINE", "processKey": "INSPECTED_PROCESS",
    "articleKeys": "BUDGET_ARTICLE", "organisationKey": "ORGANISATION",
}  # fmt: skip
# Records whose keys are made of their fields: each row is one.
PARTS = [
    ("PROJECT_YEAR", "project-years", "projectKey"), ("MILESTONE", "milestones", "projectKey"), ("OBSERVATION", "observations", "indicatorKey"),
    ("NORM_RESULT", "norm-results", "normKey"), ("BUDGET_AMOUNT", "budget-amounts", "budgetLineKey"), ("INSPECTION", "inspections", "processKey"),
]  # fmt: skip
KINDS = [
    "POLICY_FIELD", "STRUCTURAL_ELEMENT", "STRATEGIC_GOAL", "OPERATIONAL_GOAL", "PROJECT", "PROJECT_YEAR", "MILESTONE", "MEASURE", "INDICATOR",
    "OBSERVATION", "NORM", "NORM_RESULT", "BUDGET_LINE", "BUDGET_AMOUNT", "INSPECTED_PROCESS", "INSPECTION", "STAFF_TARGET", "TARGET",
]  # fmt: skip
DOWN = {"CARRIED_OUT_BY", "PAID_FROM", "STAFFED_BY"}


class Tree:
    def __init__(self, register):
        self.register, self.children, self.rows = register, defaultdict(list), {}
        for kind, columns in BELOW:
            for row in register.rows(FILES[kind]):
                self.put((kind, row["key"]), row, [(COLUMNS[column], key) for column in columns.split() for key in split(row[column])])
                if row["subjectKind"]:
                    self.put((kind, row["key"]), row, [(row["subjectKind"], row["subjectKey"])])
        for kind, file, column in PARTS:
            for at, row in enumerate(register.rows(file)):
                self.put((kind, at), row, [(COLUMNS[column], row[column])])
        for row in register.rows("targets"):
            earlier = [("TARGET", row["supersedesKey"])] if row["supersedesKey"] else []
            self.put(("TARGET", row["key"]), row, [(row["kind"], row["ofKey"])] + earlier)
        self.links = defaultdict(list)
        for row in register.rows("links"):
            ends = (row["fromKind"], row["fromKey"]), (row["toKind"], row["toKey"])
            self.links[ends[0]].append((row["kind"], True, ends[1]))
            self.links[ends[1]].append((row["kind"], False, ends[0]))

    def put(self, record, row, parents):
        self.rows[record] = row
        for parent in parents:
            if record not in self.children[parent]:
                self.children[parent].append(record)

    def place(self, record):
        """Kinds in their order, and of each the records in the document's order: which of two that are one comes first."""
        position = self.rows[record]["position"]
        return KINDS.index(record[0]), int(position) if position else 10**6, str(record[1])

    def same(self, record):
        """All that are linked with a record as one thing, with itself."""
        found, following = set(), [record]
        while following:
            at = following.pop()
            if at not in found:
                found.add(at)
                following += [other for kind, _, other in self.links[at] if kind == "SAME_AS"]
        return found

    def hanging(self, roots, both=False):
        """All that hangs on records, each once; of two that are the same only the nearer, or else the first, unless both are asked for."""
        found, same_as, level = {}, set(), list(roots)
        while level:
            following = []
            for record in level:
                if record in found or record in same_as:
                    continue
                found[record] = True
                following += self.children[record]
                for kind, goes_out, other in self.links[record]:
                    if kind == "SAME_AS" and both:
                        following.append(other)
                    elif kind == "SAME_AS":
                        same_as |= self.same(other)
                    elif (kind in DOWN and goes_out) or (kind == "CONTRIBUTES_TO" and not goes_out):
                        following.append(other)
            level = sorted(following, key=self.place)
        return list(found)


HANGING = "{ count kinds { kind count } money { direction year phase stage credit creditKind unit sum { ...F } } sharedLines { key } heads { ...F } fte { ...F } }"


def hold_hanging(tree, what, found, records):
    told(f"{what} count", found["count"], len(records))
    told(f"{what} kinds", {it["kind"]: it["count"] for it in found["kinds"]}, dict(Counter(kind for kind, _ in records)))
    lines = {key: tree.rows["BUDGET_LINE", key] for kind, key in records if kind == "BUDGET_LINE"}
    purses = defaultdict(list)
    for row in (tree.rows[record] for record in records if record[0] == "BUDGET_AMOUNT"):
        if not row["adjustment"]:
            direction = tree.rows["BUDGET_LINE", row["budgetLineKey"]]["direction"]
            figure = Figure(row, "figure")
            at = (direction, int(row["year"]), row["phase"], row["stage"] or None, row["credit"], row["creditKind"] or None, figure.code or figure.unit)
            purses[at].append(figure)
    money = {tuple(it[name] for name in ("direction", "year", "phase", "stage", "credit", "creditKind", "unit")): it["sum"] for it in found["money"]}
    told(f"{what} purses", sorted(map(str, money)), sorted(map(str, purses)))
    for at, of in money.items():
        parts = [figure for figure in purses.get(at, []) if figure.applies]
        known = [figure.value for figure in parts if figure.value is not None]
        same(f"{what} {at}", of, sum(known) if known and len(known) == len(parts) else None, (len(known), len(parts) - len(known)))
    among = set(records)

    def is_shared(line):
        measures, goal = split(line["measureKeys"]), line["operationalGoalKey"]
        return any(("MEASURE", key) not in among for key in measures) if measures else bool(goal) and ("OPERATIONAL_GOAL", goal) not in among

    told(f"{what} shared", sorted(it["key"] for it in found["sharedLines"]), sorted(key for key, line in lines.items() if is_shared(line)))


def trees(register):
    tree = Tree(register)
    for name, kind in PLACES + [("projects", "PROJECT")]:
        for node in entries(name, f"key hanging {HANGING}", size=20):
            records = [record for record in tree.hanging([(kind, node["key"])]) if record != (kind, node["key"])]
            hold_hanging(tree, f"hanging on {kind} {node['key']}", node["hanging"], records)
    for plan in register.rows("plans"):
        goals = [("OPERATIONAL_GOAL", key) for key in register.goals("PLAN", plan["key"])]
        goals += [("STRATEGIC_GOAL", row["key"]) for row in register.grouped("strategic-goals", "planKey")[plan["key"]]]
        attached = set(tree.hanging(goals, both=True))
        levels = {"PLAN", "POLICY_FIELD", "STRUCTURAL_ELEMENT"}
        records = [it for it in tree.hanging([("PLAN", plan["key"])]) if it[0] not in levels and it not in attached]
        found = ask(f"{{ unattached(plan: {json.dumps(plan['key'])}) {HANGING} }}")["unattached"]
        hold_hanging(tree, f"unattached in {plan['key']}", found, records)


# ---------------------------------------------------------------------------------------------------------------- rounds

MONTHS = {"MONTHLY": 1, "QUARTERLY": 3, "HALF_YEARLY": 6, "YEARLY": 12}
REPORTING = "{ of expected delivered inTime late completeness timeliness }"


def due(register, row, on):
    """What a round expects: period, indicator, and how it stands."""
    plan = register.by_key["PLAN"][row["planKey"]]
    month = register.first_month("PLAN", plan["key"])
    until, deadline = date.fromisoformat(row["referenceDate"]), date.fromisoformat(row["deadline"])
    others = [it["referenceDate"] for it in register.rows("rounds") if it["planKey"] == plan["key"] and it["referenceDate"] < row["referenceDate"]]
    after = date.fromisoformat(max(others)) if others else date(int(plan["year"]), month, 1) - timedelta(days=1)
    for indicator in register.followed("indicators", "PLAN", plan["key"]):
        length = MONTHS.get(indicator["frequency"])
        for start in range(after.year * 12 - 24, until.year * 12 + 12) if length else []:
            end = last_of((start + length - 1) // 12, (start + length - 1) % 12 + 1)
            if (start - (month - 1)) % length or not after < end <= until:
                continue
            begin = date(start // 12, start % 12 + 1, 1)
            came = None
            for period, it in register.periods("observations", "indicatorKey")[indicator["key"]]:
                whole = not it["categoryKeys"] and it["state"] != "FORECAST" and it["figure.status"] != "NOT_REPORTED"
                if whole and period.end == end and (period.start == begin or it["yearToDate"] == "true"):
                    came = it if came is None else came
            late = "MISSING" if on > deadline else "NOT_YET"
            day = came and came["delivered"]
            state = late if came is None else "UNDATED" if not day else "IN_TIME" if date.fromisoformat(day) <= deadline else "LATE"
            yield one_form(begin, end), indicator, state, came


def hold_reporting(what, found, of):
    count = lambda *states: sum(1 for _, _, state, _ in of if state in states)
    came = count("IN_TIME", "LATE", "UNDATED")
    told(what, [found[it] for it in ("expected", "delivered", "inTime", "late")], [len(of), came, count("IN_TIME"), count("LATE", "MISSING")])
    share = lambda part: None if not of else round(Fraction(part, len(of)), 4)
    for name, part in (("completeness", came), ("timeliness", count("IN_TIME"))):
        close = found[name] is not None and of and abs(Fraction(found[name]) - Fraction(part, len(of))) <= Fraction(1, 20000)
        told(f"{what} {name}", bool(close) or (found[name] is None and not of), True)


def owner_of(register, indicator):
    return indicator["owner"] or register.by_key["MEASURE"].get(indicator["measureKey"], {"owner": ""})["owner"] or None


def list_of_deliveries(register):
    """What each round expects, and what of it came."""
    expected = {}
    for row in register.rows("rounds"):
        for period, indicator, state, came in due(register, row, date.fromisoformat(row["deadline"])):
            expected[f"{row['key']}/{indicator['key']}/{period}"] = {
                "roundKey": row["key"],
                "indicatorKey": indicator["key"],
                "measureKey": indicator["measureKey"] or None,
                "planKey": row["planKey"],
                "owner": owner_of(register, indicator),
                "period": period,
                "deadline": row["deadline"],
                "delivered": int(came is not None),
                "inTime": None if state == "UNDATED" else int(state == "IN_TIME"),
                "deliveredOn": came and came["delivered"] or None,
            }
    return expected


def rounds(register):
    owner = lambda it: owner_of(register, it)

    def goal(it):
        if it["subjectKind"] == "OPERATIONAL_GOAL":
            return it["subjectKey"]
        return register.by_key["MEASURE"].get(it["measureKey"], {"operationalGoalKey": ""})["operationalGoalKey"] or None

    by = {"OWNER": owner, "MEASURE": lambda it: it["measureKey"] or None, "GOAL": goal}
    for day in ("", "2031-01-01"):
        argument = f'(on: "{day}")' if day else ""
        also = " ".join(f'{name}: reportingBy(by: {name}{f", on: {json.dumps(day)}" if day else ""}) {REPORTING}' for name in by)
        for node in entries("rounds", f"key reporting{argument} {REPORTING} expected{argument} {{ indicator {{ key }} period owner state }} {also}"):
            row = next(it for it in register.rows("rounds") if it["key"] == node["key"])
            of = list(due(register, row, date.fromisoformat(day or row["deadline"])))
            what = f"round {node['key']} {day}"
            hold_reporting(what, node["reporting"], of)
            listed = sorted((it["indicator"]["key"], it["period"], it["state"], it["owner"] or "") for it in node["expected"])
            told(f"{what} expected", listed, sorted((it["key"], period, state, owner(it) or "") for period, it, state, _ in of))
            for name, group in by.items():
                groups = defaultdict(list)
                for it in of:
                    groups[group(it[1])].append(it)
                told(f"{what} by {name}", {it["of"] for it in node[name]}, set(groups))
                for it in node[name]:
                    hold_reporting(f"{what} by {name} {it['of']}", it, groups[it["of"]])


# ------------------------------------------------------------------------------------------------- gaps, plans, all records


def orphans(register):
    for plan in [None] + [row["key"] for row in register.rows("plans")]:
        found = ask(f"{{ orphans{f'(planKey: {json.dumps(plan)})' if plan else ''} {{ gap count }} }}")["orphans"]
        plans = {plan} if plan else set(register.years)
        mine = lambda name: [row for row in register.rows(name) if row["planKey"] in plans]
        measures = {row["key"]: row for row in mine("measures")}
        spent = [row for row in mine("budget-lines") if row["direction"] == "EXPENDITURE"]
        is_home = lambda row: bool(row["operationalGoalKey"] or row["structuralElementKey"] or row["policyFieldKey"])
        served = {row["operationalGoalKey"] for row in register.rows("measures")}
        indicators = [row for row in register.rows("indicators") if row["measureKey"] in measures]
        norms = [row for row in register.rows("norms") if row["measureKey"] in measures]
        blank = lambda name, owner, key: all(row["figure.status"] == "NOT_REPORTED" for row in register.grouped(name, owner)[key])
        expected = {
            "GOAL_WITHOUT_MEASURE": sum(1 for it in plans for goal in register.goals("PLAN", it) if goal not in served),
            "MEASURE_WITHOUT_GOAL": sum(1 for row in measures.values() if not row["operationalGoalKey"]),
            "MONEY_WITHOUT_GOAL": sum(1 for row in spent if not is_home(row)),
            "MONEY_WITHOUT_MEASURE": sum(1 for row in spent if is_home(row) and not row["measureKeys"]),
            "INDICATOR_WITHOUT_OBSERVATION": sum(1 for row in indicators if blank("observations", "indicatorKey", row["key"])),
            "NORM_WITHOUT_TARGET": sum(1 for row in norms if Figure.of(row, "target") is None),
            "NORM_WITHOUT_RESULT": sum(1 for row in norms if blank("norm-results", "normKey", row["key"])),
        }
        told(f"orphans of {plan}", {it["gap"]: it["count"] for it in found if it["gap"] in expected}, expected)


def records(register):
    """How many records of each kind there are: a row of a file is one."""
    found = {of["kind"]: of["count"] for of in ask("{ register { counts { kind count } } }")["register"]["counts"]}
    for kind, name in list(FILES.items()) + [(kind, file) for kind, file, _ in PARTS] + [("TARGET", "targets"), ("STAFF_FIGURE", "staff-figures")]:
        told(f"records of {kind}", found.get(kind, 0), len(register.rows(name)))
