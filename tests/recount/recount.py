"""An independent recount: every figure that the API computes of a plan, recomputed from its CSV files and from nothing else.

    python3 recount.py URL FOLDER

Asks the server at URL, which serves the data of FOLDER, for every computed figure of every record, and holds each against what the cells
give. Only the standard library is used; nothing is shared with the program that is checked. Exits with 1 when a figure differs.
"""

import csv
import json
import sys
import urllib.request
from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

URL, FOLDER = sys.argv[1], Path(sys.argv[2])
TWELVE = Fraction(1, 10**12)
checked = 0
wrong = []


def rows(name):
    with open(FOLDER / f"{name}.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def ask(query):
    body = json.dumps({"query": query}).encode()
    request = urllib.request.Request(URL, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=120) as answer:
        found = json.load(answer)
    if "errors" in found:
        raise SystemExit(f"{query}\n{json.dumps(found['errors'])[:2000]}")
    return found["data"]


def number(text):
    return Fraction(text) if text else None


def same(what, figure, expected, coverage=None):
    """Holds a figure of the API against the number expected (None: it has no value), and its coverage."""
    global checked
    checked += 1
    found = number(figure["value"])
    exact = expected is not None and found is not None and abs(found - expected) <= TWELVE
    if not (exact or (expected is None and found is None)):
        wrong.append(f"{what}: {figure['value']}, recounted {expected if expected is None else float(expected)}")
    if (found is None) != (figure["status"] == "NOT_COMPUTABLE"):
        wrong.append(f"{what}: {figure}")
    if coverage is not None:
        known, unknown = coverage
        told = figure["coverage"]
        basis = None if found is None else "ALL" if unknown == 0 else "KNOWN"
        if (told["known"], told["unknown"], told["basis"]) != (known, unknown, basis):
            wrong.append(f"{what}: coverage {told}, recounted {known} and {unknown}")


def word(what, found, expected):
    global checked
    checked += 1
    if found != expected:
        wrong.append(f"{what}: {found}, recounted {expected}")


def divide(part, whole):
    return None if part is None or whole is None or whole == 0 else part / whole


def growth(before, after):
    """The relative change; there is none from zero or less."""
    return None if before is None or after is None or before <= 0 else (after - before) / before


def split(cell):
    return [part.strip() for part in cell.split("|") if part.strip()]


# ------------------------------------------------------------------------------------------------------------- the files

measures, goals, elements = rows("measures"), rows("operational-goals"), rows("structural-elements")
fields, strategic, plans = rows("policy-fields"), rows("strategic-goals"), rows("plans")
field_of = {row["key"]: row["policyFieldKey"] for row in elements}
goal_rows = {row["key"]: row for row in goals}


def serves(goal, kind, key):
    """Whether an operational goal stands below that record."""
    row = goal_rows.get(goal)
    if row is None:
        return False
    element = row["structuralElementKey"]
    return {
        "operationalGoal": goal == key,
        "structuralElement": element == key,
        "policyField": field_of[element] == key,
        "strategicGoal": key in split(row.get("strategicGoalKeys", "")),
    }[kind]


def below(kind, key):
    """The keys of the measures below a record."""
    if kind == "measure":
        return {key}
    if kind == "plan":
        return {row["key"] for row in measures if row["planKey"] == key}
    return {row["key"] for row in measures if serves(row["operationalGoalKey"], kind, key)}


PLACES = [("measure", measures), ("operationalGoal", goals), ("structuralElement", elements), ("policyField", fields)]
PLACES += [("strategicGoal", strategic), ("plan", plans)]
FIGURE = "fragment F on Figure { value status coverage { basis known unknown } }"
CHANGE = "{ absolute { ...F } relative { ...F } }"


def each(kind, selection):
    """Asks for the same of every record of a kind, a page at a time."""
    plural = kind + ("es" if kind.endswith("s") else "s")
    after = ""
    while True:
        page = ask(f"{{ {plural}(first: 50{after}) {{ nodes {{ key {selection} }} pageInfo {{ hasNextPage endCursor }} }} }} {FIGURE}")[plural]
        yield from page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = f', after: {json.dumps(page["pageInfo"]["endCursor"])}'


# --------------------------------------------------------------------------------------------------------------- periods


def span(code):
    """First and last day of a period."""
    first, _, last = code.partition("/")
    if last:
        return span(first)[0], span(last)[1]
    year, _, rest = code.partition("-")
    year = int(year)
    if not rest:
        return date(year, 1, 1), date(year, 12, 31)
    if rest.startswith("Q"):
        start = 3 * int(rest[1:]) - 2
        return date(year, start, 1), last_of(year, start + 2)
    if len(rest) == 4:
        return date(year, 9, 1), date(int(rest), 8, 31)
    if len(rest) == 2:
        return date(year, int(rest), 1), last_of(year, int(rest))
    day = date.fromisoformat(code)
    return day, day


def last_of(year, month):
    return (date(year + 1, 1, 1) if month == 12 else date(year, month + 1, 1)) - timedelta(days=1)


def months(code):
    start, end = span(code)
    return (end.year - start.year) * 12 + end.month - start.month + 1


# ---------------------------------------------------------------------------------------------------------------- trends


def trends():
    values = defaultdict(dict)
    for row in rows("observations"):
        values[row["indicatorKey"]][row["period"]] = row
    expected = {}
    asked = f"trend {{ from {{ code }} to {{ code }} absolute {{ ...F }} relative {{ ...F }} printed {{ value }} }}"
    for node in each("indicator", asked):
        of = values[node["key"]]
        periods = sorted(of, key=span)
        to = periods[-1] if periods else None
        earlier = [period for period in periods if period != to]
        share = to and of[to]["figure.unit"] == "RATIO"
        alike = [period for period in earlier if share or months(period) == months(to)]
        start = (alike or earlier or [None])[-1]
        trend = node["trend"]
        word(f"{node['key']} to", trend["to"] and trend["to"]["code"], to)
        word(f"{node['key']} from", trend["from"] and trend["from"]["code"], start)
        after = number(of[to]["figure.value"]) if to else None
        before = number(of[start]["figure.value"]) if start else None
        both = after is not None and before is not None
        same(f"{node['key']} absolute", trend["absolute"], after - before if both else None)
        same(f"{node['key']} relative", trend["relative"], growth(before, after))
        printed = of[to]["change.value"] if to and of[to]["changeFrom"] == (start or "") else ""
        word(f"{node['key']} printed", (trend["printed"] or {}).get("value") or "", printed)
        expected[node["key"]] = (growth(before, after), after - before if both else None)
    # The same as a list that is ordered by them: unknown ones last.
    listed = ask("{ trends(orderBy: [{field: RELATIVE}], first: 1000) { totalCount nodes { indicatorKey relative absolute reason } } }")["trends"]
    word("trends listed", {node["indicatorKey"] for node in listed["nodes"]}, set(expected))
    for node in listed["nodes"]:
        relative, absolute = expected[node["indicatorKey"]]
        for name, wanted in (("relative", relative), ("absolute", absolute)):
            found = number(node[name])
            word(f"{node['indicatorKey']} {name} listed", found is None, wanted is None)
            word(f"{node['indicatorKey']} {name} listed", found is None or abs(found - wanted) <= TWELVE, True)
        word(f"{node['indicatorKey']} reason", node["reason"] is None, relative is not None)
    order = [number(node["relative"]) for node in listed["nodes"]]
    known = [value for value in order if value is not None]
    word("order of trends", order, sorted(known) + [None] * (len(order) - len(known)))


# --------------------------------------------------------------------------------------------------------------- budgets


def budgets():
    lines = rows("budget-lines")
    amounts = {
        (row["budgetLineKey"], int(row["year"]), row["phase"], row["credit"]): (number(row["figure.value"]), row["figure.status"])
        for row in rows("budget-amounts")
    }
    total = "{ sum { ...F } known { ...F } knownCount unknownCount }"
    credit = f"{{ realised {total} budgeted {total} execution {{ ...F }} realisedChange {CHANGE} budgetedChange {CHANGE} budgetedSinceRealised {CHANGE} }}"
    budget = f"{{ lines {{ ...F }} sharedLines {{ ...F }} vak {credit} vek {credit} vekPerVakRealised {{ ...F }} vekPerVakBudgeted {{ ...F }} commitmentsGrowth {{ ...F }} }}"

    def check(what, found, chosen, shared, year):
        same(f"{what} lines", found["lines"], Fraction(len(chosen)))
        same(f"{what} shared", found["sharedLines"], Fraction(len(shared)))

        def cells(year, phase, credit):
            return [amounts.get((line["key"], year, phase, credit)) for line in chosen]

        def summed(what, figures, cells):
            parts = [cell for cell in cells if cell is None or cell[1] != "NOT_APPLICABLE"]
            known = [cell[0] for cell in parts if cell is not None and cell[0] is not None]
            nothing = all(cell is None for cell in cells) or not parts
            cover = (0, 0) if nothing else (len(known), len(parts) - len(known))
            whole = sum(known) if known and len(known) == len(parts) and not nothing else None
            same(f"{what} sum", figures["sum"], whole, cover)
            same(f"{what} known", figures["known"], sum(known) if known else None, cover)

        def pairs(first, second):
            both = list(zip(first, second))
            both = [pair for pair in both if not all(cell is not None and cell[1] == "NOT_APPLICABLE" for cell in pair)]
            full = [pair for pair in both if all(cell is not None and cell[0] is not None for cell in pair)]
            sums = (sum(a[0] for a, _ in full), sum(b[0] for _, b in full)) if full else (None, None)
            return sums, (len(full), len(both) - len(full))

        def change(what, figures, first, second):
            (before, after), cover = pairs(first, second)
            same(f"{what} absolute", figures["absolute"], None if before is None else after - before, cover)
            same(f"{what} relative", figures["relative"], growth(before, after), cover)

        for credit in ("VAK", "VEK"):
            of = found[credit.lower()]
            now, then = cells(year, "REALISED", credit), cells(year - 1, "REALISED", credit)
            plan, plan_then = cells(year, "BUDGETED", credit), cells(year - 1, "BUDGETED", credit)
            summed(f"{what} {credit} realised", of["realised"], now)
            summed(f"{what} {credit} budgeted", of["budgeted"], plan)
            (part, whole), cover = pairs(now, plan)
            same(f"{what} {credit} execution", of["execution"], divide(part, whole), cover)
            change(f"{what} {credit} realised change", of["realisedChange"], then, now)
            change(f"{what} {credit} budgeted change", of["budgetedChange"], plan_then, plan)
            change(f"{what} {credit} since realised", of["budgetedSinceRealised"], then, plan)
        for name, phase in (("vekPerVakRealised", "REALISED"), ("vekPerVakBudgeted", "BUDGETED")):
            (vek, vak), cover = pairs(cells(year, phase, "VEK"), cells(year, phase, "VAK"))
            same(f"{what} {name}", found[name], divide(vek, vak), cover)
        (vek, vak), cover = pairs(cells(year, "REALISED", "VEK"), cells(year, "REALISED", "VAK"))
        same(f"{what} growth", found["commitmentsGrowth"], None if vek is None else vak - vek, cover)

    for kind, records in PLACES:
        for direction in ("EXPENDITURE", "REVENUE"):
            for year in (2020, 2021):
                for node in each(kind, f"budget(year: {year}, direction: {direction}) {budget}"):
                    key = node["key"]
                    flows = [line for line in lines if line["direction"] == direction]
                    if kind == "measure":
                        chosen = [line for line in flows if key in split(line["measureKeys"])]
                        shared = [line for line in chosen if len(split(line["measureKeys"])) > 1]
                    elif kind == "plan":
                        chosen, shared = [line for line in flows if line["planKey"] == key], []
                    else:
                        chosen = [line for line in flows if serves(line["operationalGoalKey"], kind, key)]
                        several = lambda line: len(split(goal_rows[line["operationalGoalKey"]].get("strategicGoalKeys", ""))) > 1
                        shared = [line for line in chosen if kind == "strategicGoal" and several(line)]
                    check(f"{kind} {key} {direction} {year}", node["budget"], chosen, shared, year)
                    if kind == "measure":
                        continue
                    amount = "{ lines { ...F } vek { realised { known { ...F } } budgeted { known { ...F } } } }"
                    asked = f'{{ {kind}(key: {json.dumps(key)}) {{ budgetParts(year: {year}, direction: {direction}) {{ whole {amount} own {amount} shared {amount} withoutMeasure {amount} }} }} }} {FIGURE}'
                    parts = ask(asked)[kind]["budgetParts"]
                    several = lambda line: len(split(line["measureKeys"]))
                    for name, fits in (
                        ("whole", lambda line: True),
                        ("own", lambda line: several(line) == 1),
                        ("shared", lambda line: several(line) > 1),
                        ("withoutMeasure", lambda line: several(line) == 0),
                    ):
                        part = [line for line in chosen if fits(line)]
                        same(f"{kind} {key} {name} lines", parts[name]["lines"], Fraction(len(part)))
                        for phase in ("realised", "budgeted"):
                            known = [amounts.get((line["key"], year, phase.upper(), "VEK"), (None, ""))[0] for line in part]
                            known = [value for value in known if value is not None]
                            same(f"{kind} {key} {name} {phase}", parts[name]["vek"][phase]["known"], sum(known) if known else None)


# ----------------------------------------------------------------------------------------------------------- inspections


def inspections():
    processes = rows("inspected-processes")
    cells = {(row["processKey"], int(row["year"])): row for row in rows("inspections")}
    total = "{ sum { ...F } known { ...F } }"
    asked = (
        f"{{ processes {{ ...F }} controls {total} sanctions {total} proposedRecovery {total} controlsChange {CHANGE} sanctionsChange {CHANGE} "
        f"proposedRecoveryChange {CHANGE} sanctionRate {{ ...F }} recoveryPerControl {{ ...F }} shareOfControls {{ ...F }} }}"
    )
    names = ("controls", "sanctions", "proposedRecovery")

    def cell(process, year, name):
        row = cells.get((process, year))
        return number(row[f"{name}.value"]) if row else None

    def check(what, found, chosen, year):
        keys = [row["key"] for row in chosen]
        same(f"{what} processes", found["processes"], Fraction(len(keys)))
        there = [key for key in keys if (key, year) in cells]
        for name in names:
            known = [value for key in there if (value := cell(key, year, name)) is not None]
            cover = (len(known), len(there) - len(known))
            whole = sum(known) if known and len(known) == len(there) else None
            same(f"{what} {name} sum", found[name]["sum"], whole, cover)
            same(f"{what} {name} known", found[name]["known"], sum(known) if known else None, cover)
            both = [(a, b) for key in keys if (a := cell(key, year - 1, name)) is not None and (b := cell(key, year, name)) is not None]
            before, after = (sum(a for a, _ in both), sum(b for _, b in both)) if both else (None, None)
            cover = (len(both), len(keys) - len(both))
            same(f"{what} {name} change", found[f"{name}Change"]["absolute"], after - before if both else None, cover)
            same(f"{what} {name} growth", found[f"{name}Change"]["relative"], growth(before, after), cover)
        for name, rate in (("sanctions", "sanctionRate"), ("proposedRecovery", "recoveryPerControl")):
            both = [(a, b) for key in keys if (a := cell(key, year, name)) is not None and (b := cell(key, year, "controls")) is not None]
            part, whole = (sum(a for a, _ in both), sum(b for _, b in both)) if both else (None, None)
            same(f"{what} {rate}", found[rate], divide(part, whole), (len(both), len(keys) - len(both)))
        mine = [value for key in keys if (value := cell(key, year, "controls")) is not None]
        everyone = [value for row in processes if (value := cell(row["key"], year, "controls")) is not None]
        same(f"{what} share", found["shareOfControls"], divide(sum(mine), sum(everyone)) if mine and everyone else None)

    for year in (2019, 2020):
        for node in each("inspectedProcess", f"inspected(year: {year}) {asked}"):
            check(f"process {node['key']} {year}", node["inspected"], [row for row in processes if row["key"] == node["key"]], year)
        for kind, _ in PLACES:
            for node in each(kind, f"inspected(year: {year}) {asked}"):
                if kind == "plan":
                    chosen = [row for row in processes if row["planKey"] == node["key"]]
                else:
                    mine = below(kind, node["key"])
                    chosen = [row for row in processes if mine & set(split(row["measureKeys"]))]
                check(f"{kind} {node['key']} {year}", node["inspected"], chosen, year)


# ----------------------------------------------------------------------------------------------------------------- norms


def level(ratio):
    return "MET" if ratio >= 1 else "NEARLY_MET" if ratio >= Fraction(9, 10) else "PARTLY_MET" if ratio >= Fraction(8, 10) else "MISSED"


def percent(ratio):
    """In whole percents, halves up."""
    return Fraction(int(ratio * 100 + Fraction(1, 2)), 100)


def turn(change):
    return "IMPROVED" if change > 0 else "DECLINED" if change < 0 else "UNCHANGED"


class Norm:
    """A norm judged by the last result of a table, or of the overview before the fact table."""

    def __init__(self, row, results, table):
        own = [it for it in results if it["normKey"] == row["key"]]
        overview = {it["period"] for it in own if it["source"] == "OVERVIEW"}
        shown = [it for it in own if (it["source"] == table if table else it["source"] == "OVERVIEW" or it["period"] not in overview)]
        shown.sort(key=lambda it: span(it["period"]))
        self.row, self.result = row, shown[-1] if shown else None
        self.levels, self.changes, self.before = {}, {}, {}
        self.ratio = self.absolute = None
        if not self.result:
            return
        end = span(self.result["period"])
        earlier = [it for it in own if span(it["period"]) < end]
        best = {it["period"]: it for it in earlier if it["source"] == "FACT_TABLE"}
        best.update({it["period"]: it for it in earlier if it["source"] == ("OVERVIEW" if not table else table)})
        previous = best[max(best, key=span)] if best else None
        target, value = number(row["target.value"]), number(self.result["figure.value"])
        self.ratio = divide(value, target)
        was = number(previous["figure.value"]) if previous else None
        self.absolute = value - was if None not in (value, was) else None
        printed = self.result["ratio.value"]
        if self.result["ratio.status"]:
            self.levels["PRINTED"] = level(number(printed)) if printed else None
        else:
            self.levels["PRINTED"] = level(percent(self.ratio)) if self.ratio is not None else None
        self.levels["STRICT"] = level(self.ratio) if self.ratio is not None else None
        same_table = previous is not None and previous["source"] == self.result["source"]
        if self.result["change.status"]:
            self.changes["PRINTED"] = turn(number(self.result["change.value"])) if self.result["change.value"] else None
        else:
            self.changes["PRINTED"] = turn(round(self.absolute, 3)) if same_table and self.absolute is not None else None
        self.changes["STRICT"] = turn(self.absolute) if self.absolute is not None else None
        self.before["STRICT"] = level(was / target) if was is not None and target else None
        first = was if same_table else None
        if not same_table and value is not None and self.result["change.value"] and self.result["change.unit"] == "RATIO_POINTS":
            first = value - number(self.result["change.value"])
        self.before["PRINTED"] = level(percent(first / target)) if first is not None and target else None


def norms():
    table_of = {"": None, "(table: OVERVIEW)": "OVERVIEW", "(table: FACT_TABLE)": "FACT_TABLE"}
    everything, results = rows("norms"), rows("norm-results")
    for argument, table in table_of.items():
        asked = f"attainment{argument} {{ level strictLevel change strictChange ratio {{ ...F }} trend {{ absolute {{ ...F }} }} }}"
        judged = {row["key"]: Norm(row, results, table) for row in everything}
        for node in each("norm", asked):
            norm, of, what = judged[node["key"]], node["attainment"], f"norm {node['key']}{argument}"
            word(f"{what} level", of["level"], norm.levels.get("PRINTED"))
            word(f"{what} strict level", of["strictLevel"], norm.levels.get("STRICT"))
            word(f"{what} change", of["change"], norm.changes.get("PRINTED"))
            word(f"{what} strict change", of["strictChange"], norm.changes.get("STRICT"))
            same(f"{what} ratio", of["ratio"], norm.ratio)
            same(f"{what} trend", of["trend"]["absolute"], norm.absolute)
        names = "norms measures met nearlyMet partlyMet missed unknown improved unchanged declined metInBoth metUnchanged shareMet"
        for reading in ("PRINTED", "STRICT"):
            also = f"(reading: {reading}" + (f", table: {table})" if table else ")")
            asked = f"attainment{also} {{ {' '.join(f'{name} {{ ...F }}' for name in names.split())} }}"
            for kind, _ in PLACES:
                for node in each(kind, asked):
                    mine = below(kind, node["key"])
                    chosen = [it for it in judged.values() if it.row["measureKey"] in mine and (table is None or it.result)]
                    at = lambda it: it.levels.get(reading)
                    turned = lambda it: it.changes.get(reading)
                    count = lambda fits: Fraction(sum(1 for it in chosen if fits(it)))
                    found, what = node["attainment"], f"{kind} {node['key']} {also}"
                    same(f"{what} norms", found["norms"], Fraction(len(chosen)))
                    same(f"{what} measures", found["measures"], Fraction(len({it.row["measureKey"] for it in chosen})))
                    rated = int(count(lambda it: at(it) is not None))
                    cover = (rated, len(chosen) - rated)
                    for name, wanted in (("met", "MET"), ("nearlyMet", "NEARLY_MET"), ("partlyMet", "PARTLY_MET"), ("missed", "MISSED")):
                        same(f"{what} {name}", found[name], count(lambda it: at(it) == wanted), cover)
                    same(f"{what} unknown", found["unknown"], count(lambda it: at(it) is None))
                    compared = int(count(lambda it: turned(it) is not None))
                    for name in ("improved", "unchanged", "declined"):
                        same(f"{what} {name}", found[name], count(lambda it: turned(it) == name.upper()), (compared, len(chosen) - compared))
                    same(f"{what} both", found["metInBoth"], count(lambda it: at(it) == "MET" and it.before.get(reading) == "MET"))
                    same(f"{what} kept", found["metUnchanged"], count(lambda it: at(it) == "MET" and turned(it) == "UNCHANGED"))
                    same(f"{what} share", found["shareMet"], divide(count(lambda it: at(it) == "MET"), Fraction(rated)))


# ------------------------------------------------------------------------------------------------------ milestones, staff


def milestones():
    projects, everything = rows("projects"), rows("milestones")
    closed = {"REALISED", "STOPPED", "REORIENTED"}
    statuses = lambda row: split(row["statuses"]) or ([row["status"]] if row["status"] else [None])
    due = lambda row: row["amendment.due"] or row["due"]
    is_open = lambda row: any(status not in closed for status in statuses(row))
    asked = "{ count { ...F } byStatus { status count { ...F } share { ...F } amended { ...F } } overdue { ...F } withoutDue { ...F } withSeveral { ...F } }"
    for parts in (False, True):
        for year in (2020, 2021):
            for kind, _ in [("project", projects)] + PLACES[1:]:
                for node in each(kind, f'milestoneCounts(year: {year}, parts: {str(parts).lower()}, overdueAt: "2021-07-01") {asked}'):
                    key = node["key"]
                    if kind == "project":
                        mine = {key}
                    elif kind == "plan":
                        mine = {row["key"] for row in projects if row["planKey"] == key}
                    elif kind == "strategicGoal":
                        mine = {row["key"] for row in projects if key in split(row["strategicGoalKeys"])}
                    else:
                        mine = {row["key"] for row in projects if serves(row["operationalGoalKey"], kind, key)}
                    chosen = [row for row in everything if row["projectKey"] in mine and int(row["year"]) == year and (parts or not row["partOfKey"])]
                    found, what = node["milestoneCounts"], f"milestones of {kind} {key} {year} {parts}"
                    same(f"{what} count", found["count"], Fraction(len(chosen)))
                    by_status = defaultdict(list)
                    for row in chosen:
                        for status in statuses(row):
                            by_status[status].append(row)
                    told = {of["status"]: of for of in found["byStatus"]}
                    word(f"{what} statuses", set(told), set(by_status))
                    for status, of in told.items():
                        count = Fraction(len(by_status[status]))
                        same(f"{what} {status}", of["count"], count)
                        same(f"{what} {status} share", of["share"], divide(count, Fraction(len(chosen))))
                        same(f"{what} {status} amended", of["amended"], Fraction(sum(1 for row in by_status[status] if row["amendment.change"])))
                    late = [row for row in chosen if is_open(row) and due(row) and span(due(row))[1] < date(2021, 7, 1)]
                    vague = [row for row in chosen if is_open(row) and not due(row)]
                    same(f"{what} overdue", found["overdue"], Fraction(len(late)), (len(chosen) - len(vague), len(vague)))
                    same(f"{what} without due", found["withoutDue"], Fraction(len(vague)))
                    same(f"{what} several", found["withSeveral"], Fraction(sum(1 for row in chosen if len(split(row["statuses"])) > 1)))


def staff():
    cells, targets = rows("staff-figures"), {row["key"]: row for row in rows("staff-targets")}
    # A printed total that comes to what is known of its rows shows that the blank ones are nobody.
    nobody = set()
    place = lambda row: (row["level"], row["rank"], row["contract"])
    for claim in rows("claims"):
        if (claim["counted.metric"], claim["kind"], claim["qualifier"]) == ("STAFF", "SUM", "EXACT"):
            mine = [
                row
                for row in cells
                if row["date"] == claim["period"]
                and all(claim[f"counted.{name}"] in ("", row[name]) for name in ("level", "rank", "contract"))
            ]
            if sum(number(row["figure.value"]) or 0 for row in mine) == number(claim["figure.value"]):
                nobody |= {place(row) for row in mine if not row["figure.value"]}
    all_known = sum(value for row in cells if (value := number(row["figure.value"])) is not None)
    for dimensions in (["LEVEL"], ["RANK"], ["CONTRACT"], ["LEVEL", "RANK", "CONTRACT"]):
        asked = f"staff(by: [{', '.join(dimensions)}]) {{ heads {{ known {{ ...F }} }} groups {{ level rank contract heads {{ sum {{ ...F }} known {{ ...F }} }} share {{ ...F }} }} }}"
        for node in each("organisation", asked):
            same("heads", node["staff"]["heads"]["known"], all_known)
            for group in node["staff"]["groups"]:
                fits = lambda row: all(row[name.lower()] == group[name.lower()] for name in dimensions)
                mine = [row for row in cells if fits(row)]
                known = [value for row in mine if (value := number(row["figure.value"])) is not None]
                blank = [row for row in mine if not row["figure.value"]]
                unknown = 0 if known and all(place(row) in nobody for row in blank) else len(blank)
                what = f"staff {[group[name.lower()] for name in dimensions]}"
                cover = (len(mine) - unknown, unknown)
                whole = sum(known) if known and not unknown else None
                same(f"{what} sum", group["heads"]["sum"], whole, cover)
                same(f"{what} known", group["heads"]["known"], sum(known) if known else None, cover)
                same(f"{what} share", group["share"], divide(sum(known), all_known) if known else None)
    for node in each("staffTarget", "progress { share { ...F } left { ...F } }"):
        row = targets[node["key"]]
        done, aim = number(row["achieved.value"]), number(row["target.value"])
        same(f"target {node['key']} share", node["progress"]["share"], divide(done, aim))
        same(f"target {node['key']} left", node["progress"]["left"], None if None in (done, aim) else aim - done)


# ------------------------------------------------------------------------------------------- lists of computed figures


def hold_listed(name, key, order, expected):
    """Holds a list that is ordered by a field, unknown ones last, against what is expected of each of its entries by their key."""
    fields = sorted(next(iter(expected.values())))
    shown = f"{{ totalCount nodes {{ {key} {' '.join(fields)} }} }}"
    found = ask(f"{{ {name}(orderBy: [{{field: {order[0]}}}], first: 1000) {shown} }}")[name]
    word(f"{name} listed", sorted(node[key] for node in found["nodes"]), sorted(expected))
    word(f"{name} counted", found["totalCount"], len(expected))
    for node in found["nodes"]:
        for field in fields:
            told, wanted = node[field], expected[node[key]][field]
            told = None if told is None else Fraction(told)
            known = told is not None and wanted is not None
            word(f"{name} {node[key]} {field}", told is None, wanted is None)
            word(f"{name} {node[key]} {field}: {told} for {wanted}", not known or abs(told - wanted) <= TWELVE, True)
    values = [None if node[order[1]] is None else Fraction(node[order[1]]) for node in found["nodes"]]
    known = [value for value in values if value is not None]
    word(f"order of {name}", values, sorted(known) + [None] * (len(values) - len(known)))


def executions():
    cells = {
        (row["budgetLineKey"], int(row["year"]), row["phase"], row["credit"]): number(row["figure.value"])
        for row in rows("budget-amounts")
    }
    expected = {}
    for line, year in {(line, year) for line, year, _, _ in cells}:
        of = {"year": Fraction(year)}
        for credit in ("VAK", "VEK"):
            budgeted, realised = (cells.get((line, year, phase, credit)) for phase in ("BUDGETED", "REALISED"))
            name = credit.lower()
            of |= {f"{name}Budgeted": budgeted, f"{name}Realised": realised, f"{name}Execution": divide(realised, budgeted)}
            of[f"{name}Change"] = growth(cells.get((line, year - 1, "REALISED", credit)), realised)
        of["vekPerVak"] = divide(of["vekRealised"], of["vakRealised"])
        expected[f"{line}/{year}"] = of
    hold_listed("executions", "key", ("VEK_PER_VAK", "vekPerVak"), expected)


def inspection_rates():
    plan_of = {row["key"]: row["planKey"] for row in rows("inspected-processes")}
    cells = {(row["processKey"], int(row["year"])): row for row in rows("inspections")}
    value = lambda process, year, name: number(cells[process, year][f"{name}.value"]) if (process, year) in cells else None
    expected = {}
    for process, year in cells:
        controls, sanctions, recovery = (value(process, year, name) for name in ("controls", "sanctions", "proposedRecovery"))
        alike = [value(*at, "controls") for at in cells if at[1] == year and plan_of[at[0]] == plan_of[process]]
        expected[f"{process}/{year}"] = {
            "controls": controls,
            "sanctions": sanctions,
            "proposedRecovery": recovery,
            "sanctionRate": divide(sanctions, controls),
            "recoveryPerControl": divide(recovery, controls),
            "shareOfControls": divide(controls, sum(known for known in alike if known is not None)),
            "controlsChange": growth(value(process, year - 1, "controls"), controls),
            "sanctionsChange": growth(value(process, year - 1, "sanctions"), sanctions),
            "recoveryChange": growth(value(process, year - 1, "proposedRecovery"), recovery),
        }
    hold_listed("inspectionRates", "inspectionKey", ("SANCTION_RATE", "sanctionRate"), expected)


def project_progress():
    # What is overdue is so on the day on which the plan was closed, or else on that of its document.
    dated = {row["key"]: row["date"] for row in rows("documents")}
    closed = {row["key"]: date.fromisoformat(row.get("closingDate") or dated[row["documentKey"]]) for row in plans}
    expected = {}
    for project in rows("projects"):
        mine = [row for row in rows("milestones") if row["projectKey"] == project["key"] and not row["partOfKey"]]
        statuses = [split(row["statuses"]) or [row["status"]] for row in mine]
        stands = lambda status: Fraction(sum(1 for of in statuses if status in of))
        is_open = lambda of: any(status not in ("REALISED", "STOPPED", "REORIENTED") for status in of)
        vague = [row for row, of in zip(mine, statuses) if is_open(of) and not (row["amendment.due"] or row["due"])]
        due = lambda row: row["amendment.due"] or row["due"]
        late = [row for row, of in zip(mine, statuses) if is_open(of) and due(row) and span(due(row))[1] < closed[project["planKey"]]]
        expected[project["key"]] = {
            "milestones": Fraction(len(mine)),
            "realised": stands("REALISED"),
            "realisedShare": divide(stands("REALISED"), Fraction(len(mine))),
            "delayed": stands("DELAYED"),
            "onHold": stands("ON_HOLD"),
            "overdue": Fraction(len(late)),
            "withoutDue": Fraction(len(vague)),
            "amended": Fraction(sum(1 for row in mine if row["amendment.change"])),
        }
    hold_listed("projectProgress", "projectKey", ("REALISED_SHARE", "realisedShare"), expected)


for part in (trends, budgets, inspections, norms, milestones, staff, executions, inspection_rates, project_progress):
    before = checked
    part()
    print(f"{part.__name__}: {checked - before} figures")
print(f"{checked} figures recounted, {len(wrong)} differ")
print("\n".join(wrong[:200]))
sys.exit(1 if wrong or checked < 1000 else 0)
