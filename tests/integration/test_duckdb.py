"""DuckDB attached to Firn's REST catalog, reading and writing."""

import pyarrow as pa


def test_writes_and_reads(duck, lake, firn, name):
    duck.execute(f"CREATE TABLE lake.main.{name} AS SELECT i AS id, 'r' || i AS s, "
                 "i::DOUBLE / 2 AS d FROM range(1000) t(i)")
    duck.execute(f"INSERT INTO lake.main.{name} VALUES (5000, 'x', 1.5)")
    duck.execute(f"DELETE FROM lake.main.{name} WHERE id < 10")
    wanted = (991, 499500 + 5000 - 45)
    assert duck.execute(f"SELECT count(*), sum(id) FROM lake.main.{name}").fetchone() == wanted
    assert lake.load_table(f"main.{name}").scan().to_arrow().num_rows == 991
    assert firn.query(f"SELECT count(*), sum(id) FROM lake.main.{name}") == [list(wanted)]


def test_transactions_apply_as_one(duck, lake, name):
    duck.execute(f"CREATE TABLE lake.main.{name} (id BIGINT)")
    duck.execute(f"CREATE TABLE lake.main.{name}_b (id BIGINT)")
    duck.execute("BEGIN")
    for i in range(3):
        duck.execute(f"INSERT INTO lake.main.{name} VALUES ({i})")
    duck.execute(f"INSERT INTO lake.main.{name}_b VALUES (9)")
    duck.execute("COMMIT")
    assert duck.execute(f"SELECT count(*) FROM lake.main.{name}").fetchone() == (3,)
    assert lake.load_table(f"main.{name}_b").scan().to_arrow()["id"].to_pylist() == [9]


def test_reads_what_firn_ingested(duck, firn, name):
    answer = firn.append(name, [{"id": i, "s": "ä", "x": i / 2} for i in range(100)],
                         sync="true")
    assert answer.status_code == 200, answer.text
    assert duck.execute(f"SELECT count(*), sum(id) FROM lake.main.{name}").fetchone() == (100, 4950)


def test_schemas(duck, name):
    duck.execute(f"CREATE SCHEMA lake.{name}")
    duck.execute(f"CREATE TABLE lake.{name}.t (a INTEGER)")
    duck.execute(f"DROP TABLE lake.{name}.t")
    duck.execute(f"DROP SCHEMA lake.{name}")


def test_reads_deletes_and_evolved_schemas(duck, lake, name):
    table = lake.create_table(f"main.{name}", pa.schema([("id", pa.int32()), ("s", pa.string())]))
    table.append(pa.table({"id": pa.array([1, 2, 3], pa.int32()), "s": ["a", "b", None]}))
    with table.update_schema() as update:
        from pyiceberg.types import LongType
        update.update_column("id", LongType())
        update.rename_column("s", "text")
    table.append(pa.table({"id": [2**40], "text": ["big"]}))
    assert duck.execute(f"SELECT sum(id), count(text) FROM lake.main.{name}").fetchone() == (
        6 + 2**40, 3)
