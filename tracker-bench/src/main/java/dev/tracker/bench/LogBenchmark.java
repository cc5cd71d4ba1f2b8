package dev.tracker.bench;

import com.sun.management.ThreadMXBean;
import dev.tracker.Board;
import dev.tracker.Metric;
import dev.tracker.Row;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.util.Statistics;

/**
 * What does a log call cost when calls follow one another without a pause?
 *
 * <p>Workload: each form of the call, from one, two and eight threads on one board, beside an empty
 * call and the bare publication of one value to a Disruptor of the same size. A flood fills the
 * queue, so throughput and the upper percentiles are those of the road to the journal, not only of
 * the call; {@link PacedLog} has the latter. Sealing is off ({@code -Dtracker.native=off}), so that
 * what JMH counts as allocated by all threads is that of logging.
 *
 * <p>{@code java -jar tracker-bench/target/benchmarks.jar LogBenchmark [short]} runs all of it and
 * prints a table; {@code java -jar tracker-bench/target/benchmarks.jar jmh -prof gc -t 2
 * LogBenchmark.pair} is JMH's own command line. The machine is printed with the table.
 */
@BenchmarkMode({Mode.Throughput, Mode.SampleTime})
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "-Dtracker.native=off",
      "-Dorg.slf4j.simpleLogger.defaultLogLevel=error" // that the queue is full is no news here
    })
public class LogBenchmark {
  private static final ThreadMXBean CLOCK = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

  private static final int[] THREADS = {1, 2, 8};
  private static final int SERIES = 16;
  private static final int WIDTH = 100;

  /** The forms that must not allocate. */
  private static final List<String> FREE = List.of("scalar", "pair", "five", "metric", "row100");

  /** A board, and the folder that it writes to. */
  @State(Scope.Benchmark)
  public static class OpenBoard {
    private final String[] names = Noise.names(WIDTH);
    private final Map<String, Double> map = new LinkedHashMap<>();
    private Scratch scratch;
    private Board board;
    private Metric metric;

    /** Opens the board. */
    @Setup
    public void open() throws IOException {
      scratch = new Scratch();
      board = scratch.board("log-benchmark").open();
      metric = board.metric(names[0]);
      for (int i = 0; i < WIDTH; i++) {
        map.put(names[i], Noise.at(i));
      }
    }

    /** Closes it and deletes what it wrote. */
    @TearDown
    public void close() throws IOException {
      board.close();
      scratch.close();
    }
  }

  /** What a calling thread has to itself, and how many bytes it allocates. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Caller {
    /** Reported by JMH in the unit of the calls, and so comparable with them. */
    public long callerBytes;

    private Row row;
    private int calls;
    private long allocatedBefore;

    /** Makes the row. */
    @Setup
    public void prepare(OpenBoard open) {
      row = open.board.row();
    }

    /** Begins to count. */
    @Setup(Level.Iteration)
    public void begin() {
      allocatedBefore = CLOCK.getCurrentThreadAllocatedBytes();
    }

