"""Inspections, milestones and staff, added up and counted."""

from collections import defaultdict
from datetime import date
from fractions import Fraction

from hold import divide, entries, few, growth, same, same_change, same_total, told, widest
from periods import Period
from register import PLACES, Figure, number, split

# ----------------------------------------------------------------------------------------------------------- inspections

COLUMNS = ("controls", "sanctions", "proposedRecovery")
INSPECTED = (
    "{ processes { ...F } controls { ...T } sanctions { ...T } proposedRecovery { ...T } controlsChange { ...C } sanctionsChange { ...C } "
    "proposedRecoveryChange { ...C } sanctionRate { ...F } recoveryPerControl { ...F } shareOfControls { ...F } }"
)


class Inspections:
    def __init__(self, register):
        self.register = register
        self.cells = {(row["processKey"], int(row["year"])): row for row in register.rows("inspections")}
        self.processes = register.rows("inspected-processes")

    def figure(self, process, year, column):
        """Its own number, or else that of the nearest process of its line that tells it; a blank one, or none."""
        line = [process] + self.register.earlier("INSPECTED_PROCESS", process) + self.register.later("INSPECTED_PROCESS", process)
        found = [Figure(row, column) if row else None for row in (self.cells.get((at, year)) for at in line)]
        return next((it for it in found if it and (it.value is not None or not it.applies)), found[0])

    def last_of_each(self, rows):
        """Without those that another of them continues."""
        keys = {row["key"] for row in rows}
        return [row for row in rows if not keys & set(self.register.later("INSPECTED_PROCESS", row["key"]))]

    def below(self, kind, key):
        if kind == "INSPECTED_PROCESS":
            return [row for row in self.processes if row["key"] == key]
        if kind == "PLAN":
            return [row for row in self.processes if row["planKey"] == key]
        measures = set(self.register.measures(kind, key))
        return [row for row in self.processes if measures & set(split(row["measureKeys"]))]

    def total(self, keys, year, column):
        """The sum over processes; one of which nothing is told is as unknown as one with a blank."""
        there = [self.figure(key, year, column) for key in keys]
        applies = [figure for figure in there if figure is None or figure.applies]
        known = [figure.value for figure in applies if figure and figure.value is not None]
        cover = (len(known), len(applies) - len(known))
        value = sum(known) if known else None
        return (value if not cover[1] else None), value, cover

    def pairs(self, keys, first, second):
        """The sums of two cells over the processes that have both."""
        rows = [(self.figure(key, *first), self.figure(key, *second)) for key in keys]
        rows = [(a, b) for a, b in rows if not (a and b and not a.applies and not b.applies)]
        both = [(a.value, b.value) for a, b in rows if a and b and None not in (a.value, b.value)]
        return ((sum(a for a, _ in both), sum(b for _, b in both)) if both else (None, None)), (len(both), len(rows) - len(both))

    def hold(self, what, found, chosen, year):
        keys, plans = [row["key"] for row in chosen], {row["planKey"] for row in chosen}
        same(f"{what} processes", found["processes"], Fraction(len(keys)))
        for name in COLUMNS:
            same_total(f"{what} {name}", found[name], self.total(keys, year, name))
            same_change(f"{what} {name} change", found[f"{name}Change"], self.pairs(keys, (year - 1, name), (year, name)))
        for name, rate in (("sanctions", "sanctionRate"), ("proposedRecovery", "recoveryPerControl")):
            (part, whole), cover = self.pairs(keys, (year, name), (year, "controls"))
            same(f"{what} {rate}", found[rate], divide(part, whole), cover)
        _, mine, cover = self.total(keys, year, "controls")
        everyone = [row for row in self.processes if row["planKey"] in plans]
        everyone = self.last_of_each(everyone) if len(plans) > 1 else everyone
        _, everyone, whole = self.total([row["key"] for row in everyone], year, "controls")
        same(f"{what} share", found["shareOfControls"], divide(mine, everyone), widest(cover, whole))


