"""What prose and total rows claim of other figures, against these."""

from fractions import Fraction

from comparing import PARTS, RATIOS, Found, Gap, Made, alike, difference, exact, named, relative, rounded, two_prints
from counts import Inspections, Staff, employed
from norms import table_of
from periods import Period
from printed import digit, slack
from register import Figure, number, split
from slips import SUMS
from trends import is_plain

INSPECTED = {"CONTROLS": "controls", "SANCTIONS": "sanctions", "PROPOSED_RECOVERY": "proposedRecovery"}
CHANGES = ("CHANGE_ABSOLUTE", "CHANGE_RELATIVE", "CHANGE_POINTS")


def claimed(stated, qualifier, found, slack, level=None, start=None):
    """By how exact the claim says it is; of a change the size counts, and `level` is the value that it leads to."""
    if qualifier == "EXACT":
        return exact(stated, found, slack, start)
    if qualifier == "ABOUT":
        gap = Gap(stated, found, digit(stated) / 2 + slack, start)
        gap.tolerance = max(gap.tolerance, abs(stated.value if level is None else level) / 10)
        return gap if abs(gap.difference) > gap.tolerance else None
    gap = Gap(stated, found, slack, start)
    sign = -1 if stated.value < 0 else 1
    beyond = sign * gap.difference
    if qualifier in ("MORE_THAN", "AT_LEAST"):
        agrees, bound = beyond > -gap.tolerance, beyond == -gap.tolerance
    else:
        agrees, bound = beyond < gap.tolerance, beyond == gap.tolerance
    agrees = agrees or (bound and qualifier in ("AT_LEAST", "AT_MOST"))
    if qualifier in ("LESS_THAN", "AT_MOST"):
        agrees = agrees and (level is None or sign * found >= 0)
    return None if agrees else gap


def explained_by_blanks(gap, qualifier, rule, part, whole=None):
    """Whether what is blank may close a gap. A blank of a sum may be anything that is not less than nothing; of a share in the whole alone,
    it makes it less. Where a part is less than nothing, a blank may be so too. `part` and `whole` are figures, rows, and how many are unknown."""
    (figures, _, unknown), negative = part, any(it.value < 0 for it in (whole or part)[0])
    if rule == "SUM":
        more, less = unknown > 0, unknown > 0 and negative
    else:
        others = whole[2] > unknown
        more = (unknown > 0 or (others and negative)) and gap.stated.value <= 1
        less = others or (unknown > 0 and negative)
    if gap.found == gap.stated.value:
        return (more and qualifier == "MORE_THAN") or (less and qualifier == "LESS_THAN")
    return more if gap.found < gap.stated.value else less


