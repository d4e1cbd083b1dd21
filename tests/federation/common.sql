-- Statements that DuckDB and Trino both understand: test_engines.py runs each on both and compares the rows.
-- One statement a paragraph.

SELECT id, b FROM everything ORDER BY id

SELECT id, i FROM everything ORDER BY id

SELECT id, l FROM everything ORDER BY id

SELECT id, f FROM everything ORDER BY id

SELECT id, d FROM everything ORDER BY id

SELECT id, m FROM everything ORDER BY id

SELECT id, day FROM everything ORDER BY id

SELECT id, ts FROM everything ORDER BY id

SELECT id, tz FROM everything ORDER BY id

SELECT id, s FROM everything ORDER BY id

SELECT min(i), max(i), count(i), count(DISTINCT i) FROM everything

SELECT min(l), max(l), count(l), count(DISTINCT l) FROM everything

SELECT min(d), max(d), count(d), count(DISTINCT d) FROM everything

SELECT min(m), max(m), count(m), count(DISTINCT m) FROM everything

SELECT min(day), max(day), count(day), count(DISTINCT day) FROM everything

SELECT min(ts), max(ts), count(ts), count(DISTINCT ts) FROM everything

SELECT min(tz), max(tz), count(tz), count(DISTINCT tz) FROM everything

SELECT min(s), max(s), count(s), count(DISTINCT s) FROM everything

SELECT sum(i) FROM everything

SELECT sum(l) FROM everything

SELECT sum(m) FROM everything

SELECT count(*) FROM everything WHERE b IS NULL

SELECT count(*) FROM everything WHERE i IS NULL

SELECT count(*) FROM everything WHERE l IS NULL

SELECT count(*) FROM everything WHERE m IS NULL

SELECT count(*) FROM everything WHERE day IS NULL

SELECT count(*) FROM everything WHERE ts IS NULL

SELECT count(*) FROM everything WHERE tz IS NULL

SELECT count(*) FROM everything WHERE s IS NULL

SELECT count(*) FROM everything WHERE d IS NULL

SELECT id FROM everything ORDER BY i, id

SELECT id FROM everything ORDER BY l, id

SELECT id FROM everything ORDER BY d, id

SELECT id FROM everything ORDER BY m, id

SELECT id FROM everything ORDER BY day, id

SELECT id FROM everything ORDER BY ts, id

SELECT id FROM everything ORDER BY tz, id

SELECT id FROM everything ORDER BY s, id

SELECT id FROM everything ORDER BY i DESC, id DESC LIMIT 10

SELECT id FROM everything ORDER BY m DESC, id DESC LIMIT 10

SELECT id FROM everything ORDER BY day DESC, id DESC LIMIT 10

SELECT id FROM everything ORDER BY s DESC, id DESC LIMIT 10

SELECT b, count(*) FROM everything GROUP BY b ORDER BY b

SELECT i, count(*) FROM everything GROUP BY i ORDER BY i

SELECT day, count(*) FROM everything GROUP BY day ORDER BY day

SELECT s, count(*) FROM everything GROUP BY s ORDER BY s

SELECT id FROM everything WHERE i > 3 ORDER BY id

SELECT id FROM everything WHERE i BETWEEN -2 AND 2 ORDER BY id

SELECT id FROM everything WHERE i IN (1, 2) ORDER BY id

SELECT id FROM everything WHERE NOT (i = 1) ORDER BY id

SELECT id FROM everything WHERE i <> 1 OR i IS NULL ORDER BY id

SELECT id FROM everything WHERE b ORDER BY id

SELECT id FROM everything WHERE NOT b ORDER BY id

SELECT id FROM everything WHERE coalesce(b, false) ORDER BY id

SELECT id FROM everything WHERE NOT coalesce(b, false) ORDER BY id

SELECT id FROM everything WHERE m > 1.5 ORDER BY id

SELECT id FROM everything WHERE m = -3.25 ORDER BY id

SELECT id FROM everything WHERE m < 0 ORDER BY id

SELECT id FROM everything WHERE d > 0.5 ORDER BY id

SELECT id FROM everything WHERE l >= 9007199254740993 ORDER BY id

SELECT id FROM everything WHERE s = 'ä' ORDER BY id

SELECT id FROM everything WHERE s LIKE 'a%' ORDER BY id

SELECT id FROM everything WHERE s LIKE '%_b%' ORDER BY id

SELECT id FROM everything WHERE s < 'b' ORDER BY id

SELECT id FROM everything WHERE s IS NOT NULL AND length(s) > 1 ORDER BY id

SELECT id FROM everything WHERE day < DATE '2000-01-01' ORDER BY id

SELECT id FROM everything WHERE day = DATE '2024-02-29' ORDER BY id

SELECT id FROM everything WHERE ts >= TIMESTAMP '2024-01-01 00:00:00' ORDER BY id

SELECT id FROM everything WHERE tz < CAST('1970-01-01 00:00:00 UTC' AS timestamp with time zone) ORDER BY id

SELECT id FROM everything WHERE tz > CAST('1974-03-31 03:30:00 Europe/Paris' AS timestamp with time zone) ORDER BY id