def inspections(register):
    of = Inspections(register)
    for year in sorted({year for _, year in of.cells}):
        for name, kind in [("inspectedProcesses", "INSPECTED_PROCESS")] + PLACES:
            for node in entries(name, f"key inspected(year: {year}) {INSPECTED}", size=50):
                of.hold(f"{kind} {node['key']} {year}", node["inspected"], of.below(kind, node["key"]), year)


def list_of_rates(register):
    of, expected = Inspections(register), {}
    plan = {row["key"]: row["planKey"] for row in of.processes}
    for process, year in of.cells:
        value = lambda column, at=0: (lambda figure: figure.value if figure else None)(of.figure(process, year + at, column))
        _, everyone, _ = of.total([row["key"] for row in of.processes if row["planKey"] == plan[process]], year, "controls")
        row = {"inspectedProcessKey": process, "planKey": plan[process], "year": year} | {name: value(name) for name in COLUMNS}
        row |= {"sanctionRate": divide(value("sanctions"), value("controls")), "recoveryPerControl": divide(value("proposedRecovery"), value("controls"))}
        row["shareOfControls"] = divide(value("controls"), everyone)
        for name, column in (("controlsChange", "controls"), ("sanctionsChange", "sanctions"), ("recoveryChange", "proposedRecovery")):
            row[name] = growth(value(column, -1), value(column))
        again = [at for at in register.later("INSPECTED_PROCESS", process) if (at, year) in of.cells]
        expected[f"{process}/{year}"] = row | {"againKey": f"{again[0]}/{year}" if again else None}
    return expected


# ------------------------------------------------------------------------------------------------------------ milestones

SETTLED = {"REALISED", "STOPPED", "REORIENTED"}
MILESTONES = (
    "{ count { ...F } byStatus { status statusWord count { ...F } share { ...F } amended { ...F } } overdue { ...F } withoutDue { ...F } "
    "withSeveral { ...F } }"
)
LISTED = SETTLED | {"ON_SCHEDULE", "IN_PREPARATION", "NOT_STARTED", "DELAYED", "ON_HOLD"}


class Milestone:
    def __init__(self, row):
        self.row, self.several = row, split(row["statuses"])
        own = row["status"] if row["status"] not in ("", "OTHER") else row["statusWord"]
        self.words = self.several or [own or None]
        common = row["commonStatus"] in ("MET", "NOT_MET", "STOPPED")
        self.is_open = not all(word in SETTLED or (word not in LISTED and common) for word in self.words)
        self.common, self.listed = row["commonStatus"], any(word in LISTED for word in self.words)
        self.done = "REALISED" in self.words or (self.common == "MET" and not self.listed)
        due = row["amendment.due"] or row["due"]
        self.due, self.amended = Period(due) if due else None, bool(row["amendment.change"])

    def is_late(self, day):
        return self.is_open and self.due is not None and self.due.end < day


def milestones_of(register, projects, year=None, parts=False):
    fits = lambda row: row["projectKey"] in projects and (parts or not row["partOfKey"]) and year in (None, int(row["year"]))
    return [Milestone(row) for row in register.rows("milestones") if fits(row)]


def hold_milestones(what, found, chosen, day):
    count = lambda fits, among=chosen: Fraction(sum(1 for it in among if fits(it)))
    same(f"{what} count", found["count"], Fraction(len(chosen)))
    groups = defaultdict(list)
    for it in chosen:
        for word in dict.fromkeys(it.words):
            groups[word].append(it)
    told(f"{what} statuses", {of["statusWord"] for of in found["byStatus"]}, set(groups))
    for of in found["byStatus"]:
        word = of["statusWord"]
        told(f"{what} {word} in the list", of["status"], word if word in LISTED else word and "OTHER")
        same(f"{what} {word}", of["count"], Fraction(len(groups[word])))
        # What is said of none is unknown, not otherwise.
        silent = len(groups[None]) if word else 0
        cover = (len(chosen) - silent, silent) if word else None
        same(f"{what} {word} share", of["share"], divide(Fraction(len(groups[word])), Fraction(len(chosen) - silent)), cover)
        same(f"{what} {word} amended", of["amended"], count(lambda it: it.amended, groups[word]))
    vague = count(lambda it: it.is_open and it.due is None)
    late = count(lambda it: it.is_late(day)) if day else None
    same(f"{what} overdue", found["overdue"], late, (len(chosen) - int(vague), int(vague)) if day else None)
    same(f"{what} without due", found["withoutDue"], vague)
    same(f"{what} several", found["withSeveral"], count(lambda it: len(it.several) > 1))


