"""One ranking of products.csv by DuckDB or Polars, on one thread.

usage: scan_peer.py duckdb|polars products.csv
Prints the seconds of the query (imports left out) and then the ids, best first.
"""
import os
import sys
import time

os.environ["POLARS_MAX_THREADS"] = "1"
peer, path = sys.argv[1], sys.argv[2]
COLUMNS = ["id", "price", "rating", "weight", "clicks", "age"]


def duckdb_ids():
    import duckdb

    db = duckdb.connect(config={"threads": 1})
    types = ", ".join(f"'{c}': '{'BIGINT' if c == 'id' else 'FLOAT'}'" for c in COLUMNS)
    query = f"""
        WITH p AS (SELECT {", ".join(COLUMNS)} FROM read_csv('{path}', types={{{types}}}))
        SELECT id, rating * 0.1::FLOAT * weight - price / (SELECT avg(price)::FLOAT FROM p)
                   + ln(1 + clicks) / sqrt(1 + age) AS score
        FROM p ORDER BY score DESC LIMIT 100"""
    start = time.perf_counter()
    rows = db.execute(query).fetchall()
    return time.perf_counter() - start, [r[0] for r in rows]


def polars_ids():
    import polars as pl

    types = {c: pl.Int64 if c == "id" else pl.Float32 for c in COLUMNS}
    start = time.perf_counter()
    frame = pl.scan_csv(path, schema_overrides=types).select(COLUMNS)
    score = (
        pl.col("rating") * 0.1 * pl.col("weight")
        - pl.col("price") / pl.col("price").mean()
        + pl.col("clicks").log1p() / (pl.col("age") + 1).sqrt()
    )
    rows = frame.select("id", score.alias("score")).top_k(100, by="score").collect()
    rows = rows.sort("score", descending=True)
    return time.perf_counter() - start, rows["id"].to_list()


seconds, ids = duckdb_ids() if peer == "duckdb" else polars_ids()
print(seconds)
print(*ids)
