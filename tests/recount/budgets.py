"""Budgets of everything that lines stand under, and how far each line was used."""

from collections import Counter, defaultdict
from fractions import Fraction

import hold
from hold import divide, entries, few, growth, same, same_change, same_total, told, widest
from register import PLACES, Figure, split

STAGES = ["INITIAL", "ADJUSTED", "FINAL", ""]
CREDIT = (
    "{ realised { ...T } budgeted { ...T } execution { ...F } realisedChange { ...C } budgetedChange { ...C } "
    "budgetedSinceRealised { ...C } budgetedPrints { plan { key } stage amounts { ...F } } }"
)
BUDGET = (
    f"{{ currency lines {{ ...F }} sharedLines {{ ...F }} vak {CREDIT} vek {CREDIT} others {{ kind amounts {CREDIT} }} "
    "vekPerVakRealised { ...F } vekPerVakBudgeted { ...F } commitmentsGrowth { ...F } openCommitments { ...F } }"
)


class Budgets:
    def __init__(self, register):
        self.register, self.amounts = register, defaultdict(list)
        for row in register.rows("budget-amounts"):
            self.amounts[row["budgetLineKey"], int(row["year"])].append(row)
        self.lines = {row["key"]: row for row in register.rows("budget-lines")}
        self.all_years = sorted({year for _, year in self.amounts})

    def on_line(self, line):
        """The line itself, what it continues, and what continues it, the nearest first."""
        return [line] + self.register.earlier("BUDGET_LINE", line) + self.register.later("BUDGET_LINE", line)

    def amount(self, line, year, phase, credit, kind="", against=None):
        """What was realised as the nearest print of the line has it; what was budgeted as the last plan has it, and of that the last stage."""
        found = self.printed(line, year, phase, credit, kind, against)
        return Figure(found[1], "figure") if found else None

    def printed(self, line, year, phase, credit, kind="", against=None):
        """The row of that amount, after what it is chosen by: the year of the plan, and the stage."""
        found = []
        for at in self.on_line(line):
            for row in self.amounts[at, year]:
                fits = (row["phase"], row["credit"], row["creditKind"]) == (phase, credit, kind) and not row["adjustment"]
                if fits and (phase == "REALISED" or against in (None, row["stage"])):
                    plan = self.register.years[self.lines[at]["planKey"]]
                    says = row["figure.status"] != "NOT_REPORTED"
                    found.append(((says, plan, STAGES.index(row["stage"])) if phase == "BUDGETED" else says, row))
        return max(found, key=lambda it: it[0]) if found else None

    def is_asked(self, line, year):
        """Whether a plan of its line plans or evaluates the year, or it has an amount of it."""
        for at in self.on_line(line):
            plan = self.register.by_key["PLAN"][self.lines[at]["planKey"]]
            if str(year) in (plan["year"], plan["evaluatedYear"]) or self.amounts[at, year]:
                return True
        return False

    def last_of_each(self, lines):
        """Without those that another of them continues."""
        keys = {line["key"] for line in lines}
        return [line for line in lines if not keys & set(self.register.later("BUDGET_LINE", line["key"]))]

    def below(self, kind, key):
        """The lines of a record, and those of them that others of the kind have too."""
        all_lines, shared = list(self.lines.values()), lambda column: [line for line in found if len(split(line[column])) > 1]
        if kind == "BUDGET_LINE":
            return [self.lines[key]], []
        if kind == "MEASURE":
            found = [line for line in all_lines if key in split(line["measureKeys"])]
            return found, shared("measureKeys")
        if kind == "BUDGET_ARTICLE":
            found = self.last_of_each([line for line in all_lines if key in split(line["articleKeys"])])
            return found, shared("articleKeys")
        if kind == "ARTICLE_TERM":
            articles = {row["code"] for row in self.register.rows("budget-articles") if self.has_term(row["code"], key)}
            found = self.last_of_each([line for line in all_lines if articles & set(split(line["articleKeys"]))])
            return found, [line for line in found if not set(split(line["articleKeys"])) <= articles]
        if kind == "PLAN":
            return [line for line in all_lines if line["planKey"] == key], []
        goals = set(self.register.goals(kind, key))
        found = [line for line in all_lines if line["operationalGoalKey"] in goals]
        if kind == "STRATEGIC_GOAL":
            several = lambda line: len(split(self.register.by_key["OPERATIONAL_GOAL"][line["operationalGoalKey"]]["strategicGoalKeys"])) > 1
            return found, [line for line in found if several(line)]
        elements = {key} if kind == "STRUCTURAL_ELEMENT" else set()
        if kind == "POLICY_FIELD":
            elements = {row["key"] for row in self.register.grouped("structural-elements", "policyFieldKey")[key]}
            found += [line for line in all_lines if line["policyFieldKey"] == key]
        return found + [line for line in all_lines if line["structuralElementKey"] in elements], []

    def has_term(self, code, term):
        """Whether the code of an article has the letters of a term at the places of its part."""
        for row in self.register.rows("article-terms"):
            part = next(it for it in self.register.rows("article-parts") if it["key"] == row["partKey"])
            mask = part["mask"]
            if f"{row['partKey']}/{row['code']}" == term and len(mask) == len(code):
                return "".join(letter for at, letter in zip(mask, code) if at == "X") == row["code"]
        return False

    # -------------------------------------------------------------------------------------------------------------- sums

    def total(self, lines, currency, *of):
        """The sum of an amount over lines, what is known of it, and of how many that is."""
        found = [(line, self.amount(line["key"], *of)) for line in lines]
        parts = [amount for line, amount in found if amount is not None or self.is_asked(line["key"], of[0])]
        applies = [amount for amount in parts if amount is None or amount.applies]
        if all(amount is None for amount in parts) or not applies:
            return None, None, (0, 0)
        known = [amount for amount in applies if amount is not None and amount.value is not None]
        cover = (len(known), len(applies) - len(known))
        value = sum(amount.value for amount in known) if known and in_one(known, currency) else None
        return (value if not cover[1] else None), value, cover

    def pairs(self, lines, currency, first, second):
        """The sums of two amounts over the lines that have both; a line that is asked for neither is no part."""
        found = [(line, self.amount(line["key"], *first), self.amount(line["key"], *second)) for line in lines]
        asked = lambda line: self.is_asked(line["key"], first[0]) or self.is_asked(line["key"], second[0])
        rows = [(a, b) for line, a, b in found if (a, b) != (None, None) or asked(line)]
        rows = [(a, b) for a, b in rows if not (a and b and not a.applies and not b.applies)]
        both = [(a, b) for a, b in rows if a and b and a.value is not None and b.value is not None]
        cover = (len(both), len(rows) - len(both))
        if not both or not all(in_one(side, currency) for side in zip(*both)):
            return (None, None), cover
        return (sum(a.value for a, _ in both), sum(b.value for _, b in both)), cover

    def hold(self, what, found, lines, shared, year, direction, against=None):
        lines = [line for line in lines if line["direction"] == direction]
        currency = found["currency"]
        amounts = [row for line in lines for at in self.on_line(line["key"]) for near in (year - 1, year) for row in self.amounts[at, near]]
        units = {row["figure.unitCode"] or row["figure.unit"] for row in amounts} or {"EUR"}
        told(f"{what} currency", currency in units, True)
        same(f"{what} lines", found["lines"], Fraction(len(lines)))
        same(f"{what} shared", found["sharedLines"], Fraction(sum(1 for line in shared if line["direction"] == direction)))

        def credit_of(what, of, *credit):
            realised, budgeted = (year, "REALISED", *credit), (year, "BUDGETED", *credit, against)
            realised_before, budgeted_before = (year - 1, "REALISED", *credit), (year - 1, "BUDGETED", *credit, against)
            pairs = lambda first, second: self.pairs(lines, currency, first, second)
            same_total(f"{what} realised", of["realised"], self.total(lines, currency, *realised))
            same_total(f"{what} budgeted", of["budgeted"], self.total(lines, currency, *budgeted))
            (part, whole), cover = pairs(realised, budgeted)
            same(f"{what} execution", of["execution"], divide(part, whole), cover)
            same_change(f"{what} realised change", of["realisedChange"], pairs(realised_before, realised))
            same_change(f"{what} budgeted change", of["budgetedChange"], pairs(budgeted_before, budgeted))
            same_change(f"{what} since realised", of["budgetedSinceRealised"], pairs(realised_before, budgeted))
            prints = Counter()
            for place, row in filter(None, (self.printed(line["key"], *budgeted) for line in lines)):
                prints[place[1:], self.lines[row["budgetLineKey"]]["planKey"], row["stage"] or None] += 1
            shown = [((it["plan"]["key"], it["stage"]), Fraction(it["amounts"]["value"])) for it in of["budgetedPrints"]]
            told(f"{what} prints", shown, [((plan, stage), Fraction(count)) for (_, plan, stage), count in sorted(prints.items())])

        credit_of(f"{what} VAK", found["vak"], "VAK", "")
        credit_of(f"{what} VEK", found["vek"], "VEK", "")
        kinds = {row["creditKind"] for row in amounts if row["creditKind"] and int(row["year"]) == year}
        told(f"{what} others", sorted(of["kind"] for of in found["others"]), sorted(kinds))
        for of in found["others"]:
            credit_of(f"{what} {of['kind']}", of["amounts"], "OTHER", of["kind"])
        for name, phase in (("vekPerVakRealised", "REALISED"), ("vekPerVakBudgeted", "BUDGETED")):
            stage = against if phase == "BUDGETED" else None
            (vek, vak), cover = self.pairs(lines, currency, (year, phase, "VEK", "", stage), (year, phase, "VAK", "", stage))
            same(f"{what} {name}", found[name], divide(vek, vak), cover)
            if phase == "REALISED":
                same(f"{what} growth", found["commitmentsGrowth"], None if vek is None else vak - vek, cover)
        opening, known, cover = self.total(lines, currency, year - 1, "REALISED", "OTHER", "OPEN_COMMITMENTS")
        (vak, _, vak_cover), (vek, _, vek_cover) = (self.total(lines, currency, year, "REALISED", credit) for credit in ("VAK", "VEK"))
        cover = widest(vak_cover, vek_cover) if known is None else widest(cover, vak_cover, vek_cover)
        same(f"{what} open", found["openCommitments"], None if None in (opening, vak, vek) else opening + vak - vek, cover)


