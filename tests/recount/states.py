"""States compared: what became of a plan in the next one, and what two states of the register differ in."""

import json
from collections import defaultdict
from fractions import Fraction

from hold import ask, told
from register import FILES, split
from trees import COLUMNS


KEYS = "fragment K on Node { " + " ".join(f"... on {kind.title().replace('_', '')} {{ key }}" for kind in FILES) + " }"
# What a word of a closed list, or another one, is told in.
WORDS = {"scope": "scopeWord", "lifecycle": "lifecycleWord", "basis": "basisWord", "kind": "kindWord", "section": "sectionWord"}
# Of a target for staff, what was reached is of its year.
OF_ITS_YEAR = ("achieved", "achievedAt")


def continuations(register, earlier, plan):
    """The records of the later plan that continue each record of the earlier one."""
    found = defaultdict(set)
    found["PLAN", earlier["key"]].add(plan["key"])
    for (kind, key), of in register.went.items():
        for relation, other in of:
            if relation == "CONTINUES" and of_plan(register, kind, key, earlier) and of_plan(register, kind, other, plan):
                found[kind, key].add(other)
    return found


def differ(register, kind, before, after, earlier, plan, went):
    """The fields in which a record differs from what it continues: neither keys nor citations count, nor links that go along."""
    rows = register.by_key[kind][before], register.by_key[kind][after]
    found = set()
    lists = {word: column for column, word in WORDS.items()}
    for column in {lists.get(column, column) for column in rows[0].keys() | rows[1].keys()} - {"key"}:
        if "printed." in column.lower() or column.partition(".")[0] in OF_ITS_YEAR:
            continue
        one, other = (row[column] for row in rows)
        if column in WORDS:
            one, other = (row[column] if row[column] not in ("", "OTHER") else row[WORDS[column]] or row[column] for row in rows)
        if column == "planKey" and kind == "STAFF_TARGET":
            one, other = one or earlier["key"], other or plan["key"]
        of = rows[0]["subjectKind"] if column == "subjectKey" else COLUMNS.get(column)
        if of:
            links = split(one), split(other)
            is_same = len(links[0]) == len(links[1]) and all(b in (went.get((of, a)) or {a}) for a, b in zip(*links))
        elif column.endswith(".value") and one and other:
            is_same = Fraction(one) == Fraction(other)
        else:
            is_same = one == other
        if not is_same:
            found.add(WORDS.get(column, column))
    return found


def of_plan(register, kind, key, plan):
    """Whether a record is of a plan; a target for staff that names none is of the plan whose document prints it."""
    row = register.by_key[kind][key]
    if kind == "STAFF_TARGET" and not row["planKey"]:
        cited = row["printed.documentKey"]
        return row["organisationKey"] == plan["organisationKey"] and bool(cited) and cited == plan["documentKey"]
    return register.plan_of(kind, key) == plan["key"]


def compared_plans(register):
    """What became of the records of a plan in the next one."""
    for earlier in register.rows("plans"):
        later = [it for it in register.rows("plans") if it["organisationKey"] == earlier["organisationKey"] and int(it["year"]) == int(earlier["year"]) + 1]
        for plan in later:
            asked = f"comparePlans(fromPlan: {json.dumps(earlier['key'])}, toPlan: {json.dumps(plan['key'])}, first: 1000)"
            shown = "kind earlier later continued dropped new merged split changed changedRecords { predecessor { ...K } successor { ...K } fields { field } }"
            found = ask(f"{{ {asked} {{ kinds {{ {shown} }} }} }} {KEYS}")["comparePlans"]["kinds"]
            went = continuations(register, earlier, plan)
            for of in found:
                kind = of["kind"]
                was, is_ = ({key for key in register.by_key[kind] if of_plan(register, kind, key, it)} for it in (earlier, plan))
                became = {key: {relation for relation, other in register.went[kind, key] if other in is_} for key in was}
                came = {other for key in was for _, other in register.went[kind, key]}
                count = lambda relation: sum(1 for of in became.values() if relation in of)
                expected = {"earlier": len(was), "later": len(is_), "continued": count("CONTINUES"), "merged": count("MERGED_INTO"), "split": count("SPLIT_FROM"),
                            "dropped": sum(1 for of in became.values() if not of), "new": len(is_ - came)}  # fmt: skip
                told(f"{earlier['key']} to {plan['key']}, {kind}", {name: of[name] for name in expected}, expected)
                wanted = {}
                for before, after in ((key, other) for key in was for relation, other in register.went[kind, key] if relation == "CONTINUES" and other in is_):
                    fields = differ(register, kind, before, after, earlier, plan, went)
                    wanted |= {(before, after): fields} if fields else {}
                changed = {(it["predecessor"]["key"], it["successor"]["key"]): {WORDS.get(it["field"], it["field"]) for it in it["fields"]} for it in of["changedRecords"]}
                told(f"{earlier['key']} to {plan['key']}, {kind} changed", (of["changed"], changed), (len(wanted), wanted))
