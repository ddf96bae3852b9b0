"""The stages of the join, as plain SQL: the same text runs on DuckDB and on Spark.

    spend_rows ─ view: the canonical record of every row ──► spend_groups ─ sums by raw key, currency, month
        distinct raw keys ─ mapped to workflows in Python ──► spend_keys
        odd numbers and times, rows of several workflows ─ settled in Python ──► spend_settled
    spend_groups + spend_keys + spend_settled ──► spend_months ─ workflow × month × grouping columns
    run_rows ─ canonical runs ─► run_cases ─ one row a run, its last attempt ─► run_sums
    spend_months + run_sums ──► outcome_months ─ a full outer join of two sides that are summed already

Amounts are DECIMAL(38,12) and only ever added; what is divided is divided in Python. Both sides are summed before they
meet, so no row of one side can multiply a row of the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

MONEY = "DECIMAL(38,12)"
FINE = "DECIMAL(38,24)"
COUNTED = "DECIMAL(18,0)"
MEASURED = "DECIMAL(18,6)"

KEYS = ("workflow_key", "tags", "project", "trace")

SPEND_GROUPS = """
SELECT file, {keys}, month, odd_cost, odd_time, fault,
  COUNT(*) AS row_count, SUM(cost) AS cost, SUM(residue) AS residue,
  SUM(tokens_in) AS tokens_in, SUM(tokens_cached) AS tokens_cached, SUM(tokens_out) AS tokens_out,
  SUM(retries) AS retries,
  COUNT(CASE WHEN cost < 0 THEN 1 END) AS negatives,
  SUM(CASE WHEN cost < 0 THEN cost END) AS negative_cost,
  COUNT(CASE WHEN cost = 0 AND (tokens_in > 0 OR tokens_out > 0) THEN 1 END) AS unpriced,
  COUNT(CASE WHEN occurred >= TIMESTAMP '{tomorrow} 00:00:00' THEN 1 END) AS future
FROM (
  SELECT file, {keys}, fault, cost, residue, tokens_in, tokens_cached, tokens_out, retries, occurred,
    CAST(DATE_TRUNC('month', occurred) AS DATE) AS month,
    CASE WHEN cost IS NULL THEN COALESCE(cost_text, '') END AS odd_cost,
    CASE WHEN occurred IS NULL THEN COALESCE(occurred_text, '') END AS odd_time
  FROM (
    SELECT file, {keys}, fault, residue, tokens_in, tokens_cached, tokens_out, retries, occurred, occurred_text,
      cost_text, COALESCE(cost, CASE WHEN (tokens_in > 0 OR tokens_out > 0)
        AND TRIM(COALESCE(cost_text, '')) IN ('', 'NULL', 'null') THEN 0 END) AS cost
    FROM spend_rows
  ) AS priced
) AS placed
GROUP BY file, {keys}, month, odd_cost, odd_time, fault
"""

# What can be summed without a second look; Python settles the rest.
REGULAR = "g.odd_cost IS NULL AND g.odd_time IS NULL AND g.fault = ''"

SPEND_MONTHS = """
SELECT workflow, currency, month{by}, SUM(cost) AS cost, SUM(row_count) AS row_count,
  SUM(tokens_in) AS tokens_in, SUM(tokens_cached) AS tokens_cached, SUM(tokens_out) AS tokens_out,
  SUM(retries) AS retries
FROM (
  SELECT k.workflow, k.currency, g.month{k_by}, g.cost, g.row_count,
    g.tokens_in, g.tokens_cached, g.tokens_out, g.retries
  FROM spend_groups AS g JOIN spend_keys AS k ON {on}
  WHERE {regular} AND k.parts = 1 AND g.month BETWEEN DATE '1970-01-01' AND DATE '2199-12-31'
  UNION ALL
  SELECT workflow, currency, month{by}, cost, row_count, tokens_in, tokens_cached, tokens_out, retries
  FROM spend_settled
) AS parts
GROUP BY workflow, currency, month{by}
"""

# What no file has is not kept for each row: a view gives it its one value.
RUN_KEPT = """
SELECT {keys}, run_id, finished, CASE WHEN finished IS NULL THEN COALESCE(finished_text, '') END AS finished_text,
  CAST(unreadable AS TINYINT) AS unreadable{kept}
FROM run_source
"""
RUN_ROWS = "SELECT *{constant} FROM run_kept"
RUN_CONSTANTS = {
    "success": "CAST(NULL AS INTEGER)",
    "manual_review": "CAST(NULL AS INTEGER)",
    "accepted": "CAST(NULL AS INTEGER)",
    "turnaround": f"CAST(NULL AS {MEASURED})",
    "quality": f"CAST(NULL AS {MEASURED})",
    "metric": f"CAST(NULL AS {MEASURED})",
    "attempts": f"CAST(1 AS {COUNTED})",
    "fault": "''",
}

RUN_ODD_TIMES = """
SELECT finished_text, COUNT(*) FROM run_rows WHERE finished IS NULL AND fault = '' GROUP BY finished_text
"""

RUN_COUNTS = """
SELECT {keys}, COUNT(*), COUNT(CASE WHEN fault <> '' THEN 1 END), SUM(unreadable),
  COUNT(CASE WHEN run_id = '' AND fault = '' THEN 1 END),
  COUNT(CASE WHEN finished >= TIMESTAMP '{tomorrow} 00:00:00' THEN 1 END)