class Claims:
    def __init__(self, contradictions):
        self.of, self.register = contradictions, contradictions.register
        self.inspections = Inspections(self.register)
        self.told, self.right = [], set()

    def found(self):
        for row in self.register.rows("claims"):
            stated = Figure(row, "figure")
            if stated.value is None:
                continue
            self.row, self.stated, self.at, self.metric = row, stated, ("CLAIM", row["key"]), row["counted.metric"]
            self.period = Period(row["period"]) if row["period"] else None
            self.base = Period(row["basePeriod"]) if row["basePeriod"] else None
            backwards = bool(self.period and self.base and not self.base < self.period)
            if row["kind"] == "CHANGE_POINTS" and stated.unit == "RATIO" and stated.cited in self.of.points:
                self.told.append(Found("TREND_UNIT", self.at, "figure", stated, severity="NOTICE"))
            if backwards:
                self.told.append(Found("CLAIM_BASE", self.at, "basePeriod", stated, severity="WARNING"))
            if self.metric in ("TARGET", "LIMIT"):
                self.of_norm()
            elif self.metric:
                self.counted(backwards)
            elif row["kind"] in CHANGES:
                self.change(backwards)
            else:
                self.value()
        self.parts()
        return self.told

    def tell(self, rule, gap, made=None, second=None):
        if gap:
            self.told.append(Found(rule, self.at, "figure", self.stated, gap, made, second))

    def cell(self, period):
        """The figure that the claim is about in a period, and where it stands: of a norm in the fact table first."""
        row = self.row
        if period is None:
            return None
        if row["indicatorKey"]:
            of = self.of.plain.get((row["indicatorKey"], period.code))
            return of and (Figure(of, "figure"), named("OBSERVATION", of))
        place = lambda row: ({"OVERVIEW": 1, "FACT_TABLE": 0}.get(table_of(row), 2), table_of(row))
        of = sorted(self.of.results.get((row["normKey"], period.code), ()), key=place) if row["normKey"] else []
        return (Figure(of[0], "figure"), named("NORM_RESULT", of[0])) if of else None

    # ---------------------------------------------------------------------------------------------------- of one figure

    def value(self):
        cell = self.cell(self.period)
        if self.row["kind"] not in ("VALUE", "SHARE", "NORM_RESULT", "SUM") or not cell or cell[0].value is None:
            return
        figure, at = cell
        if not alike(figure, self.stated):
            return
        if self.row["qualifier"] == "EXACT":
            gap = two_prints(self.stated, figure)
        else:
            gap = claimed(self.stated, self.row["qualifier"], figure.value, min(slack(figure), digit(figure) / 2))
        self.tell("CLAIM_VALUE", gap, second=(at, "figure"))

    def change(self, backwards):
        to, of = self.cell(self.period), self.cell(self.base)
        if backwards or not to or not of or None in (to[0].value, of[0].value) or not alike(to[0], of[0]):
            return
        kind, unit = self.row["kind"], to[0].unit
        counted = {"CHANGE_RELATIVE": "RATIO", "CHANGE_POINTS": "RATIO_POINTS"}.get(kind, unit)
        if (kind == "CHANGE_POINTS" and unit != "RATIO") or (kind == "CHANGE_ABSOLUTE" and not alike(self.stated, to[0])):
            return
        rule = relative if kind == "CHANGE_RELATIVE" else difference
        start = of[0].value if rule is difference and of[0].unit not in RATIOS else None
        made = Made(rule, [[to[0]], [of[0]]], counted, [to[1], of[1]])
        if made.value is not None:
            level = (1 if rule is relative else of[0].value) + self.stated.value
            self.tell("CLAIM_CHANGE", claimed(self.stated, self.row["qualifier"], made.value, made.slack, level, start), made)

    def of_norm(self):
        norm = self.register.by_key["NORM"].get(self.row["normKey"])
        name = "target" if self.metric == "TARGET" else "limit"
        figure = Figure.of(norm, name) if norm else None
        if figure and figure.value is not None and alike(figure, self.stated):
            self.tell("CLAIM_NORM", exact(self.stated, figure.value, 0), second=(("NORM", norm["key"]), name))

    def parts(self):
        """The parts that the text names make the whole of the table."""
        claims = {}
        for row in self.register.rows("claims"):
            if row["counted.metric"] == "PART" and row["indicatorKey"] and row["period"]:
                claims.setdefault((row["indicatorKey"], Period(row["period"]).code), []).append(row)
        for place, rows in claims.items():
            whole = self.of.plain.get(place)
            if not whole or not all(row["figure.value"] for row in rows):
                continue
            figure, parts = Figure(whole, "figure"), [Figure(row, "figure") for row in rows]
            if figure.value is not None and alike(figure, *parts):
                made = Made(lambda part: part, [parts], figure.unit, [("CLAIM", row["key"]) for row in rows])
                if gap := exact(figure, made.value, made.slack):
                    self.told.append(Found("CLAIM_PARTS", named("OBSERVATION", whole), "figure", figure, gap, made))

    # --------------------------------------------------------------------------------------------- of several, and of records

    def counted(self, backwards):
        kind, metric = self.row["kind"], self.metric
        if kind in ("COUNT", "NORM_COUNT"):
            rows = self.things()
            if rows is not None:
                self.hold("CLAIM_COUNT", Made(lambda: Fraction(len(rows)), [], "COUNT", rows))
        if kind in ("VALUE", "SUM"):
            summed = self.summed(self.period)
            if summed and summed[0]:
                figures, rows, unknown = summed
                self.hold("CLAIM_TOTAL", Made(lambda part: part, [figures], figures[0].unit, rows, unknown=unknown), blanks=("SUM", summed))
        if kind in CHANGES[:2] and self.period and self.base and not backwards:
            self.total_change(relative if kind == "CHANGE_RELATIVE" else difference)
        if kind in ("SHARE", "VALUE", "CHANGE_POINTS"):
            if metric in ("PORTION", "REMAINDER"):
                self.of_share()
            elif metric in INSPECTED and kind == "SHARE":
                part, whole = self.summed(self.period), self.summed(self.period, everything=True)
                if part and whole and part[0] and whole[0]:
                    unknown = max(part[2], whole[2])
                    made = Made(ratio, [part[0], whole[0]], "RATIO", part[1] + whole[1], unknown=unknown)
                    self.hold("CLAIM_SHARE", made, blanks=("SHARE", part, whole))
            elif metric in ("MEASURES", "NORMS") and kind == "SHARE":
                part, whole = self.things(), self.things(everything=True)
                if part is not None and whole:
                    self.hold("CLAIM_SHARE", Made(lambda: Fraction(len(part), len(whole)), [], "RATIO", part + whole))

    def hold(self, rule, made, level=None, blanks=None):
        if made.value is not None:
            qualifier = self.row["qualifier"]
            if rule in ("CLAIM_COUNT", "CLAIM_TOTAL") and qualifier == "EXACT" and self.row["kind"] in SUMS and made.value == self.stated.value:
                self.right.add((self.row["planKey"], made.cells))
            gap = claimed(self.stated, qualifier, made.value, made.slack, level, made.start)
            if not (gap and blanks and explained_by_blanks(gap, qualifier, *blanks)):
                self.tell(rule, gap, made)

    def processes(self, everything=False):
        of_plan = [row["key"] for row in self.register.grouped("inspected-processes", "planKey")[self.row["planKey"]]]
        return (not everything and split(self.row["processKeys"])) or of_plan

    def summed(self, period, everything=False):
        """What the claim adds up in a period: the figures, their records, and how many are unknown."""
        row, metric, rows, untold = self.row, self.metric, [], 0
        if period is None:
            return None
        if metric in INSPECTED:
            of = [self.inspections.cells.get((key, int(period.code))) for key in self.processes(everything)] if period.kind == "YEAR" else []
            rows, untold = [("INSPECTION", INSPECTED[metric], it) for it in of if it], sum(1 for it in of if not it)
        elif metric == "STAFF" and period.kind == "DAY":
            body = self.register.by_key["PLAN"][row["planKey"]]["organisationKey"]
            contract = row["counted.contractWord"] or row["counted.contract"]
            fits = lambda it: (row["counted.level"] in ("", it["level"]) and row["counted.rank"] in ("", it["rank"]) and contract in ("", employed(it)))
            staff = Staff(self.register, body, period.code)
            nobody = staff.proven_nobody(row["key"])
            rows = [("STAFF_FIGURE", "figure", it) for it in staff.rows if fits(it) and it not in nobody]
        elif metric == "STAFF_TARGETS":
            rows = [("STAFF_TARGET", "target", self.register.by_key["STAFF_TARGET"][key]) for key in split(row["staffTargetKeys"])]
        elif metric == "OBSERVATIONS":
            of = self.register.periods("observations", "indicatorKey")[row["indicatorKey"]]
            meets = lambda it: it.start <= period.end and period.start <= it.end
            rows = [("OBSERVATION", "figure", it) for at, it in of if is_plain(it) and meets(at)]
        figures = [(Figure(it, name), named(kind, it) if kind in PARTS else (kind, id(it))) for kind, name, it in rows]
        figures = [it for it in figures if it[0].applies]
        known = [it for it in figures if it[0].value is not None]
        unknown = len(figures) - len(known) + untold
        if not alike(*(it for it, _ in known)) or (unknown and metric in ("STAFF_TARGETS", "OBSERVATIONS")):
            return None
        return [it for it, _ in known], [at for _, at in known], unknown

    def total_change(self, rule):
        """Like for like where the rows are the same in both periods."""
        if self.metric in INSPECTED:
            if self.period.kind != "YEAR" or self.base.kind != "YEAR":
                return
            name, pairs, unknown, rows = INSPECTED[self.metric], [], 0, []
            for key in self.processes():
                figures = [self.inspections.figure(key, int(it.code), name) for it in (self.period, self.base)]
                if all(it and not it.applies for it in figures):
                    continue
                if all(it and it.value is not None for it in figures):
                    pairs.append(figures)
                    rows += [named("INSPECTION", it.row) for it in figures]
                else:
                    unknown += 1
            to, of = [it for it, _ in pairs], [it for _, it in pairs]
        else:
            sides = self.summed(self.period), self.summed(self.base)
            if None in sides:
                return
            (to, rows, unknown), (of, more, also) = sides
            rows, unknown = rows + more, max(unknown, also)
        if to and of and alike(*to, *of):
            start = sum(it.value for it in of) if rule is difference and of[0].unit not in RATIOS else None
            made = Made(rule, [to, of], "RATIO" if rule is relative else to[0].unit, rows, start, unknown)
            made.blanks = unknown > 0 and self.counts_blanks_as_zero(rule, made)
            self.hold("CLAIM_TOTAL", made, Fraction(1))

    def counts_blanks_as_zero(self, rule, made):
        sides = self.summed(self.period), self.summed(self.base)
        if not all(side and side[0] for side in sides) or not alike(*sides[0][0], *sides[1][0]):
            return False
        zero = rule(*(sum(it.value for it in side[0]) for side in sides))
        if zero is None:
            return False
        if made.value is None:
            return claimed(self.stated, self.row["qualifier"], rounded(zero), 0, Fraction(1)) is None
        nearer = abs(rounded(rounded(zero) - self.stated.value)) < abs(rounded(made.value - self.stated.value))
        return nearer or claimed(self.stated, self.row["qualifier"], rounded(zero), 0, Fraction(1)) is None

    def of_share(self):
        """A part of a whole by a share that a table prints, or what that share leaves."""
        share = self.cell(self.period)
        whole = self.of.plain.get((self.row["ofIndicatorKey"], self.period.code)) if self.row["ofIndicatorKey"] else None
        if not share or share[0].value is None or (self.row["ofIndicatorKey"] and not (whole and whole["figure.value"])):
            return
        if whole:
            of, at = Figure(whole, "figure"), named("OBSERVATION", whole)
            rule = (lambda share, whole: share * whole) if self.metric == "PORTION" else (lambda share, whole: (1 - share) * whole)
            return self.hold("CLAIM_SHARE", Made(rule, [[share[0]], [of]], self.stated.unit, [share[1], at], whole=True))
        if self.metric == "REMAINDER" and self.base:
            before = self.cell(self.base)
            if before and before[0].value is not None:
                made = Made(lambda to, of: of - to, [[share[0]], [before[0]]], self.stated.unit, [share[1], before[1]])
                self.hold("CLAIM_SHARE", made, Fraction(1))
        elif self.metric == "REMAINDER":
            self.hold("CLAIM_SHARE", Made(lambda share: 1 - share, [[share[0]]], "RATIO", [share[1]]))

    def things(self, everything=False):
        """The records that the claim counts; with `everything` without what restricts them."""
        row, register, plan = self.row, self.register, self.row["planKey"]
        if self.metric == "MEASURES":
            with_norm = row["counted.withNorm"]
            has_norm = lambda it: "true" if register.grouped("norms", "measureKey")[it["key"]] else "false"
            lives = split(row["counted.lifecycles"])
            of = [
                it
                for it in register.grouped("measures", "planKey")[plan]
                if row["operationalGoalKey"] in ("", it["operationalGoalKey"])
                and row["counted.operator"] in ("", it["operator"])
                and (not lives or it["lifecycle"] in lives)
                and with_norm in ("", has_norm(it))
            ]
            return [("MEASURE", it["key"]) for it in of]
        if self.metric == "NORMS":
            return self.norms(everything)
        if self.metric in ("PROJECTS", "STRATEGIC_GOALS"):
            word = lambda it: it["scope"] if it["scope"] not in ("", "OTHER") else it["scopeWord"] or it["scope"]
            wanted = row["counted.scopeWord"] or row["counted.scope"]
            if self.metric == "STRATEGIC_GOALS":
                return [("STRATEGIC_GOAL", it["key"]) for it in register.grouped("strategic-goals", "planKey")[plan] if wanted in ("", word(it))]
            if self.period is None:
                return None
            running = {it["projectKey"] for it in register.rows("project-years") if (it["year"], it["running"]) == (str(self.period.start.year), "YES")}
            return [("PROJECT", it["key"]) for it in register.grouped("projects", "planKey")[plan] if it["key"] in running and wanted in ("", word(it))]
        if self.metric == "OPERATIONAL_GOALS":
            return [("OPERATIONAL_GOAL", key) for key in register.goals("PLAN", plan)]
        if self.metric == "PROCESSES" and self.period and self.period.kind == "YEAR":
            cells = [(key, self.inspections.cells.get((key, int(self.period.code)))) for key in self.processes(everything=True)]
            return [named("INSPECTION", it) for key, it in cells if it and number(it["controls.value"])]
        return None

    def norms(self, everything):
        """The norms, or where a table's results are meant, the last of these that fits."""
        row, register = self.row, self.register
        if row["measureKey"]:
            of = register.grouped("norms", "measureKey")[row["measureKey"]]
        else:
            of = register.followed("norms", "PLAN", row["planKey"])
        bases = split(row["counted.bases"])
        if bases and not everything:
            of = [it for it in of if (it["basis"] or it["basisWord"]) in bases]
        table = row["counted.sourceWord"] or row["counted.source"]
        if not table:
            return [("NORM", it["key"]) for it in of]
        found = []
        for norm in of:
            results = [(period, it) for period, it in register.periods("norm-results", "normKey")[norm["key"]] if table_of(it) == table]
            if results and self.fits(max(results, key=lambda it: it[0])[1], everything):
                found.append(named("NORM_RESULT", max(results, key=lambda it: it[0])[1]))
        return found

    def fits(self, result, everything):
        row, ratio, change = self.row, number(result["ratio.value"]), number(result["change.value"])
        if row["counted.status"] not in ("", result["figure.status"]):
            return False
        if everything:
            return True
        least, below, way = number(row["counted.atLeast"]), number(row["counted.below"]), row["counted.change"]
        goes = None if change is None else "UP" if change > 0 else "DOWN" if change < 0 else "SAME"
        return (least is None or (ratio is not None and ratio >= least)) and (below is None or (ratio is not None and ratio < below)) and way in ("", goes)


def ratio(part, whole):
    return None if not whole else part / whole
