"""An independent recount of what goes through several plans: trends, series and executions along the lineage, from the CSV files alone.

    python3 years.py URL FOLDER...

The server at URL serves the data of all FOLDERs together. Only the standard library is used; nothing is shared with the program that is
checked. Exits with 1 when a figure differs.
"""

import csv
import json
import sys
import urllib.request
from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

URL, FOLDERS = sys.argv[1], [Path(folder) for folder in sys.argv[2:]]
TWELVE = Fraction(1, 10**12)
STAGES = ["INITIAL", "ADJUSTED", "FINAL", ""]
checked, wrong = 0, []


def rows(name):
    found = []
    for path in (folder / f"{name}.csv" for folder in FOLDERS):
        if path.exists():
            with open(path, newline="", encoding="utf-8") as file:
                found += csv.DictReader(file)
    return found


def ask(query):
    body = json.dumps({"query": query}).encode()
    request = urllib.request.Request(URL, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=120) as answer:
        found = json.load(answer)
    if "errors" in found:
        raise SystemExit(f"{query}\n{json.dumps(found['errors'])[:2000]}")
    return found["data"]


def all_of(name, arguments, selection):
    """All entries of a list, a page at a time."""
    after = ""
    while True:
        page = ask(f"{{ {name}(first: 50{arguments}{after}) {{ nodes {{ {selection} }} pageInfo {{ hasNextPage endCursor }} }} }}")[name]
        yield from page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = f', after: {json.dumps(page["pageInfo"]["endCursor"])}'


def same(what, found, expected):
    global checked
    checked += 1
    if isinstance(expected, Fraction) and found is not None and not isinstance(found, bool):
        fits = abs(Fraction(found) - expected) <= TWELVE
    else:
        fits = found == expected
    if not fits:
        wrong.append(f"{what}: {found}, recounted {float(expected) if isinstance(expected, Fraction) else expected}")


def number(text):
    return Fraction(text) if text else None


def divide(part, whole):
    return None if part is None or not whole else part / whole


def growth(before, after):
    return None if before is None or after is None or before <= 0 else (after - before) / before