FROM run_rows GROUP BY {keys}
"""

# Success: the column says so; else every threshold of the workflow's rule must hold, and be known.
RUN_JUDGED = """
  SELECT k.workflow{k_by}, r.run_id, COALESCE(r.finished, t.finished) AS finished, r.turnaround, r.manual_review,
    r.accepted, r.attempts, r.quality, r.metric,
    CASE
      WHEN r.success IS NOT NULL THEN r.success
      WHEN r.accepted <> u.accepted OR r.manual_review <> u.manual_review OR r.turnaround > u.turnaround_most
        OR r.quality < u.quality_least OR r.metric < u.metric_least OR r.metric > u.metric_most THEN 0
      WHEN u.workflow IS NULL
        OR (u.accepted IS NOT NULL AND r.accepted IS NULL)
        OR (u.manual_review IS NOT NULL AND r.manual_review IS NULL)
        OR (u.turnaround_most IS NOT NULL AND r.turnaround IS NULL)
        OR (u.quality_least IS NOT NULL AND r.quality IS NULL)
        OR ((u.metric_least IS NOT NULL OR u.metric_most IS NOT NULL) AND r.metric IS NULL) THEN NULL
      ELSE 1
    END AS success
  FROM run_rows AS r
  JOIN run_keys AS k ON {on}
  LEFT JOIN run_times AS t ON r.finished IS NULL AND r.finished_text = t.text
  LEFT JOIN run_rules AS u ON u.workflow = k.workflow
  WHERE k.workflow <> '' AND r.fault = '' AND COALESCE(r.finished, t.finished) IS NOT NULL
"""

# Ids are long and mostly all different: their hashes are counted first, and only ids that share one are compared.
SHARED_HASHES = """
SELECT id_hash FROM (SELECT {hashed} AS id_hash FROM {rows} WHERE {id} <> '') AS hashed_ids
GROUP BY id_hash HAVING COUNT(*) > 1
"""

RUN_REPEATS = """
SELECT r.run_id FROM run_rows AS r JOIN run_hashes AS h ON {hashed} = h.id_hash
WHERE r.run_id <> '' GROUP BY r.run_id HAVING COUNT(*) > 1
"""

RUNS_REPEATED = """
SELECT COALESCE(SUM(row_count - 1), 0) FROM (
  SELECT COUNT(*) AS row_count FROM run_judged AS j JOIN run_repeats AS p ON p.run_id = j.run_id
  GROUP BY j.workflow, j.run_id
) AS repeated
"""

RUN_CASES_ONCE = """
SELECT workflow{by}, CAST(DATE_TRUNC('month', finished) AS DATE) AS month, success, turnaround, manual_review, accepted,
  attempts, quality, metric
FROM run_judged
"""

# A run id that comes more than once is one run of several attempts: its last one counts. Rows without a run id are a
# run each. Rows that are the same in everything are one.
RUN_CASES = """
SELECT workflow{by}, CAST(DATE_TRUNC('month', finished) AS DATE) AS month, success, turnaround, manual_review, accepted,
  attempts, quality, metric
FROM run_judged AS j
WHERE NOT EXISTS (SELECT 1 FROM run_repeats AS p WHERE p.run_id = j.run_id)
UNION ALL
SELECT workflow{by}, CAST(DATE_TRUNC('month', finished) AS DATE) AS month, success, turnaround, manual_review, accepted,
  attempts, quality, metric
FROM (
  SELECT workflow{by}, finished, success, turnaround, manual_review, accepted, quality, metric,
    SUM(attempts) OVER (PARTITION BY workflow, run_id) AS attempts,
    ROW_NUMBER() OVER (
      PARTITION BY workflow, run_id
      ORDER BY finished DESC, success DESC NULLS LAST, turnaround DESC NULLS LAST, accepted DESC NULLS LAST,
        manual_review DESC NULLS LAST, quality DESC NULLS LAST, metric DESC NULLS LAST{by_order}
    ) AS place
  FROM (
    SELECT DISTINCT j.workflow{j_by}, j.run_id, j.finished, j.success, j.turnaround, j.manual_review, j.accepted,
      j.attempts, j.quality, j.metric
    FROM run_judged AS j
    JOIN run_repeats AS p ON p.run_id = j.run_id
  ) AS attempts_made
) AS numbered
WHERE place = 1
"""

# By month and over all months, and with grouping columns by month over all of these: the rows are gone through once.
RUN_SUMS = """
SELECT workflow{by}, month, GROUPING(month) AS all_months, {all_paths} AS all_paths,
  COUNT(*) AS runs, SUM(attempts) AS attempts,
  SUM(success) AS successes, COUNT(success) AS judged,
  SUM(manual_review) AS manual_reviews, COUNT(manual_review) AS review_known,
  SUM(accepted) AS acceptances, COUNT(accepted) AS acceptance_known,
  PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY CAST(turnaround AS DOUBLE)) AS turnaround_p50,
  PERCENTILE_CONT(0.95) WITHIN GROUP (ORDER BY CAST(turnaround AS DOUBLE)) AS turnaround_p95,
  SUM(quality) AS quality_sum, COUNT(quality) AS quality_count,
  SUM(metric) AS metric_sum, COUNT(metric) AS metric_count