SELECT id FROM everything WHERE coalesce(i, 0) = 0 ORDER BY id

SELECT id FROM everything WHERE i IS DISTINCT FROM 1 ORDER BY id

SELECT id FROM everything WHERE EXISTS (SELECT 1 FROM kinds k WHERE k.kind = i) ORDER BY id

SELECT id FROM everything WHERE i IN (SELECT kind FROM kinds WHERE name IS NOT NULL) ORDER BY id

SELECT id FROM everything WHERE i NOT IN (SELECT kind FROM kinds WHERE kind IS NOT NULL) ORDER BY id

SELECT id, i + l FROM everything ORDER BY id

SELECT id, i - 1 FROM everything ORDER BY id

SELECT id, i * 2 FROM everything ORDER BY id

SELECT id, m + m FROM everything ORDER BY id

SELECT id, m * 2 FROM everything ORDER BY id

SELECT id, m - 0.01 FROM everything ORDER BY id

SELECT id, -m FROM everything ORDER BY id

SELECT id, abs(m) FROM everything ORDER BY id

SELECT id, abs(i) FROM everything ORDER BY id

SELECT id, d + 0.5 FROM everything ORDER BY id

SELECT id, i % 3 FROM everything ORDER BY id

SELECT id, upper(s) FROM everything ORDER BY id

SELECT id, lower(s) FROM everything ORDER BY id

SELECT id, length(s) FROM everything ORDER BY id

SELECT id, s || '!' FROM everything ORDER BY id

SELECT id, trim(s) FROM everything ORDER BY id

SELECT id, replace(s, 'a', 'b') FROM everything ORDER BY id

SELECT id, substr(s, 1, 2) FROM everything ORDER BY id

SELECT id, strpos(s, 'b') FROM everything ORDER BY id

SELECT id, reverse(s) FROM everything ORDER BY id

SELECT id, coalesce(s, 'none') FROM everything ORDER BY id

SELECT id, nullif(i, 1) FROM everything ORDER BY id

SELECT id, CASE WHEN i > 0 THEN 'more' WHEN i < 0 THEN 'less' END FROM everything ORDER BY id

SELECT id, CASE i WHEN 1 THEN 'one' ELSE 'other' END FROM everything ORDER BY id

SELECT id, greatest(1, 2) FROM everything ORDER BY id

SELECT id, year(day) FROM everything ORDER BY id

SELECT id, month(day) FROM everything ORDER BY id

SELECT id, day(day) FROM everything ORDER BY id

SELECT id, extract(year FROM ts) FROM everything ORDER BY id

SELECT id, extract(hour FROM ts) FROM everything ORDER BY id

SELECT id, date_trunc('month', ts) FROM everything ORDER BY id

SELECT id, date_trunc('day', ts) FROM everything ORDER BY id

SELECT id, CAST(i AS varchar) FROM everything ORDER BY id

SELECT id, CAST(i AS double) FROM everything ORDER BY id

SELECT id, CAST(i AS decimal(10,2)) FROM everything ORDER BY id

SELECT id, CAST(m AS double) FROM everything ORDER BY id

SELECT id, CAST(day AS varchar) FROM everything ORDER BY id

SELECT id, CAST(ts AS date) FROM everything ORDER BY id

SELECT id, CAST(day AS timestamp) FROM everything ORDER BY id

SELECT id, CAST(s AS varchar) FROM everything ORDER BY id

SELECT id, TRY_CAST(s AS bigint) FROM everything ORDER BY id

SELECT id, floor(d) FROM everything ORDER BY id

SELECT id, ceil(d) FROM everything ORDER BY id

SELECT id, round(d, 1) FROM everything ORDER BY id

SELECT id, sqrt(abs(d)) FROM everything ORDER BY id

SELECT id, sign(i) FROM everything ORDER BY id

SELECT id, b AND i > 0 FROM everything ORDER BY id

SELECT id, b OR NULL FROM everything ORDER BY id

SELECT id, i IS NULL FROM everything ORDER BY id

SELECT id, s || '-' || s FROM everything ORDER BY id

SELECT id, CAST(day + INTERVAL '1' DAY AS date) FROM everything ORDER BY id

SELECT id, ts + INTERVAL '90' MINUTE FROM everything ORDER BY id

SELECT id, date_diff('day', day, DATE '2024-03-01') FROM everything ORDER BY id

SELECT id, tz FROM everything ORDER BY id

SELECT k.name, count(*), sum(e.m) FROM everything e JOIN kinds k ON e.i = k.kind GROUP BY k.name ORDER BY k.name

SELECT e.id, k.name FROM everything e LEFT JOIN kinds k ON e.i = k.kind ORDER BY e.id, k.name

SELECT k.kind, e.id FROM everything e RIGHT JOIN kinds k ON e.i = k.kind ORDER BY k.kind, e.id

SELECT e.id, k.kind FROM everything e FULL JOIN kinds k ON e.i = k.kind ORDER BY e.id, k.kind

SELECT count(*) FROM everything a CROSS JOIN kinds b

