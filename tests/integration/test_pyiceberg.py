"""PyIceberg against Firn's REST catalog: create, append, read, evolve, travel, and at once."""

import concurrent.futures
import datetime
import decimal
import math
import uuid

import pyarrow as pa
import pytest
from pyiceberg import exceptions
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.transforms import BucketTransform, DayTransform
from pyiceberg.types import (BinaryType, BooleanType, DateType, DecimalType, DoubleType, FixedType,
                             FloatType, IntegerType, ListType, LongType, MapType, NestedField,
                             StringType, StructType, TimestampType, TimestamptzType, TimeType,
                             UUIDType)

from clients import pyiceberg_catalog

PLAIN = pa.schema([("id", pa.int64()), ("s", pa.string())])


def rows(first, count):
    return pa.table({"id": list(range(first, first + count)),
                     "s": [f"row {i}" for i in range(first, first + count)]}, schema=PLAIN)


EVERY_TYPE = Schema(
    NestedField(1, "b", BooleanType()), NestedField(2, "i", IntegerType()),
    NestedField(3, "l", LongType(), required=True), NestedField(4, "f", FloatType()),
    NestedField(5, "d", DoubleType()), NestedField(6, "dec9", DecimalType(9, 2)),
    NestedField(7, "dec18", DecimalType(18, 3)), NestedField(8, "dec38", DecimalType(38, 5)),
    NestedField(9, "day", DateType()), NestedField(10, "tm", TimeType()),
    NestedField(11, "ts", TimestampType()), NestedField(12, "tz", TimestamptzType()),
    NestedField(13, "s", StringType()), NestedField(14, "u", UUIDType()),
    NestedField(15, "fx", FixedType(4)), NestedField(16, "bin", BinaryType()),
    NestedField(17, "st", StructType(NestedField(20, "x", IntegerType()),
                                     NestedField(21, "y", StringType()))),
    NestedField(18, "li", ListType(22, StringType(), False)),
    NestedField(19, "mp", MapType(23, StringType(), 24, DoubleType(), False)))

UTC = datetime.timezone.utc
FULL = dict(b=True, i=-5, l=1, f=math.nan, d=-0.0, dec9=decimal.Decimal("-1.50"),
            dec18=decimal.Decimal("-123456789012345.678"),
            dec38=decimal.Decimal("-123456789012345678901234567890123.45678"),
            day=datetime.date(1969, 12, 31), tm=datetime.time(23, 59, 59, 999999),
            ts=datetime.datetime(1969, 12, 31, 23, 59, 59, 999999),
            tz=datetime.datetime(2024, 2, 29, 12, 0, tzinfo=UTC), s="äöü \U0001f980",
            u=uuid.UUID("f79c3e09-677c-4bbd-a479-3f349cb785e7").bytes, fx=b"\xff\x00\x01\x02",
            bin=b"\x00\xff", st={"x": 1, "y": None}, li=["a", None], mp=[("k", 0.5)])


def every_type_rows(schema):
    other = {**{field.name: None for field in schema}, "l": 2}
    return pa.Table.from_pylist([FULL, other], schema=schema)


def test_every_type_with_predicates(lake, name):
    table = lake.create_table(f"main.{name}", EVERY_TYPE, partition_spec=PartitionSpec(
        PartitionField(9, 1000, DayTransform(), "day_day"),
        PartitionField(13, 1001, BucketTransform(4), "s_bucket")))
    table.append(every_type_rows(table.schema().as_arrow()))
    for predicate in ("b = true", "i = -5", "l = 1", "d <= 0", "dec9 < -1", "dec18 < 0",
                      "dec38 < 0", "day < '1970-01-01'", "ts < '1970-01-01T00:00:00'",
                      "tz >= '2024-02-29T12:00:00+00:00'", "s = 'äöü \U0001f980'",
                      "s like 'äö%'", "i is not null", "f is nan", "s in ('äöü \U0001f980')",
                      "tm = '23:59:59.999999'"):
        found = table.scan(row_filter=predicate).to_arrow()
        assert found.num_rows == 1 and found["l"].to_pylist() == [1], predicate
    for column in ("b", "i", "dec9", "day", "ts", "s", "u", "fx", "bin"):
        assert table.scan(row_filter=f"{column} is null").to_arrow()["l"].to_pylist() == [2], column
    got = table.scan(row_filter="l = 1").to_arrow().to_pylist()[0]
    assert got["s"] == FULL["s"] and got["dec38"] == FULL["dec38"] and got["mp"] == FULL["mp"]


