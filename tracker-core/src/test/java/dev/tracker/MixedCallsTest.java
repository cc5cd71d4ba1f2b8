package dev.tracker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tracker.read.RunReader;
import dev.tracker.system.Folders;
import dev.tracker.system.Model;
import dev.tracker.system.Twin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/**
 * Any sequence of calls of any form against the model, while the run is live, after a resume, and
 * after finish.
 */
class MixedCallsTest {
  private static final List<String> NAMES =
      List.of("a", "b", "train/loss", "\uD83D\uDE80", "exact");

  /** One call, with its name in jqwik's reports. */
  record Call(String form, Consumer<Twin> call) {
    @Override
    public String toString() {
      return form;
    }
  }

  @Property(tries = 25, shrinking = ShrinkingMode.BOUNDED)
  void readerShowsWhatTheModelHolds(
      @ForAll("sequences") List<Call> calls, @ForAll("sequences") List<Call> more)
      throws IOException {
    Path root = Files.createTempDirectory("mixed-calls");
    Model model = new Model();
    try {
      try (Board board = Board.builder("mixed").root(root).id("run").open()) {
        run(board, model, calls);
      }
      try (Board board = Board.builder("mixed").root(root).id("run").resume(Resume.MUST).open()) {
        run(board, model, more);
        board.finish();
        check(board, model);
      }
    } finally {
      Folders.delete(root);
    }
  }

  private static void run(Board board, Model model, List<Call> calls) {
    Twin twin = new Twin(board, model);
    long before = model.calls();
    twin.declare("exact", SeriesKind.INT64);
    calls.forEach(call -> call.call.accept(twin));
    board.flush();
    assertEquals(model.calls() - before, board.health().journaled());
    check(board, model);
  }

  private static void check(Board board, Model model) {
    try (RunReader reader = RunReader.open(board.directory())) {
      model.check(reader);
    }
  }

  @Provide
  Arbitrary<List<Call>> sequences() {
    return call().list().ofMaxSize(60);
  }

  private static Arbitrary<Call> call() {
    Arbitrary<String> name = Arbitraries.of(NAMES);
    Arbitrary<Double> real =
        Arbitraries.oneOf(Arbitraries.doubles(), Arbitraries.of(0.0, -0.0, 1.0, Double.NaN));
    Arbitrary<Long> step = Arbitraries.longs().between(-50, 200);
    Arbitrary<Map<String, Object>> values = Arbitraries.maps(name, value()).ofMaxSize(5);
    return Arbitraries.oneOf(
        Combinators.combine(name, real)
            .as((n, v) -> new Call("log " + n + " " + v, twin -> twin.log(n, v))),
        Combinators.combine(name, Arbitraries.longs())
            .as((n, v) -> new Call("log long " + n + " " + v, twin -> twin.log(n, (long) v))),
        Combinators.combine(name, value())
            .as((n, v) -> new Call("log object " + n + " " + v, twin -> twin.log(n, v))),
        Combinators.combine(real, real)
            .as((x, y) ->
                new Call("log pairs " + x + " " + y, twin -> twin.log("a", x, "train/loss", y))),
        Combinators.combine(real, real, real)
            .as((x, y, z) ->
                new Call("log three " + x, twin -> twin.log("b", x, "a", y, "train/loss", z))),
        values.map(v -> new Call("log map " + v, twin -> twin.log(v))),
        Combinators.combine(step, values)
            .as((s, v) -> new Call("log at " + s + " " + v, twin -> twin.log(s, v))),
        Combinators.combine(name, real)
            .as((n, v) -> new Call("metric " + n + " " + v, twin -> twin.logByHandle(n, v))),
        Combinators.combine(name, step, real)
            .as((n, s, v) ->
                new Call("metric " + n + " at " + s + " " + v, twin -> twin.logByHandle(n, s, v))),
        Combinators.combine(Arbitraries.of(true, false), values)
            .as((auto, v) -> new Call("row " + auto + " " + v, twin -> twin.logRow(auto, v))),
        Arbitraries.just(new Call("step", Twin::step)),
        Arbitraries.longs()
            .between(0, 50)
            .map(v -> new Call("global step " + v, twin -> twin.globalStep(v))));
  }

  private static Arbitrary<Object> value() {
    return Arbitraries.oneOf(
        Arbitraries.doubles().asGeneric(),
        Arbitraries.integers().asGeneric(),
        Arbitraries.longs().asGeneric(),
        Arbitraries.of(true, false).asGeneric(),
        Arbitraries.strings().ofMaxLength(20).asGeneric(),
        Arbitraries.just((Object) null).asGeneric());
  }
}
