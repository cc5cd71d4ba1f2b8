"""Does one piece of work with one peer of Tracker, and prints what it came to.

    python peer.py PEER FOLDER WORK COUNT

Each peer is used as its documentation recommends, in its asynchronous or buffering mode where it has one. Lines are
"figure UNIT VALUE name", the units those of Unit.java. PeerWork.java does the same work in Java.
"""

import json
import os
import statistics
import struct
import sys
import time
from pathlib import Path

PACE_HERTZ = 1_000
PACED_CALLS = 5_000
WIDE_HERTZ = 20
WIDE_CALLS = 100
WIDTH = 100
SERIES = 16
FLUSHES = 20
LONGEST_SECONDS = 20  # then a peer stops logging, and the figures are of what it had logged

NAMES = [f"bench/metric-{i}" for i in range(WIDTH)]


class Wandb:
    def open(self, folder):
        os.environ["WANDB_SILENT"] = "true"
        import wandb

        self.run = wandb.init(project="bench", mode="offline", dir=folder)

    def log(self, name, value, step):
        self.run.log({name: value})

    def log_many(self, values, step):
        self.run.log(values)

    def finish(self):
        self.run.finish()

    def read(self, folder, names):
        """The file is a LevelDB log of protobuf records, and wandb brings no reader for it."""
        from wandb.proto.wandb_internal_pb2 import Record

        rows = 0
        for file in Path(folder).glob("wandb/offline-run-*/*.wandb"):
            for data in self.records(file.read_bytes()):
                record = Record()
                record.ParseFromString(data)
                if record.HasField("history"):
                    for item in record.history.item:
                        if (item.key or item.nested_key[0]) in names:
                            rows += json.loads(item.value_json) >= 0
        return rows

    @staticmethod
    def records(data):
        at, parts = 7, []
        while at + 7 <= len(data):
            if 32768 - at % 32768 < 7:
                at += 32768 - at % 32768
                continue
            length, kind = struct.unpack_from("<HB", data, at + 4)
            parts.append(data[at + 7 : at + 7 + length])
            at += 7 + length
            if at > len(data) or kind not in (1, 2, 3, 4):
                return
            if kind in (1, 4):
                yield b"".join(parts)
                parts = []


class Mlflow:
    """In batches and from one thread, which is its fastest: its ten threads wait for each other at either store."""

    def __init__(self, store):
        self.store = store

    def client(self, folder):
        os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
        os.environ["MLFLOW_ASYNC_LOGGING_BUFFERING_SECONDS"] = "1"
        os.environ["MLFLOW_ASYNC_LOGGING_THREADPOOL_SIZE"] = "1"
        import mlflow

        prefix = "sqlite:///" if self.store == "sqlite" else "file://"
        mlflow.set_tracking_uri(prefix + str(Path(folder) / ("mlflow.db" if self.store == "sqlite" else "mlruns")))
        return mlflow

    def open(self, folder):
        self.mlflow = self.client(folder)
        run = self.mlflow.start_run()
        Path(folder, "id").write_text(run.info.run_id)

    def log(self, name, value, step):
        self.mlflow.log_metric(name, value, step=step, synchronous=False)

    def log_many(self, values, step):
        self.mlflow.log_metrics(values, step=step, synchronous=False)

    def flush(self):
        self.mlflow.flush_async_logging()

    def finish(self):
        self.flush()
        self.mlflow.end_run()

    def read(self, folder, names):
        client = self.client(folder).MlflowClient()
        run = Path(folder, "id").read_text()
        return sum(len(client.get_metric_history(run, name)) for name in names)


class TensorboardX:
    def open(self, folder):
        from tensorboardX import SummaryWriter

        self.writer = SummaryWriter(folder)

    def log(self, name, value, step):
        self.writer.add_scalar(name, value, step)

    def log_many(self, values, step):
        for name, value in values.items():
            self.writer.add_scalar(name, value, step)

    def flush(self):
        self.writer.flush()

    def finish(self):
        self.writer.close()

    def read(self, folder, names):
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

        events = EventAccumulator(folder, size_guidance={"scalars": 0}).Reload()
        known = set(events.Tags()["scalars"])
        return sum(len(events.Scalars(name)) for name in names if name in known)