    /** Ends it. */
    @TearDown(Level.Iteration)
    public void end() {
      callerBytes = CLOCK.getCurrentThreadAllocatedBytes() - allocatedBefore;
    }
  }

  /** The bare Disruptor. */
  @State(Scope.Benchmark)
  public static class Floor {
    private BareRing ring;

    /** Starts it. */
    @Setup
    public void start() {
      ring = new BareRing();
    }

    /** Stops it. */
    @TearDown(Level.Trial)
    public void stop() {
      ring.close();
    }
  }

  /** Nothing: what JMH itself costs. */
  @Benchmark
  public void baseline() {}

  /** One value through a bare Disruptor. */
  @Benchmark
  public void bareRing(Floor floor) {
    floor.ring.publish(1);
  }

  /** One value by name, into 16 series in turn. */
  @Benchmark
  public void scalar(OpenBoard open, Caller caller) {
    int call = caller.calls++;
    open.board.log(open.names[call & SERIES - 1], call);
  }

  /** Two values in one call. */
  @Benchmark
  public void pair(OpenBoard open, Caller caller) {
    String[] names = open.names;
    double value = caller.calls++;
    open.board.log(names[0], value, names[1], value);
  }

  /** Five values in one call. */
  @Benchmark
  public void five(OpenBoard open, Caller caller) {
    String[] names = open.names;
    double value = caller.calls++;
    open.board.log(
        names[0], value, names[1], value, names[2], value, names[3], value, names[4], value);
  }

  /** One value by a handle. */
  @Benchmark
  public void metric(OpenBoard open, Caller caller) {
    open.metric.log((double) caller.calls++);
  }

  /** 100 values of a row that is used again. */
  @Benchmark
  public void row100(OpenBoard open, Caller caller) {
    String[] names = open.names;
    double value = caller.calls++;
    for (int i = 0; i < WIDTH; i++) {
      caller.row.put(names[i], value);
    }
    caller.row.log();
  }

  /** 100 values of a map that was made before. */
  @Benchmark
  public void map100(OpenBoard open, Caller caller) {
    open.board.log(open.map);
  }

  /** Runs everything with each number of threads, and prints a table. */
  public static void main(String[] arguments) throws RunnerException {
    boolean brief = List.of(arguments).contains("short");
    Table table = new Table();
    for (int threads : THREADS) {
      ChainedOptionsBuilder options =
          new OptionsBuilder()
              .include(LogBenchmark.class.getName() + "\\.")
              .threads(threads)
              .shouldFailOnError(true)
              .addProfiler(GCProfiler.class)
              .jvmArgsPrepend("-Dbench.dir=" + Scratch.parent());
      if (brief) {
        options
            .forks(1)
            .warmupIterations(1)
            .warmupTime(TimeValue.milliseconds(500))
            .measurementIterations(1)
            .measurementTime(TimeValue.milliseconds(500));
        if (threads > 1) {
          options.mode(Mode.Throughput);
        }
      }
      report(table, threads, new Runner(options.build()).run());
    }
    table.print();
  }

  private static void report(Table table, int threads, Collection<RunResult> results) {
    List<RunResult> sorted = new ArrayList<>(results);
    sorted.sort(Comparator.comparing(result -> result.getParams().getBenchmark()));
    for (RunResult result : sorted) {
      String form = result.getParams().getBenchmark().replaceAll(".*\\.", "");
      String prefix = form + ", " + threads + (threads == 1 ? " thread, " : " threads, ");
      if (result.getParams().getMode() == Mode.Throughput) {
        double calls = result.getPrimaryResult().getScore();
        table.show(prefix + "calls", calls * 1e9, Unit.PER_SECOND);
        double bytes = secondary(result, "callerBytes") / calls;
        if (FREE.contains(form)) {
          // what JMH itself allocates between two calls is spread over all of them
          table.atMost(
              prefix + "allocated by the caller, per call", Math.rint(bytes), 0, Unit.BYTES);
        } else if (form.equals("map100")) {
          table.show(prefix + "allocated by the caller, per call", Math.rint(bytes), Unit.BYTES);
        }
        double all = secondary(result, "gc.alloc.rate.norm");
        table.show(prefix + "allocated by all threads, per call", all, Unit.BYTES);
      } else {
        Statistics times = result.getPrimaryResult().getStatistics();
        for (double percent : new double[] {50, 99, 99.9}) {
          String name = "p" + Double.toString(percent).replace(".0", "");
          table.show(prefix + name, times.getPercentile(percent), Unit.NANOS);
        }
      }
    }
  }

  private static double secondary(RunResult result, String suffix) {
    for (String name : result.getSecondaryResults().keySet()) {
      if (name.endsWith(suffix)) {
        return result.getSecondaryResults().get(name).getScore();
      }
    }
    return Double.NaN;
  }
}
