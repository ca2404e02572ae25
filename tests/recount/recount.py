"""An independent recount: every figure that the API computes, recomputed from CSV files and from nothing else.

    python3 recount.py [--few] [--parts NAME,…] URL FOLDER...

Asks the server at URL, which serves the data of all FOLDERs together, for every computed figure of every record, and holds each against what
the cells give; with `--few` for fewer years, tables and other values of arguments, with `--parts`
in these parts alone. Only the standard library is used; nothing is shared with
the program that is checked. Exits with 1 when a figure differs.
"""

import argparse
import sys
from pathlib import Path

import hold
from budgets import budgets
from contradictions import discrepancies
from counts import inspections, milestones, staff
from levels import budget_parts, inspected_parts, milestone_parts
from lists import groups, lists, wholes
from norms import attainments, target_attainments, trends_of_norms
from register import Register
from reports import bodies_reports, plan_reports, scoreboards
from states import compared_plans
from trees import orphans, records, rounds, trees
from trends import series, trends

PARTS = (trends, series, budgets, budget_parts, inspections, inspected_parts, attainments, trends_of_norms, target_attainments, milestones)
PARTS += (milestone_parts, staff)
PARTS += (lists, wholes, groups, plan_reports, bodies_reports, scoreboards, trees, rounds, orphans, compared_plans, discrepancies, records)

if __name__ == "__main__":
    given = argparse.ArgumentParser()
    given.add_argument("--few", action="store_true")
    given.add_argument("--parts", type=lambda names: names.split(","))
    given.add_argument("url")
    given.add_argument("folders", nargs="+", type=Path)
    given = given.parse_args()
    hold.URL, hold.FEW = given.url, given.few
    register = Register(given.folders)
    for part in (part for part in PARTS if given.parts is None or part.__name__ in given.parts):
        before = hold.checked, len(hold.wrong)
        part(register)
        print(f"{part.__name__}: {hold.checked - before[0]} figures, {len(hold.wrong) - before[1]} differ", flush=True)
    print(f"{hold.checked} figures recounted, {len(hold.wrong)} differ")
    print("\n".join(hold.wrong[:200]))
    sys.exit(1 if hold.wrong or hold.checked < 1000 else 0)