def test_evolves_travels_and_keeps_history(lake, name):
    table = lake.create_table(f"main.{name}", PLAIN)
    table.append(rows(0, 10))
    first = table.current_snapshot().snapshot_id
    with table.update_schema() as update:
        update.add_column("extra", StringType())
        update.rename_column("s", "text")
    table.append(pa.table({"id": [100], "text": ["t"], "extra": ["e"]}))
    assert table.scan().to_arrow().num_rows == 11
    assert table.scan(row_filter="extra is null").to_arrow().num_rows == 10
    assert table.scan(snapshot_id=first).to_arrow().num_rows == 10
    with table.update_schema() as update:
        update.delete_column("extra")
    table.manage_snapshots().create_tag(first, "start").commit()
    assert lake.load_table(f"main.{name}").refs()["start"].snapshot_id == first
    assert [entry.snapshot_id for entry in table.history()][0] == first
    table.delete("id < 5")
    table.overwrite(pa.table({"id": [1], "text": ["only"]}))
    assert lake.load_table(f"main.{name}").scan().to_arrow().num_rows == 1
    with table.transaction() as transaction:
        transaction.set_properties(a="b")
        transaction.remove_properties("a")


def test_partition_evolution(lake, name):
    table = lake.create_table(f"main.{name}", PLAIN)
    table.append(rows(0, 10))
    with table.update_spec() as update:
        update.add_field("id", BucketTransform(4), "id_bucket")
    table.append(rows(10, 10))
    with table.update_spec() as update:
        update.remove_field("id_bucket")
    assert table.scan(row_filter="id = 15").to_arrow().num_rows == 1
    assert table.scan().to_arrow().num_rows == 20


def append_in_process(arguments):
    url, key, table_name, worker, count = arguments
    catalog = pyiceberg_catalog(url, key)
    conflicts = 0
    for i in range(count):
        while True:
            try:
                catalog.load_table(table_name).append(rows(worker * 1000 + i, 1))
                break
            except exceptions.CommitFailedException:
                conflicts += 1
                assert conflicts < 500
    return conflicts


def test_four_processes_append_at_once(firn, lake, name):
    table = lake.create_table(f"main.{name}", PLAIN)
    with concurrent.futures.ProcessPoolExecutor(4) as pool:
        list(pool.map(append_in_process,
                      [(firn.url, firn.key, f"main.{name}", worker, 5) for worker in range(4)]))
    ids = table.refresh().scan().to_arrow()["id"].to_pylist()
    assert sorted(ids) == sorted(w * 1000 + i for w in range(4) for i in range(5))
    assert len(table.snapshots()) == 20


def test_names_and_namespaces(lake, name):
    lake.create_namespace(name, {"a": "b"})
    lake.create_namespace((name, "in ner/+%"))
    assert (name, "in ner/+%") in lake.list_namespaces(name)
    table = lake.create_table((name, "in ner/+%", "tä b?#%"), PLAIN)
    table.append(rows(0, 3))
    assert lake.load_table((name, "in ner/+%", "tä b?#%")).scan().to_arrow().num_rows == 3
    with pytest.raises(exceptions.NamespaceNotEmptyError):
        lake.drop_namespace(name)
    lake.purge_table((name, "in ner/+%", "tä b?#%"))
    lake.drop_namespace((name, "in ner/+%"))
    lake.update_namespace_properties(name, removals={"a"}, updates={"c": "d"})
    properties = lake.load_namespace_properties(name)
    assert properties.pop("location").startswith("file:///") and properties == {"c": "d"}
    lake.drop_namespace(name)
    with pytest.raises(exceptions.NoSuchNamespaceError):
        lake.load_namespace_properties(name)


def test_errors_have_their_types(lake, name):
    with pytest.raises(exceptions.NoSuchTableError):
        lake.load_table(f"main.{name}")
    lake.create_table(f"main.{name}", PLAIN)
    with pytest.raises(exceptions.TableAlreadyExistsError):
        lake.create_table(f"main.{name}", PLAIN)
    with pytest.raises(exceptions.NamespaceAlreadyExistsError):
        lake.create_namespace("main")
    assert lake.table_exists(f"main.{name}") and not lake.table_exists(f"main.{name}_no")


def test_firn_sees_what_was_written(firn, lake, name):
    table = lake.create_table(f"main.{name}", PLAIN)
    table.append(rows(0, 100))
    assert firn.query(f"SELECT count(*), sum(id) FROM lake.main.{name}") == [[100, 4950]]
