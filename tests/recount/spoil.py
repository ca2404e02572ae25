"""Copies a folder of CSV files with slips in it: what a recount of the copy must see.

    python3 spoil.py FOLDER COPY

In each file that has figures every fifth of those with a value is one more, every fifth milestone has another status, the first lineage is
missing, the first round ended long ago, and the first measure with a goal has none.
"""

import csv
import sys
from decimal import Decimal
from pathlib import Path

FROM, TO = Path(sys.argv[1]), Path(sys.argv[2])
TO.mkdir(parents=True, exist_ok=True)
for path in sorted(FROM.glob("*.csv")):
    with open(path, newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        columns, rows = reader.fieldnames, list(reader)
    for column in (name for name in columns if name.endswith(".value") or name == "value"):
        for row in [row for row in rows if row[column]][::5]:
            row[column] = str(Decimal(row[column]) + 1)
    if path.stem == "milestones":
        for row in [row for row in rows if row["status"]][::5]:
            row["status"] = "DELAYED" if row["status"] != "DELAYED" else "REALISED"
    if path.stem == "lineages":
        rows = rows[1:]
    if path.stem == "rounds":
        rows[0]["deadline"] = "2000-01-01"
    if path.stem == "measures":
        next(row for row in rows if row["operationalGoalKey"])["operationalGoalKey"] = ""
    with open(TO / path.name, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