FROM run_cases GROUP BY GROUPING SETS ((workflow{by}, month), (workflow{by}){and_whole_months})
"""

OUTCOMES = """
SELECT COALESCE(s.workflow, r.workflow) AS workflow{by}{month},
  CASE WHEN s.workflow IS NULL THEN 'outcomes only' WHEN r.workflow IS NULL THEN 'spend only' ELSE 'both' END AS sides,
  s.cost, s.row_count, s.tokens_in, s.tokens_cached, s.tokens_out, s.retries,
  r.runs, r.attempts, r.successes, r.judged, r.manual_reviews, r.review_known, r.acceptances, r.acceptance_known,
  r.turnaround_p50, r.turnaround_p95, r.quality_sum, r.quality_count, r.metric_sum, r.metric_count
FROM (
  SELECT workflow{bare_by}{bare_month}, SUM(cost) AS cost, SUM(row_count) AS row_count, SUM(tokens_in) AS tokens_in,
    SUM(tokens_cached) AS tokens_cached, SUM(tokens_out) AS tokens_out, SUM(retries) AS retries
  FROM spend_costs GROUP BY workflow{bare_by}{bare_month}
) AS s
FULL OUTER JOIN (SELECT * FROM run_sums WHERE all_months = {all_months} AND all_paths = {all_paths}) AS r ON {on}
"""

REPEATED_IDS = """
SELECT s.source, s.row_id, COUNT(*) AS row_count FROM spend_rows AS s JOIN spend_hashes AS h ON {hashed} = h.id_hash
WHERE s.row_id <> '' GROUP BY s.source, s.row_id HAVING COUNT(*) > 1
"""


_MARKS = ("'", "\\")
_SPLIT = re.compile(r"(['\\])")


def by_columns(count: int, prefix: str = "") -> str:
    """The grouping columns, each after a comma."""
    return "".join(f", {prefix}by_{place}" for place in range(count))


def no_repeated_ids() -> str:
    """REPEATED_IDS where no file has ids."""
    return values([("source", "STRING"), ("row_id", "STRING"), ("row_count", "BIGINT")], [])


def no_rows(*, spend: bool, by: int) -> str:
    """The canonical record of a side without files."""
    texts = [*KEYS, *(f"by_{place}" for place in range(by)), "run_id", "fault"]
    columns = [(name, "STRING") for name in texts] + [("file", "INTEGER")]
    if spend:
        columns += [(name, "STRING") for name in ("source", "currency", "occurred_text", "cost_text", "row_id")]
        columns += [("occurred", "TIMESTAMP"), ("cost", MONEY), ("residue", FINE)]
        columns += [(name, COUNTED) for name in ("tokens_in", "tokens_cached", "tokens_out", "retries")]
    else:
        columns += [("finished_text", "STRING"), ("finished", "TIMESTAMP"), ("attempts", COUNTED)]
        columns += [(name, "INTEGER") for name in ("success", "manual_review", "accepted", "unreadable")]
        columns += [(name, MEASURED) for name in ("turnaround", "quality", "metric")]
    return values(columns, [])


def same(left: str, right: str, columns: Sequence[str]) -> str:
    """A join condition over columns that are never null."""
    return " AND ".join(f"{left}.{column} = {right}.{column}" for column in columns)


def literal(value: object) -> str:
    """A value as SQL writes it.

    Engines differ in how a quotation mark or a backslash stands inside a text: those are put in by their number.

    >>> literal("it's"), literal(None), literal(3)
    ("CONCAT('it', CHR(39), 's')", 'NULL', '3')
    """
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, int):
        return str(value)
    parts = [f"CHR({ord(part)})" if part in _MARKS else f"'{part}'" for part in _SPLIT.split(str(value)) if part]
    return parts[0] if len(parts) == 1 else f"CONCAT({', '.join(parts)})" if parts else "''"


def values(columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[object]]) -> str:
    """A small table as a query; each column with its type, each value as a text of that type."""
    listed = ", ".join("(" + ", ".join(literal(value) for value in row) + ")" for row in rows)
    names = ", ".join(f"v{place}" for place in range(len(columns)))
    cast = ", ".join(f"CAST(v{place} AS {kind}) AS {name}" for place, (name, kind) in enumerate(columns))
    if not listed:
        listed = "(" + ", ".join("NULL" for _ in columns) + ")"
        return f"SELECT {cast} FROM (VALUES {listed}) AS t({names}) WHERE 1 = 0"
    return f"SELECT {cast} FROM (VALUES {listed}) AS t({names})"
