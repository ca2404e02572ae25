"""Makes up what the prose of a plan claims of its tables, for `generate.py`: mostly so, sometimes by a digit or by much not so."""

from fractions import Fraction

SHARES = ("RATIO", "RATIO_POINTS")
QUALIFIERS = ["EXACT"] * 6 + ["ABOUT", "MORE_THAN", "LESS_THAN", "AT_LEAST", "AT_MOST"]


class Prose:
    def __init__(self, made, dice, tables, put, figure):
        self.made, self.dice, self.put, self.figure, self.count = made, dice, put, figure, 0
        self.keys = made.keys
        own = set(self.keys("indicators"))
        plain = lambda row: not (row.get("state") or row.get("yearToDate") or row.get("categoryKeys"))
        self.observed = {}
        for row in tables.get("observations", []):
            if row["indicatorKey"] in own and plain(row) and "figure.value" in row:
                self.observed.setdefault(row["indicatorKey"], []).append(row)
        norms = set(self.keys("norms"))
        self.results = [row for row in tables.get("norm-results", []) if row["normKey"] in norms and "figure.value" in row]
        self.targets = [row for row in tables.get("norms", []) if row["key"] in norms and "target.value" in row]
        self.lines = [row for row in tables.get("budget-lines", []) if row["key"] in set(self.keys("budget-lines"))]
        self.amounts = {}
        for row in tables.get("budget-amounts", []):
            if row["phase"] == "REALISED" and "figure.value" in row:
                self.amounts[row["budgetLineKey"], row["year"], row["credit"]] = row

    def chance(self, share):
        return self.dice.random() < share

    def near(self, value, unit):
        """That number as prose has it: as it is, rounded, off by a digit, with the other sign, or another."""
        places = self.dice.choice([2, 2, 3]) if unit in SHARES else self.dice.choice([0, 0, 2]) if unit in ("EUR", "OTHER") else 0
        digit = Fraction(1, 10**places)
        off = self.dice.choice([0] * 5 + [digit, -digit, 3 * digit])
        value = Fraction(value) * (1 if self.chance(0.85) else Fraction(self.dice.randint(5, 15), 10)) + off
        value = -value if self.chance(0.03) else value
        return f"{float(round(value, places)):.{places}f}"

    def claim(self, kind, unit, value, code="", qualifier=None, **row):
        self.count += 1
        said = self.figure("figure", unit, self.made.document, value=value, code=code)
        self.put("claims", key=self.made.body.key_of(f"p-{self.made.year}-{self.count}"), planKey=self.made.plan, kind=kind, subject="something",
                 qualifier=qualifier or self.dice.choice(QUALIFIERS), **said, **row)  # fmt: skip

    def all(self):
        self.of_cells()
        self.of_norms()
        self.counts()
        self.sums()
        self.shares()
        self.facts()
        self.statements()

    def of_cells(self):
        for key, rows in self.observed.items():
            row = self.dice.choice(rows)
            unit, code = row["figure.unit"], row.get("figure.unitCode", "")
            if self.chance(0.6):
                kind = "SHARE" if unit == "RATIO" else self.dice.choice(["VALUE", "VALUE", "SUM"])
                self.claim(kind, unit, self.near(row["figure.value"], unit), code, indicatorKey=key, period=row["period"])
            if len(rows) > 1 and self.chance(0.7):
                before, after = self.dice.sample(rows, 2)
                to, of = Fraction(after["figure.value"]), Fraction(before["figure.value"])
                kind = self.dice.choice(["CHANGE_RELATIVE", "CHANGE_POINTS" if unit == "RATIO" else "CHANGE_ABSOLUTE"])
                if kind == "CHANGE_RELATIVE" and not of:
                    continue
                points = "RATIO" if self.chance(0.2) else "RATIO_POINTS"
                counted = {"CHANGE_RELATIVE": "RATIO", "CHANGE_POINTS": points}.get(kind, unit)
                value = self.near((to - of) / of if kind == "CHANGE_RELATIVE" else to - of, counted)
                self.claim(kind, counted, value, code if counted == unit else "", indicatorKey=key, period=after["period"], basePeriod=before["period"])
            if unit == "COUNT" and self.chance(0.4):
                whole = int(row["figure.value"])
                first = self.dice.randint(0, max(whole, 1))
                for part in (first, whole - first + self.dice.choice([0, 0, 1])):
                    self.claim("VALUE", unit, str(part), qualifier="EXACT", indicatorKey=key, period=row["period"], counted__metric="PART")

    def of_norms(self):
        for row in self.results:
            if self.chance(0.3):
                unit = row["figure.unit"]
                self.claim("NORM_RESULT", unit, self.near(row["figure.value"], unit), normKey=row["normKey"], period=row["period"])
        for row in self.targets:
            if self.chance(0.5):
                self.claim("OTHER", row["target.unit"], self.near(row["target.value"], row["target.unit"]), normKey=row["key"], counted__metric="TARGET")

    def counts(self):
        year = self.made.year
        for metric, table, more in [
            ("MEASURES", "measures", {}),
            ("MEASURES", "measures", {"counted__withNorm": "true"}),
            ("OPERATIONAL_GOALS", "operational-goals", {}),
            ("STRATEGIC_GOALS", "strategic-goals", {}),
            ("PROJECTS", "projects", {"period": year}),
            ("PROCESSES", "inspected-processes", {"period": year - 1}),
        ]:
            value = max(len(self.keys(table)) - self.dice.choice([0, 0, 0, 1]), 0)
            self.claim("COUNT", "COUNT", str(value), counted__metric=metric, **more)
        norms = len(self.keys("norms"))
        for more in ({}, {"counted__source": "OVERVIEW"}, {"counted__source": "FACT_TABLE", "counted__atLeast": "0.9"}, {"counted__bases": "LEGAL|INTERNAL"},
                     {"counted__sourceWord": "Jaarverslag", "counted__change": "UP"}):  # fmt: skip
            self.claim("NORM_COUNT", "COUNT", str(self.dice.randint(norms // 2, norms)), counted__metric="NORMS", **more)

    def sums(self):
        processes = self.keys("inspected-processes")
        year = self.made.year - 1
        for metric, unit in (("CONTROLS", "COUNT"), ("SANCTIONS", "COUNT"), ("PROPOSED_RECOVERY", "EUR")):
            some = "|".join(self.dice.sample(processes, self.dice.randint(0, len(processes))))
            for kind, counted, least, most in (("SUM", unit, 1, 900), ("CHANGE_ABSOLUTE", unit, -300, 300), ("CHANGE_RELATIVE", "RATIO", -1, 1), ("SHARE", "RATIO", 0, 1)):
                value = f"{self.dice.uniform(least, most):.2f}" if counted == "RATIO" else str(self.dice.randint(least, most))
                self.claim(kind, counted, value, period=year, basePeriod=year - 1 if "CHANGE" in kind else "", processKeys=some, counted__metric=metric)
        for key in self.observed:
            if self.observed[key][0]["figure.unit"] == "COUNT" and self.chance(0.4):
                sum_of = sum(Fraction(row["figure.value"]) for row in self.observed[key])
                span = f"{year - 1}-01/{year}-12"
                self.claim("SUM", "COUNT", self.near(sum_of, "COUNT"), indicatorKey=key, period=span, counted__metric="OBSERVATIONS")

    def shares(self):
        units = {key: rows[0]["figure.unit"] for key, rows in self.observed.items()}
        wholes = [key for key, unit in units.items() if unit == "COUNT"]
        for key in [key for key, unit in units.items() if unit == "RATIO"]:
            row = self.dice.choice(self.observed[key])
            share = Fraction(row["figure.value"])
            self.claim("SHARE", "RATIO", self.near(1 - share, "RATIO"), indicatorKey=key, period=row["period"], counted__metric="REMAINDER")
            for whole in wholes:
                of = next((it for it in self.observed[whole] if it["period"] == row["period"]), None)
                if of and self.chance(0.5):
                    metric = self.dice.choice(["REMAINDER", "PORTION"])
                    part = (share if metric == "PORTION" else 1 - share) * Fraction(of["figure.value"])
                    self.claim("VALUE", "COUNT", self.near(part, "COUNT"), indicatorKey=key, ofIndicatorKey=whole, period=row["period"], counted__metric=metric)

    def facts(self):
        """What the measures of a line realised, in fact tables of their own."""
        unit, code = self.made.body.money
        year, told = self.made.year - 1, set()
        for line in self.lines:
            measures = line.get("measureKeys", "").split("|") if line.get("measureKeys") else []
            amount = self.amounts.get((line["key"], year, "VAK"))
            for at, measure in enumerate(measures if amount and self.chance(0.6) else []):
                if measure in told:
                    continue
                told.add(measure)
                key = self.made.add("indicators", f"vak-{len(told)}", position=900 + len(told), label="VAK", unit=unit, kindWord="VAK", measureKey=measure)
                share = Fraction(amount["figure.value"]) if at == 0 else Fraction(self.dice.choice([0, 1]))
                value = self.near(share, unit)
                self.put("observations", indicatorKey=key, period=year, **self.figure("figure", unit, self.made.document, value=value, code=code))

    def statements(self):
        year, before = self.made.year, ""
        for at in range(8):
            key = self.made.body.key_of(f"s-{year}-{at}")
            period = self.dice.choice(["", f"{year}-Q1", f"{year}-03", f"{year - 1}", f"{year - 3}", f"{year}-09"])
            value = self.figure("figure", "COUNT", self.made.document, value=str(self.dice.randint(1, 3))) if self.chance(0.5) else {
                "figure__unit": "OTHER", "figure__status": "NOT_APPLICABLE"}  # fmt: skip
            self.put("statements", key=key, planKey=self.made.plan, kind=self.dice.choice(["EVENT", "EVENT", "STATE"]), text="It is so.", period=period,
                     holds=self.dice.choice(["", "true", "false"]), againKey=before if self.chance(0.6) else "", **value)  # fmt: skip
            before = key
