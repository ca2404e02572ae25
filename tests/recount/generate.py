"""Makes up a register as CSV files: believable bodies with plans of several years, and all that makes figures hard.

    python3 generate.py SEED FOLDER [SIZE]

Of one seed always the same files. Three bodies: one with all levels of the goal tree; one below it, with a namespace of its own and years
that begin in April, whose goals stand under chapters, policy fields or the plan; and one in another currency with plans alone. What goes on
from a plan to the next is drawn by chance, and so is what does not: splits, mergers, and two records that both say to continue one. Only
the standard library is used.
"""

import csv
import random
import sys
from pathlib import Path

from prose import Prose

DICE = random.Random(int(sys.argv[1]))
OUT = Path(sys.argv[2])
SIZE = float(sys.argv[3]) if len(sys.argv) > 3 else 1.0
TABLES = {}


def put(table, /, **row):
    """A row; a double underscore in a name stands for the dot of a path."""
    named = {name.replace("__", "."): value for name, value in row.items() if value not in (None, "")}
    TABLES.setdefault(table, []).append(named)
    return row.get("key")


def chance(share):
    return DICE.random() < share


def many(least, most):
    """How many there are, by the size of the register."""
    return max(1, round(DICE.randint(least, most) * SIZE))


def some(things, least=0, most=3):
    things = list(things)
    return DICE.sample(things, min(len(things), DICE.randint(least, most)))


def maybe(things, share=0.5):
    return DICE.choice(list(things)) if things and chance(share) else ""


def joined(keys):
    return "|".join(keys)


def dutch(value, unit):
    """A number as Dutch documents print it."""
    if unit in ("RATIO", "RATIO_POINTS"):
        whole = value.replace("-", "")
        before, _, after = whole.partition(".")
        digits = before + after.ljust(2, "0")
        places = max(len(after), 2) - 2
        head, tail = (digits[:-places], digits[-places:]) if places else (digits, "")
        text = str(int(head or "0")) + ("," + tail if tail else "")
        return ("-" if value.startswith("-") else "") + text + ("%" if unit == "RATIO" else " ppt.")
    whole, _, rest = value.partition(".")
    grouped = "-0" if int(whole) == 0 and whole.startswith("-") else f"{int(whole):,}".replace(",", " ")
    return ("€ " if unit == "EUR" else "") + grouped + ("," + rest if rest else "")


def number(unit, near=None):
    """A value of that unit: mostly one that might be so, sometimes zero, negative or of another size."""
    if unit in ("RATIO", "RATIO_POINTS"):
        places = DICE.choice([2, 2, 3, 3, 4])
        low, high = (-0.3, 0.3) if unit == "RATIO_POINTS" else (0.6, 1.1) if chance(0.8) else (-0.2, 3)
        return f"{DICE.uniform(low, high):.{places}f}"
    if chance(0.06):
        return "0"
    if near is not None and chance(0.7):
        value = near * DICE.uniform(0.7, 1.3)
    else:
        value = 10 ** DICE.uniform(0, 6 if unit == "EUR" else 4)
    if unit in ("EUR", "OTHER"):
        return f"{-value if chance(0.03) else value:.{DICE.choice([0, 0, 2])}f}"
    return str(round(value))


def figure(name, unit, document="", known=0.85, near=None, value=None, code=""):
    """The columns of a figure: a value with or without its cell, or one of the reasons why there is none."""
    row = {f"{name}__unit": unit, f"{name}__unitCode": code}
    if value is None and not chance(known):
        return row | {f"{name}__status": DICE.choice(["NOT_REPORTED", "NOT_REPORTED", "NOT_APPLICABLE", "NOT_AVAILABLE"])}
    value = number(unit, near) if value is None else value
    if value.startswith("-") and float(value) == 0:
        value = value[1:]
    row |= {f"{name}__status": "REPORTED", f"{name}__value": value}
    if document and chance(0.6):
        row |= {f"{name}__printed__documentKey": document, f"{name}__printed__text": dutch(value, unit)}
    return row


