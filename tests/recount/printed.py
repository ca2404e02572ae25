"""What rounding leaves open: how far the true value of a printed figure may lie from the printed one."""

import re
from fractions import Fraction
from itertools import product

WHOLE = ("COUNT", "PERSONS", "DAYS", "MONTHS")


def read(text):
    """The value of a printed cell and half a unit of its last digit, or None where it is no number."""
    plain = re.sub(r"\s", "", text)
    share = re.search(r"(%|ppt\.?)$", plain)
    digits = re.fullmatch(r"€?([-−–+]?)(\d{1,3}(?:\.\d{3})*|\d+)(?:,(\d+))?", plain[: share.start()] if share else plain)
    if not digits:
        return None
    sign, whole, rest = digits[1], digits[2].replace(".", ""), digits[3] or ""
    places = len(rest) + (2 if share else 0)
    value = Fraction(int(whole + rest), 10**places)
    return (-value if sign in ("-", "−", "–") and sign else value), Fraction(1, 2 * 10**places)


def decimals(text):
    return len(text.partition(".")[2])


def slack(figure):
    """How far the true value may lie from the one recorded."""
    if figure.unit in WHOLE:
        return Fraction(0)
    cell = read(figure.printed) if figure.cited and figure.printed else None
    if cell and cell[0] == figure.value:
        return cell[1]
    return Fraction(0) if figure.value is None else Fraction(1, 2 * 10 ** decimals(figure.text))


def agrees(rule, inputs, unit, printed):
    """Whether a printed figure can be what a rule makes of those inputs, all rounded as printed; None when nothing can be compared."""
    if printed is None or printed.value is None or printed.unit != unit or rule(*(it.value for it in inputs)) is None:
        return None
    ends = [rule(*ends) for ends in product(*((it.value - slack(it), it.value + slack(it)) for it in inputs))]
    if None in ends:
        return None
    return min(ends) <= printed.value + slack(printed) and printed.value - slack(printed) <= max(ends)


def digit(figure):
    """One unit of the last digit that is printed."""
    cell = read(figure.printed) if figure.cited and figure.printed else None
    if cell and cell[0] == figure.value:
        return 2 * cell[1]
    places = decimals(figure.text)
    return Fraction(1, 10 ** (max(places, 2) if figure.unit in ("RATIO", "RATIO_POINTS") else places))


def differ(one, other):
    """Whether two prints of one figure have different values, by more than the coarser print explains. What counts something else is no print
    of it."""
    if one.value is None or other.value is None or one.counts != other.counts:
        return False
    digits = digit(one), digit(other)
    return abs(one.value - other.value) > (0 if digits[0] == digits[1] else max(digits) / 2)