def span(code):
    """First and last day of a year, a school year, a quarter, a month, a day, or from one of these to another."""
    first, _, last = code.partition("/")
    if last:
        return span(first)[0], span(last)[1]
    if "Q" in code:
        year, quarter = code.split("-Q")
        return span(f"{year}-{3 * int(quarter) - 2:02}/{year}-{3 * int(quarter):02}")
    parts = [int(part) for part in code.split("-")]
    if len(parts) == 1:
        return date(parts[0], 1, 1), date(parts[0], 12, 31)
    if len(parts) == 3:
        return date(*parts), date(*parts)
    if parts[1] > 12:
        return date(parts[0], 9, 1), date(parts[1], 8, 31)
    following = date(parts[0] + parts[1] // 12, parts[1] % 12 + 1, 1)
    return date(*parts, 1), following - timedelta(days=1)


def order(code):
    first, last = span(code)
    return first, -last.toordinal(), code


def months(code):
    first, last = span(code)
    return (last.year - first.year) * 12 + last.month - first.month, first == last


# ------------------------------------------------------------------------------------------------------------------ lines

year_of = {row["key"]: int(row["year"]) for row in rows("plans")}
goes_on, came_from = defaultdict(dict), defaultdict(dict)
for row in rows("lineages"):
    if row["relation"] == "CONTINUES":
        goes_on[row["kind"]][row["predecessorKey"]] = row["successorKey"]
        came_from[row["kind"]][row["successorKey"]] = row["predecessorKey"]


def walk(steps, key):
    """What lies before or after a record on its line, the nearest first."""
    found = []
    while key := steps.get(key):
        found.append(key)
    return found


def trends_and_series():
    plan_of = {row["key"]: year_of[row["planKey"]] for row in rows("measures")}
    printed_in = {row["key"]: plan_of[row["measureKey"]] for row in rows("indicators")}
    values = defaultdict(dict)
    for row in rows("observations"):
        values[row["indicatorKey"]][row["period"]] = row
    for node in all_of("trends", "", "indicatorKey from { code } to { code } relative absolute"):
        key = node["indicatorKey"]
        of = {}
        for at in [key] + walk(came_from["INDICATOR"], key):
            for period, row in values[at].items():
                of.setdefault(period, row)
        periods = sorted(of, key=order)
        to = periods[-1] if periods else None
        share = to and of[to]["figure.unit"] == "RATIO"
        alike = [period for period in periods[:-1] if share or months(period) == months(to)]
        start = (alike or periods[:-1] or [None])[-1]
        after = number(of[to]["figure.value"]) if to else None
        before = number(of[start]["figure.value"]) if start else None
        same(f"{key} to", node["to"] and node["to"]["code"], to)
        same(f"{key} from", node["from"] and node["from"]["code"], start)
        same(f"{key} relative", node["relative"], growth(before, after))
        same(f"{key} absolute", node["absolute"], None if None in (before, after) else after - before)
    asked = "key series { points { period figure { value } restated plan { year } others { figure { value } } } }"
    for node in all_of("indicators", "", asked):
        key = node["key"]
        line = walk(came_from["INDICATOR"], key)[::-1] + [key] + walk(goes_on["INDICATOR"], key)
        prints = defaultdict(list)
        for at in line:
            for period, row in values[at].items():
                prints[period].append((printed_in[at], number(row["figure.value"])))
        points = node["series"]["points"]
        same(f"{key} periods", [point["period"] for point in points], sorted(prints, key=order))
        for point in points:
            of = prints.get(point["period"])
            if not of:  # told above
                continue
            what = f"{key} {point['period']}"
            same(f"{what} value", point["figure"]["value"], of[-1][1])
            same(f"{what} plan", point["plan"]["year"], of[-1][0])
            same(f"{what} restated", point["restated"], len({value for _, value in of}) > 1)
            same(f"{what} others", len(point["others"]), len(of) - 1)


def executions():
    plan_of = {row["key"]: year_of[row["planKey"]] for row in rows("budget-lines")}
    amounts = defaultdict(list)
    for row in rows("budget-amounts"):
        if not row.get("adjustment"):
            amounts[row["budgetLineKey"], int(row["year"]), row["phase"], row["credit"]].append(row)
    lines = {line for line, _, _, _ in amounts}
    expected = {(line, year) for line, year, _, _ in amounts}
    several = 0

    def realised(line, year, credit):
        """Its own, or else that of the nearest of its line: what came before first."""
        for at in [line] + walk(came_from["BUDGET_LINE"], line) + walk(goes_on["BUDGET_LINE"], line):
            for row in amounts.get((at, year, "REALISED", credit), []):
                return number(row["figure.value"])
        return None

    def budgeted(line, year, credit):
        """What the last plan prints, and of that the last stage."""
        nonlocal several
        found = []
        for at in [line] + walk(came_from["BUDGET_LINE"], line) + walk(goes_on["BUDGET_LINE"], line):
            for row in amounts.get((at, year, "BUDGETED", credit), []):
                found.append((plan_of[at], STAGES.index(row.get("stage") or ""), number(row["figure.value"])))
        several += len(found) > 1
        return max(found, key=lambda it: it[:2])[2] if found else None

    found = list(all_of("executions", "", "budgetLineKey year vakBudgeted vakRealised vakExecution vakChange vekBudgeted vekRealised vekExecution vekChange vekPerVak"))
    same("executions", sorted((node["budgetLineKey"], node["year"]) for node in found), sorted(expected))
    for node in found:
        line, year = node["budgetLineKey"], node["year"]
        used = {}
        for credit in ("VAK", "VEK"):
            name, what = credit.lower(), f"{line} {year} {credit}"
            plan, used[credit] = budgeted(line, year, credit), realised(line, year, credit)
            same(f"{what} budgeted", node[f"{name}Budgeted"], plan)
            same(f"{what} realised", node[f"{name}Realised"], used[credit])
            same(f"{what} execution", node[f"{name}Execution"], divide(used[credit], plan))
            same(f"{what} change", node[f"{name}Change"], growth(realised(line, year - 1, credit), used[credit]))
        same(f"{line} {year} vek per vak", node["vekPerVak"], divide(used["VEK"], used["VAK"]))
    if not lines or not several:
        wrong.append("no budget is printed twice: the recount would show nothing")


for part in (trends_and_series, executions):
    before = checked
    part()
    print(f"{part.__name__}: {checked - before} figures")
print(f"{checked} figures recounted, {len(wrong)} differ")
print("\n".join(wrong[:200]))
sys.exit(1 if wrong or checked < 1000 else 0)