STATUSES = ["REALISED", "ON_SCHEDULE", "IN_PREPARATION", "NOT_STARTED", "DELAYED", "ON_HOLD", "STOPPED", "REORIENTED"]
AIMS = ["", "", "AT_LEAST", "AT_MOST", "EXACTLY", "WITHIN"]
CARRIED = {
    "policy-fields": "POLICY_FIELD", "structural-elements": "STRUCTURAL_ELEMENT", "strategic-goals": "STRATEGIC_GOAL",
    "operational-goals": "OPERATIONAL_GOAL", "projects": "PROJECT", "measures": "MEASURE", "indicators": "INDICATOR", "norms": "NORM",
    "budget-lines": "BUDGET_LINE", "inspected-processes": "INSPECTED_PROCESS", "staff-targets": "STAFF_TARGET",
}  # fmt: skip


class Body:
    def __init__(self, key, namespace="", parent="", start="", levels=("element",), currency="EUR"):
        self.key, self.prefix, self.levels, self.start = key, f"{namespace}:" if namespace else "", levels, start
        self.money = ("EUR", "") if currency == "EUR" else ("OTHER", currency)
        put("organisations", key=key, name=key.title(), namespace=namespace, parentKey=parent, yearStart=start)
        for at in range(2):
            put("categories", key=f"{self.prefix}cat-{at}", dimension="sex", name=f"{key} {at}", organisationKey=key, position=at)
        self.categories = [f"{self.prefix}cat-{at}" for at in range(2)]
        self.articles = [f"{self.prefix}{part}-{at}" for part in "AB" for at in range(2)]
        for code in self.articles:
            put("budget-articles", code=code, organisationKey=key)
        part = put("article-parts", key=f"{self.prefix}programme", organisationKey=key, position=1, name="Programme",
                   mask=f"{self.prefix}X-." if not namespace else f"{'.' * len(namespace)}:X-.")  # fmt: skip
        put("article-terms", partKey=part, code="A", meaning="The first programme")
        self.before = None

    def key_of(self, *parts):
        return self.prefix + "/".join(str(part) for part in parts)


