"""What the prose states in words: the same thing told in two places, times that cannot be, milestones that are one."""

from comparing import Found, two_prints
from periods import Period
from register import Figure, split


def told_differently(first, later):
    """What two statements of one thing say differently, if anything."""
    times = [Period(row["period"]) for row in (first, later) if row["period"]]
    if len(times) == 2 and (times[0].end < times[1].start or times[1].end < times[0].start):
        return "period"
    one, other = Figure(first, "figure"), Figure(later, "figure")
    if None not in (one.value, other.value) and one.unit == other.unit and one.value != other.value:
        return "figure"
    if first["holds"] and later["holds"] and first["holds"] != later["holds"]:
        return "holds"
    return None


def found(register):
    told = []
    statements = {row["key"]: row for row in register.rows("statements")}
    documents = {row["key"]: row["date"] for row in register.rows("documents")}
    parts = {key for key, row in milestones(register).items() if row["partOfKey"]}
    for key, row in statements.items():
        at, stated = ("STATEMENT", key), Figure(row, "figure")
        first = statements.get(row["againKey"])
        field = told_differently(first, row) if first else None
        if field:
            gap = two_prints(stated, Figure(first, "figure"))
            told.append(Found("STATEMENT_TWICE", at, field, stated, gap, second=(("STATEMENT", first["key"]), "figure"), severity=None if gap else "WARNING"))
        plan = register.by_key["PLAN"][row["planKey"]]
        if row["kind"] == "EVENT" and row["period"] and row["holds"]:
            period, date = Period(row["period"]), documents.get(stated.cited, "")
            too_late = row["holds"] == "true" and date and str(period.start) > date
            too_early = row["holds"] == "false" and period.end.year < int(plan["evaluatedYear"] or plan["year"])
            if too_late or too_early:
                told.append(Found("STATEMENT_TIME", at, "period", stated, severity="WARNING"))
        named = split(row["milestoneKeys"])
        if row["kind"] == "SAME" and sum(1 for it in named if it not in parts) >= 2:
            told.append(Found("MILESTONE_TWICE", at, "milestoneKeys", stated, severity="NOTICE"))
    return told


def milestones(register):
    """The milestones by their keys: project, year, table and number."""
    found = {}
    for row in register.rows("milestones"):
        found["/".join((row["projectKey"], row["year"], row["table"].lower().replace("_", "-"), row["number"]))] = row
    return found
