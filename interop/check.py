"""Reads runs with the tools that docs/guide.md names: pylance, pandas, Polars, DuckDB, sqlite3.

Usage: python interop/check.py LIBRARIES TRACKER_JAR, in the root of the repository after `mvn verify`; LIBRARIES is a
folder of jars with tracker-core and all it needs. The packages of interop/requirements.txt must be installed. Looks at
a live run, at one that was killed, before and after it is sealed, and at one that has finished; ends with an
AssertionError where a tool sees something else than was logged.
"""

import datetime
import hashlib
import json
import math
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
from importlib import resources
from pathlib import Path

import duckdb
import lance
import pandas
import polars
import pyarrow

ROWS = 20_000
MORE = 10
BIG = 2**53 + 1
NOTE = 'Grüße, "Ada" 😀'
DEADLINE_SECONDS = 60


def loss(i):
    """What LogRun.java logs in row i."""
    return math.nan if i % 1000 == 7 else 1.0 / (1 + i)


LOSS = [loss(i) for i in range(ROWS)]


def bits(values):
    """The bytes of doubles, in which NaN equals NaN and -0.0 is not 0.0."""
    values = list(values)
    return struct.pack(f"<{len(values)}d", *values)


class Program:
    """LogRun.java in a process of its own."""

    def __init__(self, libraries, root, run):
        command = ["java", "-cp", f"{libraries}/*", "interop/LogRun.java", str(root), run, str(ROWS)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.folder = Path(self.hear("ready"))

    def hear(self, word):
        for line in self.process.stdout:
            if line.startswith(word):
                return line[len(word):].strip()
        raise AssertionError(f"LogRun ended without saying {word}: code={self.process.wait()}")

    def say(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def finish(self):
        self.say("finish")
        self.hear("finished")
        assert self.process.wait() == 0


def database(run):
    return sqlite3.connect(f"file:{run}/data/metadata.db?mode=ro", uri=True)


def series(run, name):
    """The recipe of the guide: a metric as an Arrow table, as far as it is sealed."""
    with database(run) as db:
        found = db.execute(
            "select folder, version, rows from series where name = ? and version > 0", (name,)).fetchone()
    if found is None:
        return None
    folder, version, rows = found
    return lance.dataset(f"{run}/data/metrics/{folder}.lance", version=version).to_table().slice(0, rows)


def sealed_rows(run):
    if not (run / "data/metadata.db").exists():
        return 0
    with database(run) as db:
        return db.execute("select coalesce(max(rows), 0) from series where name = 'train/loss'").fetchone()[0]


def check_series(run):
    table = series(run, "train/loss")
    assert bits(table["value"].to_pylist()[:ROWS]) == bits(LOSS)
    assert table["step"].to_pylist()[:ROWS] == list(range(ROWS))
    assert table["global_step"].to_pylist()[:ROWS] == [1 + i // 100 for i in range(ROWS)]
    assert table.schema.field("timestamp").type == pyarrow.timestamp("us", "UTC")
    frame = table.to_pandas()
    assert bits(frame["value"][:ROWS]) == bits(LOSS)
    assert str(frame["timestamp"].dtype) == "datetime64[us, UTC]"
    polar = polars.from_arrow(table)
    assert bits(polar["value"][:ROWS]) == bits(LOSS)
    assert polar["value"].is_nan().sum() == ROWS // 1000
    assert series(run, "seen")["value"].to_pylist() == [BIG]
    assert series(run, "done")["value"].to_pylist() == [True]
    assert series(run, "note")["value"].to_pylist() == [NOTE]


def check_table(run):
    with database(run) as db:
        columns = db.execute(
            "select column_name, type, field from tables where name = 'predictions' order by ordinal").fetchall()
        folder, version = db.execute("select folder, version from series where name = 'predictions'").fetchone()
        path, digest = db.execute("select path, digest from media").fetchone()
    assert columns == [
        ("label", "text", "label"), ("a.b", "number", "a_b"), ("seen", "integer", "seen"),
        ("right", "boolean", "right"), ("when", "time", "when"), ("file", "media", "file")], columns
    table = lance.dataset(f"{run}/data/tables/{folder}.lance", version=version).to_table()
    assert table["_step"].to_pylist() == [-1, -1]
    when = datetime.datetime.fromtimestamp(1, datetime.timezone.utc)
    assert table.drop_columns(["_step", "_global_step", "_timestamp"]).to_pylist() == [
        {"label": "Grüße", "a_b": 0.5, "seen": BIG, "right": True, "when": when, "file": None},
        {"label": None, "a_b": None, "seen": None, "right": None, "when": None, "file": digest}], table
    content = (run / path).read_bytes()
    assert content == b"a file" and hashlib.sha256(content).hexdigest() == digest


def check_metadata(run, status):
    with database(run) as db:
        assert db.execute("select name, status from run").fetchone() == ("interop", status)
        assert db.execute("select number from config where path = 'layers/hidden'").fetchone() == (64,)
        assert db.execute("select tag from tag").fetchall() == [("interop",)]
        assert db.execute("select last from series where name = 'note'").fetchone() == (NOTE,)


def check_duckdb_metadata(run, rows):
    with duckdb.connect() as db:
        extension = next(
            (resources.files("duckdb_extension_sqlite_scanner") / "extensions").glob("*/*.duckdb_extension"))
        db.execute(f"load '{extension}'")
        db.execute(f"attach '{run}/data/metadata.db' as run (type sqlite, read_only)")
        found = db.execute("select name, kind, rows from run.series order by name").fetchall()
        assert found == [
            ("done", "bool", 1), ("note", "string", 1), ("predictions", "table", 2), ("predictions/file", "media", 1),
            ("seen", "int64", 1), ("train/loss", "float64", rows)], found


def check_sqlite_shell(run, rows):
    shell = shutil.which("sqlite3")
    if shell is None:
        print("  (there is no sqlite3 shell here: that check is left out)")
        return
    said = subprocess.run(
        [shell, "-readonly", f"{run}/data/metadata.db", "select rows from series where name = 'train/loss'"],
        check=True, capture_output=True, text=True).stdout
    assert said.strip() == str(rows), said


def tracker(jar, *arguments):
    return subprocess.run(["java", "-jar", jar, *map(str, arguments)], check=True, capture_output=True, text=True).stdout


def shown_rows(jar, run):
    metrics = json.loads(tracker(jar, "show", run, "--json"))["metrics"]
    return next(metric["rows"] for metric in metrics if metric["name"] == "train/loss")


def check_exports(jar, run, folder):
    files = {ending: folder / f"export.{ending}" for ending in ("csv", "jsonl", "arrow", "parquet")}
    for file in files.values():
        tracker(jar, "export", run, "-o", file)
    query = "select value from {} where metric = 'train/loss' order by step"
    with duckdb.connect() as db:
        for source in (f"'{files['parquet']}'", f"read_csv('{files['csv']}')"):
            found = db.execute(query.format(source)).fetchall()
            assert bits(row[0] for row in found) == bits(LOSS), source
        found = db.execute(
            f"select value_int64 from '{files['parquet']}' where metric = 'seen'").fetchall()
        assert found == [(BIG,)], found
        found = db.execute(f"select typeof(timestamp), run from '{files['parquet']}' limit 1").fetchone()
        assert found == ("TIMESTAMP WITH TIME ZONE", run.name), found
    tables = {
        "polars parquet": polars.read_parquet(files["parquet"]),
        "polars arrow": polars.read_ipc(files["arrow"]),
        "polars csv": polars.read_csv(files["csv"]),
        "pandas parquet": polars.from_pandas(pandas.read_parquet(files["parquet"]), nan_to_null=False),
        "pandas arrow": polars.from_pandas(pandas.read_feather(files["arrow"]), nan_to_null=False),
    }
    for name, table in tables.items():
        part = table.filter(polars.col("metric") == "train/loss")
        assert part["step"].to_list() == list(range(ROWS)), name
        if name != "pandas parquet" and name != "pandas arrow":
            assert bits(part["value"]) == bits(LOSS), name
        notes = table.filter(polars.col("metric") == "note")["value_string"].to_list()
        assert notes == [NOTE], (name, notes)
    for name, frame in (("parquet", pandas.read_parquet(files["parquet"])), ("csv", pandas.read_csv(files["csv"]))):
        assert bits(frame[frame["metric"] == "train/loss"]["value"]) == bits(LOSS), name
    with open(files["jsonl"], encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    found = [float(row["value"]) for row in rows if row["metric"] == "train/loss"]
    assert bits(found) == bits(LOSS)
    assert next(row["value_int64"] for row in rows if row["metric"] == "seen") == BIG


def check(name, function, *arguments):
    start = time.monotonic()
    function(*arguments)
    print(f"  {name}: ok ({time.monotonic() - start:.1f} s)", flush=True)


def check_all(run, status, rows):
    check("pylance, Arrow, pandas, Polars", check_series, run)
    check("pylance on a table", check_table, run)
    check("sqlite3 in Python", check_metadata, run, status)
    check("DuckDB on metadata.db", check_duckdb_metadata, run, rows)
    check("sqlite3 shell", check_sqlite_shell, run, rows)


def main(libraries, jar):
    print(f"pylance {lance.__version__}, duckdb {duckdb.__version__}, polars {polars.__version__}, "
          f"pandas {pandas.__version__}, pyarrow {pyarrow.__version__}, sqlite {sqlite3.sqlite_version}")
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        live = Program(libraries, root, "live")
        killed = Program(libraries, root, "killed")
        finished = Program(libraries, root, "finished")
        try:
            killed.kill()
            finished.finish()

            print("a run that has finished")
            check_all(finished.folder, "SUCCEEDED", ROWS)
            check("exports", check_exports, jar, finished.folder, root)

            print("a live run")
            deadline = time.monotonic() + DEADLINE_SECONDS
            while sealed_rows(live.folder) < ROWS:
                assert time.monotonic() < deadline, "a live run was not sealed"
                time.sleep(0.1)
            check_all(live.folder, "RUNNING", ROWS)
            live.say("more")
            live.hear("more")
            seen, all_rows = sealed_rows(live.folder), shown_rows(jar, live.folder)
            assert seen <= all_rows == ROWS + MORE, (seen, all_rows)
            print(f"  just after {MORE} more rows: other tools see {seen} rows, tracker {all_rows}")
            live.finish()
            assert sealed_rows(live.folder) == ROWS + MORE
            print(f"  and when it has finished: {ROWS + MORE}")

            print("a run that was killed")
            seen, all_rows = sealed_rows(killed.folder), shown_rows(jar, killed.folder)
            assert seen <= all_rows == ROWS, (seen, all_rows)
            print(f"  before it is sealed: other tools see {seen} rows, tracker {all_rows}")
            tracker(jar, "seal", killed.folder)
            check_all(killed.folder, "RUNNING", ROWS)
        finally:
            for program in (live, killed, finished):
                program.kill()
    print("every tool sees what was logged")


if __name__ == "__main__":
    main(*sys.argv[1:])