class Tensorboard(TensorboardX):
    """TensorBoard's own writer, as torch.utils.tensorboard uses it."""

    def open(self, folder):
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

        self.event, self.summary = Event, Summary
        self.writer = EventFileWriter(folder, max_queue_size=10, flush_secs=120)

    def log(self, name, value, step):
        summary = self.summary(value=[self.summary.Value(tag=name, simple_value=value)])
        self.writer.add_event(self.event(wall_time=time.time(), step=step, summary=summary))

    def log_many(self, values, step):
        summary = self.summary(value=[self.summary.Value(tag=name, simple_value=value) for name, value in values.items()])
        self.writer.add_event(self.event(wall_time=time.time(), step=step, summary=summary))


class Trackio:
    def open(self, folder):
        os.environ["TRACKIO_DIR"] = folder
        import trackio

        self.run = trackio.init(project="bench", name="run", embed=False)

    def log(self, name, value, step):
        self.run.log({name: value}, step=step)

    def log_many(self, values, step):
        self.run.log(values, step=step)

    def finish(self):
        self.run.finish()
        self.run._local_sender_thread.join()  # finish() gives up after 30 s, and what is left would be lost

    def read(self, folder, names):
        os.environ["TRACKIO_DIR"] = folder
        from trackio.sqlite_storage import SQLiteStorage

        if len(names) == 1:
            return len(SQLiteStorage.get_metric_values("bench", "run", names[0]))
        # One pass instead of one for each name; it is cached, so no time is taken of it.
        return sum(name in row for row in SQLiteStorage.get_logs("bench", "run") for name in names)


class Aim:
    def open(self, folder):
        from aim import Run

        self.run = Run(repo=folder)
        Path(folder, "id").write_text(self.run.hash)

    def log(self, name, value, step):
        self.run.track(value, name=name, step=step)

    def log_many(self, values, step):
        self.run.track(values, step=step)

    def finish(self):
        self.run.close()

    def index(self, folder):
        """A run's metrics are found by an index alone, which `aim up` keeps and a run that is closed does not."""
        from aim import Repo
        from aim.sdk.index_manager import RepoIndexManager

        RepoIndexManager.get_index_manager(Repo.from_path(folder)).index(Path(folder, "id").read_text())

    def read(self, folder, names):
        from aim import Repo, Run

        repo, run = Repo.from_path(folder), Path(folder, "id").read_text()
        metrics = Run(run, repo=repo, read_only=True).metrics()
        return sum(len(metric.data.view("val").numpy()[0]) for metric in metrics if metric.name in names)


class KohakuBoard:
    PIPE = 100  # messages, surely all of them in the pipe to its writer

    def open(self, folder):
        from kohakuboard.client import Board

        self.board = Board(name="bench", base_dir=folder)

    def log(self, name, value, step):
        self.board.log(**{name: value})

    def log_many(self, values, step):
        self.board.log(**values)

    def flush(self):
        self.board.flush()

    def finish(self):
        # While finish() drains, its writer takes a pause of 0.1 s for the end, and the process then never ends.
        while self.board.queue.qsize() > self.PIPE:
            time.sleep(0.05)
        self.board.finish()

    def read(self, folder, names):
        from kohakuboard.utils.board_reader_hybrid import HybridBoardReader

        rows = 0
        for board in Path(folder).glob("*/*"):
            reader = HybridBoardReader(board)
            known = set(reader.get_available_metrics())
            rows += sum(len(reader.get_scalar_data(name)["values"]) for name in names if name in known)
        return rows


PEERS = {
    "wandb": Wandb,
    "mlflow-file": lambda: Mlflow("file"),
    "mlflow-sqlite": lambda: Mlflow("sqlite"),
    "tensorboardX": TensorboardX,
    "tensorboard": Tensorboard,
    "trackio": Trackio,
    "aim": Aim,
    "kohakuboard": KohakuBoard,
}


def figure(name, unit, value):
    print(f"\nfigure {unit} {value} {name}", flush=True)


