"""Two states of a register, and what they differ in: by commits, by editions, and by rounds of reporting.

    python3 revised.py make FOLDER COPY
    python3 revised.py hold URL FOLDER COPY REVISION EDITION...

`make` copies a folder of CSV files in which, file by file, every fifth figure with a value is one more and loses its cell. `hold` asks the
server, which had FOLDER at REVISION, closed the first round of each plan as an EDITION and then took COPY in.
"""

import csv
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

import hold
from hold import ask, told
from register import FILES, Register
from trees import PARTS, Tree

REVISED = {"observations": "figure", "budget-amounts": "figure", "inspections": "controls", "staff-figures": "figure"}


def make(folder, copy):
    copy.mkdir(parents=True, exist_ok=True)
    for path in sorted(folder.glob("*.csv")):
        if path.stem not in REVISED and path.stem != "measures":
            continue
        with open(path, newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            columns, rows = reader.fieldnames, list(reader)
        if path.stem == "measures":
            for row in rows[::3]:
                row["name"] += " (new)"
        else:
            figure = REVISED[path.stem]
            for row in [row for row in rows if row[f"{figure}.value"]][::5]:
                row[f"{figure}.value"] = str(Decimal(row[f"{figure}.value"]) + 1)
                row |= {column: "" for column in columns if column.startswith(f"{figure}.printed.")}
        with open(copy / path.name, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def revised(before, after):
    """The rows of each file that differ, with the columns in which they do."""
    found = {}
    for name in [*REVISED, "measures"]:
        pairs = zip(before.rows(name), after.rows(name))
        differ = lambda one, other: frozenset(column for column in one if one[column] != other[column])
        found[name] = [(at, row, fields) for at, (row, other) in enumerate(pairs) if (fields := differ(row, other))]
    return found


def compared(found, arguments):
    """What two states differ in, kind by kind, and the fields."""
    kinds = {"observations": "OBSERVATION", "budget-amounts": "BUDGET_AMOUNT", "inspections": "INSPECTION", "staff-figures": "STAFF_FIGURE", "measures": "MEASURE"}
    for name, kind in kinds.items():
        asked = f"{{ compare({arguments}, kinds: [{kind}], first: 1000) {{ totalCount changes {{ outcome fields {{ field }} }} }} }}"
        said = ask(asked)["compare"]
        told(f"{arguments}: {name}", said["totalCount"], len(found[name]))
        fields = Counter(frozenset(it["field"] for it in change["fields"]) for change in said["changes"])
        told(f"{arguments}: fields of {name}", fields, Counter(fields for _, _, fields in found[name]))
        told(f"{arguments}: outcomes of {name}", {change["outcome"] for change in said["changes"]} <= {"UPDATED"}, True)
    everything = ask(f"{{ compare({arguments}, kinds: [{', '.join(kinds.values())}]) {{ totalCount }} }}")["compare"]
    told(f"{arguments}: all", everything["totalCount"], sum(map(len, found.values())))


def rounds(register, found):
    """What was written in a plan since its first round was closed: told in the second; there is none before the first, and the second is open."""
    tree, places = Tree(register), {"observations": "OBSERVATION", "budget-amounts": "BUDGET_AMOUNT", "inspections": "INSPECTION", "measures": "MEASURE"}
    rows = [((kind, row["key"] if kind == "MEASURE" else at)) for name, kind in places.items() for at, row, _ in found[name]]
    for plan in register.rows("plans"):
        below = set(tree.hanging([("PLAN", plan["key"])]))
        wanted = Counter(kind for kind, key in rows if (kind, key) in below)
        of = sorted((row for row in register.rows("rounds") if row["planKey"] == plan["key"]), key=lambda row: row["referenceDate"])
        for place, row in enumerate(of):
            said = ask(f'{{ round(key: "{row["key"]}") {{ changed {{ __typename }} }} }}')["round"]["changed"]
            kinds = said and Counter(it["__typename"] for it in said)
            named = Counter({kind.title().replace("_", ""): count for kind, count in wanted.items()})
            told(f"changed in round {row['key']}", kinds if said else said, (named or []) if place == 1 else None)


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]), Path(sys.argv[3]))
        sys.exit(0)
    hold.URL, folder, copy, revision, *editions = sys.argv[2:]
    before, after = Register([Path(folder)]), Register([Path(copy)])
    found = revised(before, after)
    latest = ask("{ register { revision } }")["register"]["revision"]
    compared(found, f"from: {{revision: {revision}}}, to: {{revision: {latest}}}")
    for edition in editions:
        compared(found, f'from: {{edition: "{edition}"}}, to: {{revision: {latest}}}')
    empty = ask(f"{{ compare(from: {{revision: 0}}, to: {{revision: {revision}}}) {{ totalCount }} }}")["compare"]["totalCount"]
    told("everything", empty, sum(len(before.rows(path.stem)) for path in Path(folder).glob("*.csv")))
    rounds(before, found)
    print(f"{hold.checked} figures recounted, {len(hold.wrong)} differ")
    print("\n".join(hold.wrong[:50]))
    sys.exit(1 if hold.wrong else 0)