def in_one(figures, currency):
    """Whether all are in the currency that is told."""
    return all((figure.code or figure.unit) == currency for figure in figures)


def budgets(register):
    of, places = Budgets(register), PLACES + [("budgetArticles", "BUDGET_ARTICLE"), ("articleTerms", "ARTICLE_TERM")]
    for name, kind in places:
        for direction in ("EXPENDITURE", "REVENUE"):
            for year in few(of.all_years + [of.all_years[-1] + 1]):
                arguments = f"year: {year}, direction: {direction}"
                for node in entries(name, f"key budget({arguments}) {BUDGET}", size=50):
                    lines, shared = of.below(kind, node["key"])
                    of.hold(f"{kind} {node['key']} {direction} {year}", node["budget"], lines, shared, year, direction)
    # Of single lines, against each stage, and what belongs to one alone.
    year = of.all_years[-2]
    for against in few(STAGES[:3]):
        for node in entries("budgetLines", f"key direction budget(year: {year}, against: {against}) {BUDGET}"):
            of.hold(f"line {node['key']} {year} {against}", node["budget"], *of.below("BUDGET_LINE", node["key"]), year, node["direction"], against)
    for only in ("OWN", "SHARED"):
        for name, kind in places:
            for node in entries(name, f"key budget(year: {year}, only: {only}) {BUDGET}", size=50):
                lines, shared = of.below(kind, node["key"])
                lines = shared if only == "SHARED" else [line for line in lines if line not in shared]
                shared = shared if only == "SHARED" else []
                of.hold(f"{kind} {node['key']} {year} {only}", node["budget"], lines, shared, year, "EXPENDITURE")


