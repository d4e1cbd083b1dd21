"""A measure carried on: its level, season and interval, and what cannot be forecast."""
import datetime
import math
import random

import pytest

from authorization.hub import Client

FORECAST = """query($t: String!, $c: String!, $m: String!, $g: TimeGrain!, $n: Int!, $s: Float!, $w: String) {
    forecast(table: $t, timeColumn: $c, measure: $m, grain: $g, steps: $n, share: $s, where: $w) {
      history { at value } ahead { at expected lower upper } seasonSteps levelShifts evidenceId } }"""


def forecast(client, table, measure="sum(v)", grain="DAY", steps=14, share=0.9, column="at", where=None):
    return client.ask(FORECAST, t=table, c=column, m=measure, g=grain, n=steps, s=share, w=where)["forecast"]


def weekly(day):
    return 100 + 40 * math.sin(2 * math.pi * day.toordinal() / 7)


@pytest.fixture(scope="module")
def owner(firn):
    chance = random.Random(7)
    first = datetime.date(2024, 1, 1)
    days = [first + datetime.timedelta(days=i) for i in range(140)]
    rows = [{"at": f"{day}T{hour:02d}:30:00Z", "v": weekly(day) / 2 + chance.gauss(0, 2), "day": str(day)} for day in days if day.day != 9 for hour in (6, 18)]
    assert firn.append("series", rows, sync="true").json()["rejected_count"] == 0
    months = [{"at": f"{2010 + i // 12}-{i % 12 + 1:02d}-15", "v": 10.0 * (i % 12) + chance.gauss(0, 0.5)} for i in range(60)]
    assert firn.append("months", months, sync="true").json()["ok"]
    return Client(firn.url, firn.key)


def test_a_weekly_pattern_goes_on(owner):
    found = forecast(owner, "series", steps=28)
    assert found["seasonSteps"] == 7 and found["levelShifts"] == 0
    assert len(found["history"]) == 140 and found["history"][0]["at"] == "2024-01-01T00:00:00.000Z"
    assert [point["value"] for point in found["history"] if point["at"].startswith("2024-01-09")] == [None]
    assert found["ahead"][0]["at"] == "2024-05-20T00:00:00.000Z" and len(found["ahead"]) == 28
    inside = 0
    for point in found["ahead"]:
        truth = weekly(datetime.date.fromisoformat(point["at"][:10]))
        assert abs(point["expected"] - truth) < 6 and point["lower"] < point["expected"] < point["upper"]
        inside += point["lower"] <= truth <= point["upper"]
    assert inside >= 25
    wide = forecast(owner, "series", share=0.99)["ahead"][0]
    narrow = forecast(owner, "series", share=0.5)["ahead"][0]
    assert wide["upper"] - wide["lower"] > narrow["upper"] - narrow["lower"]
    # The numbers are those of a statement that can be asked again.
    assert owner.ask("mutation($i: ID!) { replay(evidenceId: $i) { verdict } }", i=found["evidenceId"])["replay"]["verdict"] == "SAME"


def test_months_have_their_own_lengths(owner):
    found = forecast(owner, "months", measure="avg(v)", grain="MONTH", steps=14)
    assert found["seasonSteps"] == 12 and len(found["history"]) == 60
    assert [point["at"][:10] for point in found["ahead"]][:3] == ["2015-01-01", "2015-02-01", "2015-03-01"]
    assert found["ahead"][-1]["at"][:10] == "2016-02-01"
    for i, point in enumerate(found["ahead"]):
        assert abs(point["expected"] - 10 * (i % 12)) < 2, point


def test_a_condition_leaves_the_last_step_out(owner):
    found = forecast(owner, "series", where="\"at\" < TIMESTAMPTZ '2024-05-11T00:00:00Z' -- not the rest")
    assert len(found["history"]) == 131 and found["ahead"][0]["at"] == "2024-05-11T00:00:00.000Z"


@pytest.mark.parametrize("changed, word", [
    ({"table": "nowhere"}, "nowhere"), ({"column": "v"}, "date or a timestamp"), ({"column": "att"}, "at"), ({"steps": 0}, "1 to 200"),
    ({"share": 1.5}, "0.5 to 0.99"), ({"grain": "MONTH"}, "at least 20"), ({"measure": "nothing(v)"}, "nothing"),
    ({"where": "false"}, "no rows"), ({"measure": "sum(v)) FROM series; DROP TABLE series; --"}, "")])
def test_what_cannot_be_forecast_is_told(owner, changed, word):
    arguments = {"table": "series", "measure": "sum(v)", "grain": "DAY", "steps": 14, "share": 0.9, "column": "at", **changed}
    answer = owner.post(FORECAST, {"t": arguments["table"], "c": arguments["column"], "m": arguments["measure"], "g": arguments["grain"],
                                   "n": arguments["steps"], "s": arguments["share"], "w": arguments.get("where")})
    assert word in answer["errors"][0]["message"], answer
    assert forecast(owner, "series")["seasonSteps"] == 7  # it is still there