def milestones(register):
    years = sorted({int(row["year"]) for row in register.rows("milestones")})
    for parts in (False, True):
        for year in few([None] + years):
            day = date(year or years[-1], 7, 1)
            argument = f'{f"year: {year}, " if year else ""}parts: {str(parts).lower()}, overdueAt: "{day}"'
            for name, kind in [("projects", "PROJECT")] + PLACES[1:]:
                for node in entries(name, f"key milestoneCounts({argument}) {MILESTONES}", size=50):
                    chosen = milestones_of(register, register.projects(kind, node["key"]), year, parts)
                    hold_milestones(f"milestones of {kind} {node['key']} {argument}", node["milestoneCounts"], chosen, day)


def list_of_progress(register):
    """What is overdue is so on the closing day of the plan."""
    expected = {}
    for row in register.rows("projects"):
        of, day = milestones_of(register, {row["key"]}), register.closing_day(register.by_key["PLAN"][row["planKey"]])
        stands = lambda word: sum(1 for it in of if word in it.words)
        expected[row["key"]] = {
            "planKey": row["planKey"],
            "milestones": len(of),
            "realised": sum(1 for it in of if it.done),
            "withoutStatus": sum(1 for it in of if not it.listed and not it.common),
            "realisedShare": divide(Fraction(sum(1 for it in of if it.done)), Fraction(sum(1 for it in of if it.listed or it.common))),
            "delayed": stands("DELAYED"),
            "onHold": stands("ON_HOLD"),
            "overdue": sum(1 for it in of if it.is_late(day)),
            "withoutDue": sum(1 for it in of if it.is_open and it.due is None),
            "amended": sum(1 for it in of if it.amended),
        }
    return expected


def list_of_standings(register):
    """Milestones of their own, each with all its statuses; late is what is open and was due before the closing day of the plan."""
    place = lambda row, table: (row["projectKey"], int(row["year"]), table, int(row["number"]))
    keys = {place(node, node["tableWord"]): node["key"] for node in entries("milestones", "key projectKey year tableWord number")}
    expected = {}
    for row in register.rows("milestones"):
        if row["partOfKey"]:
            continue
        table = row["table"] if row["table"] not in ("", "OTHER") else row["tableWord"]
        it, project = Milestone(row), register.by_key["PROJECT"][row["projectKey"]]
        day = register.closing_day(register.by_key["PLAN"][project["planKey"]])
        late = it.is_late(day)
        expected[keys[place(row, table)]] = {
            "projectKey": row["projectKey"],
            "planKey": project["planKey"],
            "year": int(row["year"]),
            "tableWord": table,
            "statusWords": [word for word in it.words if word],
            "commonStatus": row["commonStatus"] or None,
            "settled": not it.is_open,
            "dueNow": row["amendment.due"] or row["due"] or None,
            "overdue": None if it.is_open and it.due is None else late,
            "daysOverdue": (day - it.due.end).days if late else None,
            "amended": it.amended,
            "causeWord": (row["amendment.cause"] if row["amendment.cause"] not in ("", "OTHER") else row["amendment.causeWord"]) or None,
        }
    return expected


# ----------------------------------------------------------------------------------------------------------------- staff

STAFF = "{ date heads { ...T } groups { level rank contractWord heads { ...T } share { ...F } } }"
DIMENSIONS = {"LEVEL": "level", "RANK": "rank", "CONTRACT": "contractWord"}


def employed(row):
    return row["contract"] if row["contract"] not in ("", "OTHER") else row["contractWord"]