def percentiles(name, nanos, percents):
    nanos = sorted(nanos)
    for percent in percents:
        rank = max(0, -(-len(nanos) * percent // 100) - 1)
        figure(f"{name}, p{percent:g}", "NANOS", nanos[int(rank)])


def pace(count, hertz, call):
    """What each call took, made when it was due or as soon as the one before had returned.

    It sleeps in between, as a program does that computes outside of Python: one that spins holds the interpreter's lock.
    """
    clock = time.perf_counter_ns
    nanos, due = [], clock()
    for i in range(count):
        time.sleep(max(0, due - clock()) / 1e9)
        start = clock()
        call(i)
        nanos.append(clock() - start)
        due += 1_000_000_000 // hertz
    return nanos


def log(peer, count, series, nanos=None):
    """Logs values into some series in turn, and returns how many it had time for."""
    end = time.monotonic() + LONGEST_SECONDS
    clock = time.perf_counter_ns
    for i in range(count):
        start = clock()
        peer.log(NAMES[i % series], i * 0.001, i)
        if nanos is not None:
            nanos.append(clock() - start)
        if i % 256 == 0 and time.monotonic() > end:
            return i + 1
    return count


def reader(folder):
    """A peer that reads what another process, or the same one, has written."""
    peer = PEERS[sys.argv[1]]()
    if hasattr(peer, "index"):
        peer.index(folder)
    return peer


def size(folder):
    """Holes in files do not count."""
    files = [file.stat() for file in Path(folder).rglob("*") if file.is_file()]
    return sum(min(file.st_size, file.st_blocks * 512) for file in files)


def small(peer, folder, count):
    start = time.perf_counter_ns()
    peer.open(folder)
    opened = time.perf_counter_ns()
    log(peer, 10, 1)
    logged = time.perf_counter_ns()
    peer.finish()
    figure("first open of a process", "NANOS", opened - start)
    figure("finish of a small run", "NANOS", time.perf_counter_ns() - logged)


def calls(peer, folder, count):
    peer.open(folder)
    log(peer, 1_000, SERIES)
    nanos = pace(PACED_CALLS, PACE_HERTZ, lambda i: peer.log(NAMES[i % SERIES], i * 0.001, 1_000 + i))
    percentiles("one value at 1,000/s", nanos, (50, 99, 99.9))
    row = {name: i * 0.001 for i, name in enumerate(NAMES)}
    nanos = pace(WIDE_CALLS, WIDE_HERTZ, lambda i: peer.log_many(row, 10_000 + i))
    percentiles("100 values in a call", nanos, (50, 99))
    if hasattr(peer, "flush"):
        nanos = []
        for _ in range(FLUSHES):
            log(peer, WIDTH, SERIES)
            start = time.perf_counter_ns()
            peer.flush()
            nanos.append(time.perf_counter_ns() - start)
        figure("flush, p50", "NANOS", statistics.median(nanos))
    peer.finish()


def flood(peer, folder, count):
    peer.open(folder)
    nanos = []
    start = time.perf_counter_ns()
    logged = log(peer, count, SERIES, nanos)
    peer.finish()
    taken = time.perf_counter_ns() - start
    percentiles("one value, flood", nanos, (50, 99, 99.9))
    found = reader(folder).read(folder, NAMES[:SERIES])
    figure("values logged", "COUNT", logged)
    figure("values that can be read", "COUNT", found)
    figure("end to end", "PER_SECOND", found / (taken / 1e9))
    figure("bytes a scalar", "BYTES", size(folder) / max(1, found))


def series(peer, folder, count):
    peer.open(folder)
    logged = log(peer, count, 1)
    peer.log(NAMES[1], 0.0, logged)
    peer.finish()
    its = reader(folder)
    its.read(folder, NAMES[1:2])  # loads what reading needs
    start = time.perf_counter_ns()
    found = its.read(folder, NAMES[:1])
    taken = time.perf_counter_ns() - start
    figure("rows logged into one series", "COUNT", logged)
    figure("rows of it that can be read", "COUNT", found)
    figure("reading it", "NANOS", taken)
    figure("rows read a second", "PER_SECOND", found / (taken / 1e9))


def kill(peer, folder, count):
    peer.open(folder)
    figure("values logged before kill -9", "COUNT", log(peer, count, SERIES))
    print("ready", flush=True)
    time.sleep(3600)


def count(peer, folder, _):
    figure("values that can be read after kill -9", "COUNT", reader(folder).read(folder, NAMES[:SERIES]))


if __name__ == "__main__":
    _, name, folder, work, count_argument = sys.argv
    os.makedirs(folder, exist_ok=True)
    globals()[work](PEERS[name](), folder, int(count_argument))
