"""Asks the server, and holds what it says against what was recounted."""

import json
import urllib.request
from fractions import Fraction

TWELVE = Fraction(1, 10**12)
URL = ""
FEW = False
checked = 0
wrong = []
FRAGMENTS = {
    "F": "fragment F on Figure { value status unitCode coverage { basis known unknown } }",
    "T": "fragment T on Total { sum { ...F } known { ...F } knownCount unknownCount }",
    "C": "fragment C on FigureChange { absolute { ...F } relative { ...F } }",
}


def few(values):
    """All values of an argument; where few are asked for, the two in the middle."""
    values = list(values)
    middle = max(len(values) // 2, 1)
    return values[middle - 1 : middle + 1] if FEW else values


def said(query):
    body = json.dumps({"query": query}).encode()
    request = urllib.request.Request(URL, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return json.load(error)


def spread(query):
    """The query with the fragments that it spreads."""
    for name in ("C", "T", "F"):
        if f"...{name} " in query:
            query += " " + FRAGMENTS[name]
    return query


def ask(query):
    found = said(spread(query))
    if "errors" in found:
        raise SystemExit(f"{query}\n{json.dumps(found['errors'])[:2000]}")
    return found["data"]


def entries(name, selection, arguments="", size=100):
    """All entries of a list, a page at a time; a page that costs too much is halved."""
    after = ""
    while True:
        asked = f"{{ {name}(first: {size}{arguments}{after}) {{ nodes {{ {selection} }} pageInfo {{ hasNextPage endCursor }} }} }}"
        found = said(spread(asked))
        if "errors" in found:
            codes = {error.get("extensions", {}).get("code") for error in found["errors"]}
            if codes & {"COST", "TOO_COSTLY", "LIMIT_EXCEEDED"} and size > 1:
                size = (size + 1) // 2
                continue
            raise SystemExit(f"{asked}\n{json.dumps(found['errors'])[:2000]}")
        page = found["data"][name]
        yield from page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = f', after: {json.dumps(page["pageInfo"]["endCursor"])}'


def told(what, found, expected):
    """Holds a word, a count, a list, or a plain number against what is expected."""
    global checked
    checked += 1
    if isinstance(expected, Fraction) and found is not None and not isinstance(found, bool):
        fits = abs(Fraction(found) - expected) <= TWELVE
    else:
        fits = found == expected
    if not fits:
        wrong.append(f"{what}: {found}, recounted {float(expected) if isinstance(expected, Fraction) else expected}")


def same(what, figure, expected, coverage=None):
    """Holds a figure against the number expected (None: it has no value), and its coverage."""
    if figure is None:
        return told(what, None, expected)
    told(what, figure["value"], expected)
    found = figure["value"] is not None
    if found == (figure["status"] == "NOT_COMPUTABLE"):
        wrong.append(f"{what}: {figure}")
    if coverage is not None:
        known, unknown = coverage
        basis = None if not found else "KNOWN" if unknown else "ALL"
        of = figure["coverage"]
        told(f"{what}, coverage", (of["known"], of["unknown"], of["basis"]), (known, unknown, basis))


def same_total(what, figures, expected):
    """Holds a total against its sum, what is known of it, and its coverage."""
    whole, known, cover = expected
    same(f"{what} sum", figures["sum"], whole, cover)
    same(f"{what} known", figures["known"], known, cover)
    told(f"{what} counts", (figures["knownCount"], figures["unknownCount"]), cover)


def same_change(what, figures, expected):
    (before, after), cover = expected
    same(f"{what} absolute", figures["absolute"], None if before is None else after - before, cover)
    same(f"{what} relative", figures["relative"], growth(before, after), cover)


# ------------------------------------------------------------------------------------------------------------ arithmetic


def divide(part, whole):
    return None if part is None or not whole else part / whole


def growth(before, after):
    """The relative change; there is none from zero or less."""
    return None if before is None or after is None or before <= 0 else (after - before) / before


def widest(*covers):
    """Of several wholes that of the most parts, and of two as large the one that knows less."""
    return max(covers, key=lambda it: (it[0] + it[1], it[1]))
