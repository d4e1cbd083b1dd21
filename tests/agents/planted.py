"""Tables of which is known what is in them: one planted thing each, or nothing but noise."""
import datetime
import math
import random

DAYS = 120
START = datetime.datetime(2026, 1, 1)
WEEK = [0, 0.3, 0.4, 0.2, 0, -0.6, -0.9]
REGIONS = ["north", "south", "east", "west", "centre"]
PLANS = ["free", "team", "business"]


class Case:
    """`truth` is what an analyst has to find: (kind, measure, dimension, value, day), None where it does not matter."""

    def __init__(self, seed, kind):
        self.seed, self.kind = seed, kind
        self.name = f"case_{kind.lower()}_{seed}"
        self.truth = None
        self.rows = list(self._rows(random.Random(f"{kind} {seed}")))

    def _rows(self, rng):
        day = rng.randrange(30, DAYS - 30)
        sign = rng.choice([-1, 1])
        region = rng.choice(REGIONS)
        size = rng.uniform(0.8, 1.5)
        weekly = rng.random() < 0.5
        if self.kind == "SPIKE":
            self.truth = ("SPIKE", "avg(amount)", None, None, day)
        elif self.kind == "LEVEL_SHIFT":
            self.truth = ("LEVEL_SHIFT", "avg(amount)", None, None, day)
        elif self.kind == "DRIVER":
            self.truth = ("DRIVER", "avg(amount)", "region", region, None)
        elif self.kind == "VOLUME":
            self.truth = ("SPIKE", "count(*)", None, None, day)
        for d in range(DAYS):
            count = 12 + (rng.randrange(3) - 1)
            if self.kind == "VOLUME" and d == day:
                count = 2 if sign < 0 else 30
            for _ in range(count):
                here = rng.choice(REGIONS)
                amount = 100 + 20 * rng.gauss(0, 1)
                if weekly and self.kind != "NOISE":
                    amount += 20 * WEEK[d % 7]
                if self.kind == "SPIKE" and d == day:
                    amount += sign * 50
                if self.kind == "LEVEL_SHIFT" and d >= day:
                    amount += sign * 18 * size
                if self.kind == "DRIVER" and here == region:
                    amount += sign * 20 * size
                yield {
                    "at": (START + datetime.timedelta(days=d, seconds=rng.randrange(86400))).isoformat() + "Z",
                    "amount": round(amount, 3),
                    "weight": round(math.exp(rng.gauss(0, 0.5)), 4),
                    "region": here,
                    "plan": rng.choice(PLANS),
                }


def day_of(at):
    return (datetime.date.fromisoformat(at[:10]) - START.date()).days


def is_true(finding, truth):
    kind, measure, dimension, value, day = truth
    if finding["kind"] != kind or finding["measure"] != measure:
        return False
    if dimension and (finding["dimension"], finding["value"]) != (dimension, value):
        return False
    # A shift is a matter of some days; a spike is not.
    near = 4 if kind == "LEVEL_SHIFT" else 0
    return day is None or abs(day_of(finding["at"]) - day) <= near