class Made:
    """The plan of a body for a year."""

    def __init__(self, body, year):
        self.body, self.year, self.kinds = body, year, {}
        self.plan = body.key_of(f"{body.key}-{year}")
        self.document = body.key_of(f"doc-{year}")
        put("documents", key=self.document, title=f"Plan {year}", organisationKey=body.key, date=maybe([f"{year}-02-15"], 0.7))
        bands = {"metFrom": "0.98", "nearlyMetFrom": "0.85", "partlyMetFrom": "0.5"} if chance(0.3) else {}
        put("plans", key=self.plan, organisationKey=body.key, year=year, evaluatedYear=year - 1 if chance(0.85) else "", title="Plan",
            documentKey=maybe([self.document], 0.9), closingDate=maybe([f"{year}-01-31", f"{year - 1}-11-30"], 0.4), **bands)  # fmt: skip
        for part in (self.goals_and_measures, self.projects, self.followed, self.money, self.inspected, self.people, self.rounds, self.links):
            part()
        Prose(self, DICE, TABLES, put, figure).all()

    def add(self, table, short, /, **row):
        key = self.body.key_of(f"{self.body.key}-{self.year}", short)
        self.kinds.setdefault(table, []).append((short, put(table, key=key, **row)))
        return key

    def keys(self, table):
        return [key for _, key in self.kinds.get(table, [])]

    def goals_and_measures(self):
        levels, add = self.body.levels, self.add
        if "element" in levels or "field" in levels:
            for at in range(many(2, 3)):
                add("policy-fields", f"f{at}", planKey=self.plan, code=f"F{at}", name=f"Field {at}")
        if "element" in levels:
            for at in range(many(2, 4)):
                field = DICE.choice(self.keys("policy-fields"))
                add("structural-elements", f"e{at}", policyFieldKey=field, code=f"E{at}", name=f"Chapter {at}")
        for at in range(DICE.randint(1, 3)):
            add("strategic-goals", f"s{at}", planKey=self.plan, code=f"S{at}", title=f"Aim {at}", scope=maybe(["POLICY", "ORGANISATION"]))
        for at in range(many(4, 7)):
            level = DICE.choice(levels)
            home = {
                "element": lambda: {"structuralElementKey": DICE.choice(self.keys("structural-elements"))},
                "field": lambda: {"policyFieldKey": DICE.choice(self.keys("policy-fields"))},
                "plan": lambda: {"planKey": self.plan},
            }[level]()
            add("operational-goals", f"g{at}", code=f"G{at}", title=f"Goal {at}", owner=maybe(["Ann", "Ben"]),
                strategicGoalKeys=joined(some(self.keys("strategic-goals"), 0, 2)), **home)  # fmt: skip
        for at in range(many(5, 9)):
            add("measures", f"m{at}", planKey=self.plan, name=f"Measure {at}", position=maybe([at + 1], 0.8), owner=maybe(["Ann", "Cem"]),
                operationalGoalKey=maybe(self.keys("operational-goals"), 0.85), lifecycleWord=maybe(["ACTIVE", "Pilot"]))  # fmt: skip

    def projects(self):
        for at in range(many(2, 4)):
            project = self.add("projects", f"p{at}", planKey=self.plan, number=at + 1, title=f"Project {at}",
                operationalGoalKey=maybe(self.keys("operational-goals"), 0.7), strategicGoalKeys=joined(some(self.keys("strategic-goals"), 0, 2)))  # fmt: skip
            for year in (self.year - 1, self.year):
                table, above = DICE.choice(["PLANNED", "ADDITIONAL"]), ""
                for number in range(1, DICE.randint(1, 7)):
                    status = maybe(STATUSES, 0.7)
                    row = {"status": status}
                    if not status and chance(0.4):
                        row = {"statuses": joined(DICE.sample(STATUSES, 2))}
                    elif not status and chance(0.6):
                        row = {"statusWord": DICE.choice(["Groen", "Klaar"]), "commonStatus": maybe(["MET", "STOPPED", "GREEN", "AMBER"], 0.7)}
                    amended = {"amendment__change": "POSTPONED", "amendment__due": maybe([f"{year + 1}-Q2", f"{year}-12"])} if chance(0.2) else {}
                    part = above if above and chance(0.3) else ""
                    put("milestones", projectKey=project, year=year, table=table, number=number, title=f"Step {number}", partOfKey=part,
                        due=maybe([f"{year}-Q{DICE.randint(1, 4)}", f"{year}-0{DICE.randint(1, 9)}", str(year)], 0.6), **row, **amended)  # fmt: skip
                    above = above if part else f"{project}/{year}/{table.lower()}/{number}"

    def subject(self, everything):
        """What something hangs on: a measure, or anything else of the plan, or the body."""
        if chance(everything):
            return {"measureKey": DICE.choice(self.keys("measures"))}
        kinds = {CARRIED[table]: self.keys(table) for table in ("policy-fields", "structural-elements", "strategic-goals", "operational-goals", "projects", "inspected-processes")}
        kinds |= {"PLAN": [self.plan], "ORGANISATION": [self.body.key]}
        kind = DICE.choice([kind for kind, keys in kinds.items() if keys])
        return {"subjectKind": kind, "subjectKey": DICE.choice(kinds[kind])}

    def periods(self):
        year = self.year - 1
        shapes = [
            lambda at: [str(at)],
            lambda at: [f"{at}-Q{quarter}" for quarter in range(1, 5)],
            lambda at: [f"{at - 1}-{at}"],
            lambda at: [f"{at}-0{month}" for month in range(1, 7)],
            lambda at: [f"{at}-01/{at}-06", f"{at}-Q3/{at}-Q4"],
            lambda at: [f"{at}-12-31"],
            lambda at: [f"{at}-04/{at + 1}-03"],
        ]
        own, other = DICE.choice(shapes), DICE.choice(shapes)
        found = own(year - 1) + own(year) + (other(year) if chance(0.25) else [])
        return [period for period in dict.fromkeys(found) if chance(0.9)]

    def followed(self):
        processes = many(2, 4)
        for at in range(processes):
            self.add("inspected-processes", f"i{at}", planKey=self.plan, position=at + 1, name=f"Process {at}",
                     measureKeys=joined(some(self.keys("measures"), 0, 2)))  # fmt: skip
        for at in range(many(14, 24)):
            unit = DICE.choice(["COUNT", "COUNT", "RATIO", "EUR", "DAYS", "OTHER"])
            name = f"n{at}"
            row = self.subject(0.75)
            key = self.add("indicators", name, position=at + 1, label=f"Indicator {at}", unit=unit, aim=maybe(AIMS[2:4], 0.3),
                kindWord=maybe(["RECEIVED", "SHARE", "CONTROLS", "Wachtlijst"]), frequency=maybe(["MONTHLY", "QUARTERLY", "HALF_YEARLY", "YEARLY"], 0.6),
                owner=maybe(["Dua", "Eli"]), aggregation=self.aggregation(name), domain=maybe(["STAFF", "COMPLAINTS_AND_SATISFACTION"], 0.2), **row)  # fmt: skip
            self.observed(key, unit)
            for period in some([str(self.year - 1), str(self.year), str(self.year + 2)], 0, 2):
                self.target(key, "INDICATOR", unit, period)
        for at in range(many(10, 18)):
            unit = DICE.choice(["RATIO", "RATIO", "RATIO", "DAYS", "COUNT"])
            aim = DICE.choice(AIMS)
            target = figure("target", unit, self.document, 0.95, near=30) if chance(0.85) else {}
            if aim == "WITHIN":
                target = figure("target", unit, value="0.8" if unit == "RATIO" else "10") | figure("upper", unit, value="0.95" if unit == "RATIO" else "25")
            key = self.add("norms", f"r{at}", position=at + 1, label=f"Norm {at}", basisWord=DICE.choice(["LEGAL", "INTERNAL", "UNKNOWN", "Beheersovereenkomst"]),
                aim=aim, **self.subject(0.8), **target)  # fmt: skip
            for period in [str(self.year - 2), str(self.year - 1), f"{self.year - 1}-Q4", f"{self.year - 2}-{self.year - 1}"]:
                for source in some(["FACT_TABLE", "OVERVIEW", "Jaarverslag"], 0, 2) if chance(0.7) else []:
                    change = {}
                    if chance(0.4):
                        points = "RATIO_POINTS" if unit == "RATIO" else unit
                        change = figure("change", points, self.document, 0.8) | {"changeFrom": maybe([str(self.year - 3), str(self.year - 2)], 0.8)}
                        if change["changeFrom"] >= period:
                            change = {}
                    ratio = figure("ratio", "RATIO", self.document, 0.8) if chance(0.4) else {}
                    put("norm-results", normKey=key, period=period, sourceWord=source, **figure("figure", unit, self.document, 0.85, near=30),
                        **change, **ratio)  # fmt: skip
            for period in some([str(self.year - 1), str(self.year), str(self.year + 2)], 0, 2):
                self.target(key, "NORM", unit, period)

    def target(self, key, kind, unit, period):
        aim = DICE.choice(AIMS)
        bounds = figure("figure", unit, self.document, 0.95, near=30)
        if aim == "WITHIN":
            bounds = figure("figure", unit, value="0.8" if unit == "RATIO" else "10") | figure("upper", unit, value="0.95" if unit == "RATIO" else "25")
        first = put("targets", key=f"{key}/aim-{period}", kind=kind, ofKey=key, period=period, aim=aim, documentKey=self.document, **bounds)
        if chance(0.25):
            put("targets", key=f"{key}/aim-{period}-b", kind=kind, ofKey=key, period=period, supersedesKey=first, aim="AT_LEAST",
                documentKey=self.document, **figure("figure", unit, self.document, near=30))  # fmt: skip

    def aggregation(self, name):
        """How values come together: by dice of its own, so that all else of a seed stays what it was."""
        dice = random.Random(f"{sys.argv[1]} {self.plan} {name}")
        return dice.choice(["", "SUM", "SUM", "SUM", "AVERAGE", "AVERAGE", "LAST", "NONE"])

    def observed(self, key, unit):
        before, near, code = "", None, maybe(["FTE", "TONNE"]) if unit == "OTHER" else ""
        for period in self.periods():
            if code and chance(0.1):
                code = "TONNE" if code == "FTE" else "FTE"
            of = figure("figure", unit, self.document, 0.85, near, code=code)
            near = float(of.get("figure__value", near or 100))
            change = {}
            alike = len(before) == len(period) and ("Q" in before) == ("Q" in period)
            is_later = before[:4] < period[:4] or (alike and before < period)
            if before and is_later and chance(0.4):
                printed = "RATIO_POINTS" if unit == "RATIO" else DICE.choice(["RATIO", "RATIO", unit])
                change = figure("change", printed, self.document, 0.85, code=code if printed == "OTHER" else "") | {"changeFrom": before}
            day = maybe([f"{self.year}-{month:02}-05" for month in range(1, 13)])
            put("observations", indicatorKey=key, period=period, delivered=day, **of, **change)
            # What stands beside the final value of the whole, and is no part of what follows each other.
            for mark in some([{"state": "PROVISIONAL"}, {"state": "FORECAST"}, {"yearToDate": "true"}, {"categoryKeys": self.body.categories[0]}], 0, 1):
                if chance(0.3):
                    put("observations", indicatorKey=key, period=period, **mark, **figure("figure", unit, "", 0.9, code=code))
            before = period if "/" not in period else ""

    def money(self):
        unit, code = self.body.money
        homes = {"operationalGoalKey": "operational-goals", "structuralElementKey": "structural-elements", "policyFieldKey": "policy-fields"}
        for at in range(many(8, 14)):
            field = DICE.choice(["operationalGoalKey"] * 4 + list(homes) + [""])
            home = maybe(self.keys(homes[field]), 0.95) if field else ""
            line = self.add("budget-lines", f"l{at}", planKey=self.plan, position=at + 1, name=f"Line {at}", sectionWord=maybe(["MEASURE", "Werking"]),
                direction="REVENUE" if chance(0.2) else "EXPENDITURE", measureKeys=joined(some(self.keys("measures"), 0, 3) if chance(0.8) else []),
                articleKeys=joined(some(self.body.articles, 0, 2)), **({field: home} if home else {}))  # fmt: skip
            near = 10 ** DICE.uniform(3, 7)
            for year, phase in ((self.year - 2, "REALISED"), (self.year - 1, "REALISED"), (self.year - 1, "BUDGETED"), (self.year, "BUDGETED")):
                if not chance(0.85):
                    continue
                stages = some(["", "INITIAL", "ADJUSTED", "FINAL"], 1, 2) if phase == "BUDGETED" else [""]
                credits = [("VAK", ""), ("VEK", "")] + ([("OTHER", DICE.choice(["AUTHORISATION", "OPEN_COMMITMENTS", "AMOUNT"]))] if chance(0.4) else [])
                for credit, kind in credits:
                    for stage in stages:
                        if chance(0.9):
                            put("budget-amounts", budgetLineKey=line, year=year, phase=phase, credit=credit, creditKind=kind, stage=stage,
                                **figure("figure", unit, self.document, 0.85, near, code=code))  # fmt: skip
                    if phase == "BUDGETED" and credit != "OTHER" and chance(0.1):
                        put("budget-amounts", budgetLineKey=line, year=year, phase=phase, credit=credit, adjustment="Index",
                            **figure("figure", unit, "", 1, 1000, code=code))  # fmt: skip

    def inspected(self):
        for process in self.keys("inspected-processes"):
            for year in (self.year - 2, self.year - 1):
                if chance(0.9):
                    put("inspections", processKey=process, year=year, **figure("controls", "COUNT", self.document, 0.85, 300),
                        **figure("sanctions", "COUNT", self.document, 0.8, 60), **figure("proposedRecovery", "EUR", self.document, 0.7, 9000))  # fmt: skip

    def people(self):
        body, day = self.body, f"{self.year - 1}-12-31"
        counted = {}
        for level, ranks in (("A", ["A1", "A2"]), ("B", ["B1"]), ("C", ["C1", "C2"])):
            for rank in ranks:
                for contract in ["STATUTORY", "CONTRACTUAL"] + (["Tijdelijk"] if chance(0.3) else []):
                    of = figure("figure", "PERSONS", self.document, 0.8, 20)
                    fte = figure("fte", "OTHER", "", 0.9, 20, code="FTE") if chance(0.4) else {}
                    counted.setdefault(level, []).append(of.get("figure__value"))
                    put("staff-figures", organisationKey=body.key, date=day, level=level, rank=rank, contractWord=contract, **of, **fte)
                    if chance(0.2):
                        for category in body.categories:
                            put("staff-figures", organisationKey=body.key, date=day, level=level, rank=rank, contractWord=contract,
                                categoryKeys=category, **figure("figure", "PERSONS", "", 0.9, 10))  # fmt: skip
            if chance(0.5):  # A printed total: the blank ones are nobody, where it comes to what is known.
                known = sum(int(value) for value in counted[level] if value) + (1 if chance(0.2) else 0)
                put("claims", key=body.key_of(f"c-{self.year}-{level}"), planKey=self.plan, kind="SUM", subject="heads", qualifier="EXACT", period=day,
                    counted__metric="STAFF", counted__level=level, **figure("figure", "PERSONS", value=str(known)))  # fmt: skip
        for at in range(DICE.randint(1, 3)):
            unit = DICE.choice(["PERSONS", "RATIO"])
            achieved = figure("achieved", unit if chance(0.9) else "COUNT", self.document, 0.8, 10) if chance(0.8) else {}
            self.add("staff-targets", f"t{at}", organisationKey=body.key, title=f"Heads {at}", planKey=maybe([self.plan]),
                     **figure("target", unit, self.document, 0.95, 10), **achieved)  # fmt: skip

    def rounds(self):
        for at, day in enumerate(some(["04-30", "08-31", "12-31"], 1, 3)):
            put("rounds", key=self.body.key_of(f"{self.year}-q{at}"), planKey=self.plan, label=f"Round {at}", referenceDate=f"{self.year - 1}-{day}",
                deadline=f"{self.year}-{DICE.randint(1, 9):02}-15")  # fmt: skip

    def links(self):
        ends = {CARRIED[table]: self.keys(table) for table in ("operational-goals", "projects", "measures", "budget-lines", "inspected-processes")}
        made = set()
        for _ in range(DICE.randint(2, 6)):
            kind, first, second = DICE.choice([
                ("CONTRIBUTES_TO", "MEASURE", "OPERATIONAL_GOAL"), ("CARRIED_OUT_BY", "OPERATIONAL_GOAL", "MEASURE"), ("PAID_FROM", "PROJECT", "BUDGET_LINE"),
                ("SAME_AS", "MEASURE", "MEASURE"), ("DEPENDS_ON", "PROJECT", "PROJECT"),
            ])  # fmt: skip
            one, other = DICE.choice(ends[first]), DICE.choice(ends[second])
            if one != other and (kind, one, other) not in made and (kind, other, one) not in made:
                made.add((kind, one, other))
                put("links", fromKind=first, fromKey=one, kind=kind, toKind=second, toKey=other)

    def goes_on_from(self, before):
        """Draws what each record of the plan before became, and prints some of its figures again."""
        for table, kind in CARRIED.items():
            names, olds = dict(self.kinds.get(table, [])), before.kinds.get(table, [])
            units = {row["key"]: row.get("unit") for row in TABLES.get(table, [])}
            # What hangs on the body is of no year: it is no second continuation.
            of_no_year = {row["key"] for row in TABLES.get(table, []) if row.get("subjectKind") == "ORGANISATION"}
            for name, old in olds:
                draw = DICE.random()
                if draw < 0.75 and name in names and units[old] == units[names[name]]:
                    put("lineages", kind=kind, predecessorKey=old, successorKey=names[name], relation="CONTINUES")
                    # Two that both continue one, or one that continues two: there the line ends.
                    others = [key for key in names.values() if key != names[name] and not of_no_year & {key, names[name]}]
                    other = maybe(others, 0.06)
                    if other and units[other] == units[old]:
                        put("lineages", kind=kind, predecessorKey=old, successorKey=other, relation="CONTINUES")
                elif draw < 0.85 and names:
                    other = DICE.choice(list(names.values()))
                    put("lineages", kind=kind, predecessorKey=old, successorKey=other, relation=DICE.choice(["SPLIT_FROM", "MERGED_INTO"]))


BODIES = [
    Body("alfa"),
    Body("beta", "beta", "alfa", "4", ("element", "field", "plan")),
    Body("gamma", "gamma", "beta", "", ("plan",), "CAD"),
]
for body in BODIES:
    first = DICE.choice([2020, 2021])
    for year in range(first if SIZE >= 1 else 2021, 2023 + (DICE.randint(0, 1) if SIZE >= 1 else 0)):
        made = Made(body, year)
        if body.before:
            made.goes_on_from(body.before)
        body.before = made
OUT.mkdir(parents=True, exist_ok=True)
for table, rows in TABLES.items():
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with open(OUT / f"{table}.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