class Staff:
    """The staff of a body at a day: those for all; what is told of parts alone, where nothing is told for all of them."""

    def __init__(self, register, body, day):
        dimension = {row["key"]: row["dimension"] for row in register.rows("categories")}
        places = defaultdict(lambda: defaultdict(list))
        for row in register.rows("staff-figures"):
            if row["organisationKey"] == body and row["date"] == day:
                by = tuple(sorted({dimension[key] for key in split(row["categoryKeys"])}))
                places[row["rank"], employed(row)][by].append(row)
        self.day, self.rows = day, [row for of in places.values() for row in of[min(of)]]
        self.totals = []
        plans = {row["key"] for row in register.rows("plans") if row["organisationKey"] == body}
        for claim in register.rows("claims"):
            kind = (claim["counted.metric"], claim["kind"], claim["qualifier"])
            if claim["planKey"] in plans and kind == ("STAFF", "SUM", "EXACT") and claim["period"] == day:
                self.totals.append(claim)
        self.nobody = self.proven_nobody()

    def proven_nobody(self, but=None):
        """The places without a number in rows whose printed total comes to what is known of them; without what that claim proves."""
        found = []
        for claim in self.totals:
            if claim["key"] == but:
                continue
            wanted = {"level": claim["counted.level"], "rank": claim["counted.rank"]}
            contract = claim["counted.contractWord"] or claim["counted.contract"]
            of = [row for row in self.rows if all(word in ("", row[name]) for name, word in wanted.items()) and contract in ("", employed(row))]
            values = [number(row["figure.value"]) for row in of]
            known = [value for value in values if value is not None]
            if of and all(value >= 0 for value in known) and sum(known) == number(claim["figure.value"]):
                found += [row for row, value in zip(of, values) if value is None]
        return found

    def total(self, rows):
        applies = [row for row in rows if row["figure.status"] != "NOT_APPLICABLE"]
        known = [value for row in applies if (value := number(row["figure.value"])) is not None]
        nobody = [row for row in applies if not row["figure.value"] and row in self.nobody] if known else []
        value = sum(known) if known else None
        cover = (len(known) + len(nobody), len(applies) - len(known) - len(nobody))
        return (value if not cover[1] else None), value, cover

    def hold(self, what, found, by):
        told(f"{what} date", found["date"], self.day)
        whole = self.total(self.rows)
        same_total(f"{what} heads", found["heads"], whole)
        groups = defaultdict(list)
        for row in self.rows:
            at = {"LEVEL": row["level"], "RANK": row["rank"], "CONTRACT": employed(row)}
            groups[tuple(at[name] if name in by else None for name in DIMENSIONS)].append(row)
        seen = [tuple(group[name] for name in DIMENSIONS.values()) for group in found["groups"]]
        told(f"{what} groups", sorted(map(str, seen)), sorted(map(str, groups)) if by else [])
        for at, group in zip(seen, found["groups"]):
            total = self.total(groups[at])
            same_total(f"{what} {at}", group["heads"], total)
            same(f"{what} {at} share", group["share"], divide(total[1], whole[1]), widest(total[2], whole[2]))


def staff(register):
    days = defaultdict(set)
    for row in register.rows("staff-figures"):
        days[row["organisationKey"]].add(row["date"])
    for by in ([], ["LEVEL"], ["RANK"], ["CONTRACT"], ["LEVEL", "RANK", "CONTRACT"]):
        for day in few([None] + sorted(set().union(*days.values()))):
            argument = f"(by: [{', '.join(by)}]" + (f', date: "{day}")' if day else ")")
            for node in entries("organisations", f"key staff{argument} {STAFF}"):
                at = day or max(days[node["key"]], default=None)
                Staff(register, node["key"], at).hold(f"staff of {node['key']} {argument}", node["staff"], by)
    for node in entries("staffTargets", "key progress { share { ...F } left { ...F } }"):
        row = register.by_key["STAFF_TARGET"][node["key"]]
        aim, done = Figure(row, "target"), Figure.of(row, "achieved")
        alike = done and done.counts == aim.counts
        same(f"target {node['key']} share", node["progress"]["share"], divide(done.value, aim.value) if alike else None)
        left = aim.value - done.value if alike and None not in (aim.value, done.value) else None
        same(f"target {node['key']} left", node["progress"]["left"], left)