SELECT a.id, b.id FROM everything a JOIN everything b ON a.id = b.id + 1 AND a.i > b.i ORDER BY 1

SELECT i FROM everything UNION SELECT kind FROM kinds ORDER BY 1

SELECT i FROM everything UNION ALL SELECT kind FROM kinds ORDER BY 1

SELECT i FROM everything INTERSECT SELECT kind FROM kinds ORDER BY 1

SELECT i FROM everything EXCEPT SELECT kind FROM kinds ORDER BY 1

SELECT DISTINCT i, b FROM everything ORDER BY i, b

WITH big AS (SELECT * FROM everything WHERE i > 0) SELECT b, count(*) FROM big GROUP BY b ORDER BY b

SELECT i, count(*) AS n FROM everything GROUP BY i HAVING count(*) > 3 ORDER BY n DESC, i

SELECT b, i, count(*) FROM everything GROUP BY ROLLUP (b, i) ORDER BY b, i, 3

SELECT b, i, sum(m) FROM everything GROUP BY GROUPING SETS ((b), (i), ()) ORDER BY b, i, 3

SELECT id, row_number() OVER (PARTITION BY b ORDER BY id) FROM everything ORDER BY id

SELECT id, rank() OVER (ORDER BY i, b) FROM everything ORDER BY id

SELECT id, lag(i) OVER (ORDER BY id), lead(i, 2) OVER (ORDER BY id) FROM everything ORDER BY id

SELECT id, sum(m) OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM everything ORDER BY id

SELECT id, first_value(s) OVER (PARTITION BY i ORDER BY id) FROM everything ORDER BY id

SELECT (SELECT max(kind) FROM kinds), count(*) FROM everything

SELECT id, (SELECT k.name FROM kinds k WHERE k.kind = e.i) FROM everything e ORDER BY id

SELECT count(*) FILTER (WHERE i > 0), sum(m) FILTER (WHERE b) FROM everything

SELECT bool_and(b), bool_or(b) FROM everything

SELECT avg(i) FROM everything WHERE i IN (1, 2)

SELECT stddev_pop(CAST(kind AS double)) FROM kinds WHERE kind IN (1, 3)

SELECT 1, 'a', NULL, TRUE, 1.50, DATE '2024-02-29', TIMESTAMP '2024-02-29 12:00:00'

SELECT * FROM (VALUES (1, 'a'), (2, NULL)) AS t(n, s) ORDER BY n

SELECT id FROM everything ORDER BY id LIMIT 5

SELECT id FROM everything ORDER BY id OFFSET 5 LIMIT 5

SELECT count(*) FROM everything WHERE s = 'it''s -- no /* comment */'

SELECT "id" AS "a ""quoted"" name" FROM everything WHERE id = 1 -- a comment ends here

SELECT /* between */ id FROM everything WHERE id < 3 ORDER BY id

SELECT sum(CAST(d AS decimal(20,4))) FROM everything WHERE d BETWEEN -1000 AND 1000

SELECT id, time_bucket(INTERVAL '15' MINUTE, ts) AS a, time_bucket(INTERVAL '36' HOUR, ts) AS b, time_bucket(INTERVAL '7' DAY, ts) AS c FROM everything ORDER BY id

SELECT id, time_bucket(INTERVAL '1' MONTH, ts) AS a, time_bucket(INTERVAL '5' MONTH, ts) AS b, time_bucket(INTERVAL '2' YEAR, ts) AS c FROM everything ORDER BY id

SELECT id, time_bucket(INTERVAL '10' DAY, day) AS a, time_bucket(INTERVAL '3' MONTH, day) AS b FROM everything ORDER BY id

SELECT b, funnel_depth(INTERVAL '900' DAY, array_agg(id % 4 ORDER BY id), array_agg(ts ORDER BY id)) AS depth FROM everything GROUP BY b ORDER BY b

SELECT i, funnel_depth(INTERVAL '5000' DAY, array_agg(CASE WHEN id % 5 = 3 THEN NULL ELSE id % 5 END ORDER BY id), array_agg(ts ORDER BY id)) AS depth FROM everything GROUP BY i ORDER BY i

SELECT funnel_depth(INTERVAL '1' HOUR, ARRAY[1, 3, 2, 3, 1, 2], ARRAY[TIMESTAMP '2024-01-01 00:00:00', TIMESTAMP '2024-01-01 00:10:00', TIMESTAMP '2024-01-01 00:20:00', TIMESTAMP '2024-01-01 01:00:00', TIMESTAMP '2024-01-01 01:00:01', TIMESTAMP '2024-01-01 03:00:00']) AS depth

SELECT b, retention(DATE '1990-01-01', array_agg(day ORDER BY id), 700, 12) AS seen FROM everything GROUP BY b ORDER BY b

SELECT retention(DATE '2024-01-01', ARRAY[DATE '2024-01-01', DATE '2024-01-07', DATE '2024-01-29'], 7, 5) AS seen, retention(DATE '2024-01-01', ARRAY[CAST(NULL AS date)], 7, 2) AS none