def executions(register):
    """What is expected of the list of executions, by its key."""
    of, expected = Budgets(register), {}
    for line, year in {(row["budgetLineKey"], int(row["year"])) for row in register.rows("budget-amounts")}:
        row = of.lines[line]
        found = {"budgetLineKey": line, "planKey": row["planKey"], "operationalGoalKey": row["operationalGoalKey"] or None,
                 "direction": row["direction"], "year": year}  # fmt: skip
        value = lambda *asked: (lambda figure: figure.value if figure else None)(of.amount(line, *asked))
        for credit in ("VAK", "VEK"):
            name, budgeted, realised = credit.lower(), value(year, "BUDGETED", credit), value(year, "REALISED", credit)
            found |= {f"{name}Budgeted": budgeted, f"{name}Realised": realised, f"{name}Execution": divide(realised, budgeted)}
            found[f"{name}Change"] = growth(value(year - 1, "REALISED", credit), realised)
        money = next(row for at in of.on_line(line) for near in (year, year - 1) for row in of.amounts[at, near])
        found |= {"unit": money["figure.unit"], "unitCode": money["figure.unitCode"] or None}
        found["vekPerVak"] = divide(found["vekRealised"], found["vakRealised"])
        later = [at for at in register.later("BUDGET_LINE", line) if of.amounts[at, year]]
        found["againKey"] = f"{later[0]}/{year}" if later else None
        expected[f"{line}/{year}"] = found
    return expected
