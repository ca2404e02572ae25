"""What computed values are grouped by beyond their own fields: what the records that they are about lead to."""

from register import Row, split

# How a record is shown among the keys of a group.
SHOWN = {name: f"{name} {{ key }}" for name in ("organisation", "policyField", "operationalGoal", "strategicGoals")}
# By what each list is grouped.
LED = {
    "trends": [("organisation",), ("policyField", "indicatorKindWord"), ("operationalGoal", "latest")],
    "attainments": [("organisation",), ("policyField",), ("operationalGoal", "level")],
    "executions": [("organisation", "year"), ("policyField",)],
    "inspectionRates": [("organisation", "year")],
    "projectProgress": [("organisation",), ("policyField",), ("operationalGoal",), ("strategicGoals",)],
    "milestoneStandings": [("organisation",), ("policyField", "year")],
    "deliveries": [("organisation",), ("operationalGoal", "inTime")],
}


def led(register, of):
    """The keys of what a value leads to."""
    row_of = lambda kind, key: register.by_key[kind].get(key, Row())
    plan = row_of("PLAN", of.get("planKey"))
    found = {"organisation": plan["organisationKey"] or None}
    if "indicatorKey" in of:
        kind = row_of("INDICATOR", of["indicatorKey"])
        found["indicatorKindWord"] = kind["kind"] if kind["kind"] not in ("", "OTHER") else kind["kindWord"] or None
    home = None
    if "budgetLineKey" in of:
        home = row_of("BUDGET_LINE", of["budgetLineKey"])
    elif "projectKey" in of:
        home = row_of("PROJECT", of["projectKey"])
        found["strategicGoals"] = sorted(split(home["strategicGoalKeys"])) or None
    elif "indicatorKey" in of or "normKey" in of:
        home = standing(row_of, row_of("INDICATOR", of["indicatorKey"]) if "indicatorKey" in of else row_of("NORM", of["normKey"]))
        if home["subjectKind"] == "ORGANISATION":
            found["organisation"] = home["subjectKey"]
    if home is not None:
        found["operationalGoal"] = home["operationalGoalKey"] or None
        home = row_of("OPERATIONAL_GOAL", home["operationalGoalKey"]) if home["operationalGoalKey"] else home
        element = row_of("STRUCTURAL_ELEMENT", home["structuralElementKey"])
        found["policyField"] = home["policyFieldKey"] or element["policyFieldKey"] or None
    return found


def standing(row_of, row):
    """Where an indicator or a norm stands: as its measure does, or right under a goal, a chapter or a policy field."""
    if row["measureKey"]:
        return row_of("MEASURE", row["measureKey"])
    column = {"OPERATIONAL_GOAL": "operationalGoalKey", "STRUCTURAL_ELEMENT": "structuralElementKey", "POLICY_FIELD": "policyFieldKey"}
    return Row({**row, column.get(row["subjectKind"], ""): row["subjectKey"]})
