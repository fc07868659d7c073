"""The shape of one result."""
import statistics


def ratio(name, value, baseline, bar, note="", at_least=False):
    quotient = value / baseline
    return {"name": name, "value": quotient, "unit": "x", "baseline": baseline, "bar": f"{'>=' if at_least else '<='} {bar}x",
            "ok": quotient >= bar if at_least else quotient <= bar, "note": note}


def amount(name, value, unit, bar, note=""):
    return {"name": name, "value": value, "unit": unit, "baseline": None, "bar": f"<= {bar} {unit}", "ok": value <= bar, "note": note}


def p50(values):
    return statistics.median(values)
