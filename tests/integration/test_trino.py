"""Trino reads and writes Firn's tables."""


def test_creates_writes_changes_and_drops(trino_server, firn, lake, name):
    run = trino_server.execute
    run(f"CREATE TABLE {name} (id bigint, s varchar, d date, x double) "
        "WITH (partitioning = ARRAY['day(d)', 'bucket(s, 4)'])")
    run(f"INSERT INTO {name} VALUES (1, 'ä', DATE '1969-12-31', 0.5), (2, NULL, NULL, nan())")
    run(f"INSERT INTO {name} SELECT 100 + n, 'row', DATE '2024-02-29', 1.0 "
        "FROM UNNEST(sequence(1, 50)) AS t(n)")
    assert run(f"SELECT count(*), sum(id) FROM {name}") == [[52, 1 + 2 + 5000 + 1275]]
    assert lake.load_table(f"main.{name}").scan().to_arrow().num_rows == 52

    run(f"UPDATE {name} SET x = 2.0 WHERE id = 1")
    run(f"DELETE FROM {name} WHERE id > 120")
    run(f"ALTER TABLE {name} ADD COLUMN extra integer")
    run(f"MERGE INTO {name} t USING (VALUES 1, 999) s(id) ON t.id = s.id "
        "WHEN MATCHED THEN UPDATE SET extra = 7 "
        "WHEN NOT MATCHED THEN INSERT (id, extra) VALUES (s.id, 8)")
    assert run(f"SELECT id, extra FROM {name} WHERE extra IS NOT NULL ORDER BY id") == [
        [1, 7], [999, 8]]
    run(f"ANALYZE {name}")
    run(f"ALTER TABLE {name} EXECUTE optimize")
    assert run(f"SELECT count(*) FROM {name}") == [[23]]
    assert len(run(f'SELECT * FROM "{name}$snapshots"')) >= 6
    run(f"ALTER TABLE {name} RENAME TO {name}_2")
    run(f"DROP TABLE {name}_2")
    assert [name] not in run("SHOW TABLES")


def test_create_table_as_and_schemas(trino_server, name):
    run = trino_server.execute
    run(f"CREATE SCHEMA s_{name}")
    run(f"CREATE TABLE s_{name}.t AS SELECT 1 AS a, "
        "CAST(ROW(2, 'x') AS ROW(n integer, t varchar)) AS r, ARRAY['p', NULL] AS l, "
        "MAP(ARRAY['k'], ARRAY[DECIMAL '-1.50']) AS m")
    assert run(f"SELECT a, r.t, l[1], m['k'] FROM s_{name}.t")[0][:3] == [1, "x", "p"]
    run(f"DROP TABLE s_{name}.t")
    run(f"DROP SCHEMA s_{name}")


def test_reads_what_pyiceberg_wrote_between(trino_server, lake, name):
    import pyarrow as pa

    table = lake.create_table(f"main.{name}", pa.schema([("id", pa.int64()), ("s", pa.string())]))
    for start in (0, 10, 20):
        table.append(pa.table({"id": list(range(start, start + 10)), "s": ["x"] * 10}))
    assert trino_server.execute(f"SELECT count(*), max(id) FROM {name}") == [[30, 29]]
    trino_server.execute(f"DELETE FROM {name} WHERE id < 5")
    assert table.refresh().scan().to_arrow().num_rows == 25
