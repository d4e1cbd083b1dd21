"""Tables of a real MariaDB."""
import threading
import time

import pytest

pytestmark = pytest.mark.usefixtures("orders")


def test_joins_with_the_lake(hub):
    assert hub.server.query("""SELECT f.carrier, count(*), sum(o.amount) FROM lake.main.flights f JOIN my.shop.orders o ON o.id = f.flight
        WHERE o.id <= 30 GROUP BY 1 ORDER BY 1""") == [["AA", 10, 41.25], ["DL", 10, 38.75], ["UA", 10, 36.25]]
    assert hub.server.value("SELECT count(*) FROM my.orders") == 20000


def test_conditions_go_down_where_they_mean_the_same(hub, mariadb):
    before = len(mariadb.said())
    assert hub.server.query("SELECT id FROM my.shop.orders WHERE id BETWEEN 10 AND 12 AND placed > '2024-01-01' ORDER BY 1") == [[10], [11], [12]]
    # MariaDB takes these two for the same; DuckDB does not.
    assert hub.server.value("SELECT count(*) FROM my.shop.orders WHERE customer = 'CUSTOMER 7'") == 0
    assert hub.server.value("SELECT count(*) FROM my.shop.orders WHERE customer = 'Customer 7'") == 400
    asked = [line for line in mariadb.said()[before:] if "Execute" in line]
    assert any("`id` >= 10" in line and "`id` <= 12" in line for line in asked), asked


def test_keys_of_a_join_go_down_to_the_source(hub, mariadb):
    before = len(mariadb.said())
    assert hub.server.query("""SELECT f.flight, o.amount FROM lake.main.flights f JOIN my.shop.orders o ON o.id = f.flight
        WHERE f.flight IN (4, 8) ORDER BY 1""") == [[4, 1.0], [8, 2.0]]
    assert any(" IN (" in line or "BETWEEN" in line or "`id` >= 4" in line for line in mariadb.said()[before:] if "Execute" in line)


def test_every_type(hub, mariadb):
    mariadb.sql("""
        CREATE TABLE types (id int PRIMARY KEY, b bool, i1 tinyint, u1 tinyint unsigned, i2 smallint, i3 mediumint, i8 bigint, u8 bigint unsigned,
          f4 float, f8 double, n decimal(12, 3), v varchar(9), c char(3), t text, y varbinary(4), bl blob, d date, tm time, dt datetime(6),
          ts timestamp(3) NULL, yr year, e enum('a', 'b'), st set('x', 'y'), j json, bi bit(5));
        SET time_zone = '+00:00';
        INSERT INTO types VALUES (1, true, -128, 255, -32768, 8388607, -9223372036854775808, 18446744073709551615, 1.5, -0.1, 123456789.125,
          'ä ''"', 'ab', 'long', x'00ff', x'ff', '1969-12-31', '-01:02:03', '2024-02-29 12:34:56.789012', '2024-02-29 12:34:56.789', 2024,
          'b', 'x,y', '{"k": 1}', b'10101');
        INSERT INTO types (id) VALUES (2)""")
    [row, nulls] = hub.server.query("SELECT * REPLACE (hex(y) AS y, hex(bl) AS bl, hex(bi) AS bi, ts::varchar AS ts) FROM my.shop.types ORDER BY id")
    assert nulls == [2] + [None] * 24
    assert row[:16] == [1, True, -128, 255, -32768, 8388607, -9223372036854775808, 18446744073709551615, 1.5, -0.1, 123456789.125,
                        "ä '\"", "ab", "long", "00FF", "FF"], row
    assert row[16] == "1969-12-31" and row[18] == "2024-02-29T12:34:56.789012" and row[19] == "2024-02-29 12:34:56.789", row
    assert row[20:24] == [2024, "b", "x,y", '{"k": 1}'] and row[24].lstrip("0") == "15", row


def running(mariadb):
    return int(mariadb.sql("SELECT count(*) FROM information_schema.processlist WHERE user = 'firn' AND info LIKE '%slow%'"))


def eventually(check):
    until = time.monotonic() + 30
    while not check():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_ending_a_query_ends_it_at_the_source(hub, mariadb):
    answers = []
    asking = threading.Thread(target=lambda: answers.append(hub.server.session.post(
        hub.server.url + "/query", json={"statement": "SELECT max(nothing) FROM my.shop.slow", "query_id": "slow-maria"})))
    asking.start()
    eventually(lambda: running(mariadb) == 1)
    assert hub.server.session.delete(hub.server.url + "/query/slow-maria").json()["cancelled"]
    asking.join()
    assert answers[0].status_code == 499, answers[0].text
    eventually(lambda: running(mariadb) == 0)


def test_two_databases_in_one_statement(hub, planes):
    assert hub.server.query("""SELECT p.tailnum, o.customer FROM pg.public.planes p JOIN my.shop.orders o ON o.id = p.seats
        WHERE p.tailnum = 'N7'""") == [["N7", "Customer 7"]]


def test_a_revoked_right_is_told(hub, mariadb):
    mariadb.sql("CREATE TABLE shared (id int); INSERT INTO shared VALUES (1)")
    assert hub.server.query("FROM my.shop.shared") == [[1]]
    mariadb.sql("REVOKE SELECT ON shop.* FROM firn@'%'; GRANT SELECT ON shop.orders TO firn@'%'; GRANT SELECT ON shop.slow TO firn@'%'")
    try:
        answer = hub.server.session.post(hub.server.url + "/query", json={"statement": "FROM my.shop.shared"})
        # Without any right MariaDB does not say that the table exists.
        assert answer.status_code == 404, answer.text
    finally:
        mariadb.sql("REVOKE SELECT ON shop.orders FROM firn@'%'; REVOKE SELECT ON shop.slow FROM firn@'%'; GRANT SELECT ON shop.* TO firn@'%'")
