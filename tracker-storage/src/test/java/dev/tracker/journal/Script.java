package dev.tracker.journal;

import dev.tracker.format.ConsoleStream;
import dev.tracker.format.Counters;
import dev.tracker.format.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/**
 * Things to do to a journal writer, and what a reader should say of them: the model that property
 * tests hold the journal against.
 */
final class Script {
  private static final int LAST_SERIES = (1 << RecordDecoder.MAX_SERIES_BITS) - 1;

  /** One thing to do: to the writer, and to the model. */
  interface Act {
    void to(JournalWriter writer) throws IOException;

    default void to(Model model) {}
  }

  /** What a journal should hold. */
  static final class Model {
    final Log log = new Log();
    long records;
    long rows;
    long step;
    long globalStep;
    long micros;

    Counters counters() {
      return new Counters(records, step, globalStep, micros);
    }

    private void row(long taken, long at, List<Value> values) {
      records++;
      rows++;
      micros = Math.max(micros, at);
      log.row(taken, globalStep, at, values.size());
      for (Value value : values) {
        if (value.text() == null) {
          log.value(value.series(), value.isBool() ? value.bits() & 1 : value.bits());
        } else {
          byte[] utf8 = wellFormed(value.text()).getBytes(java.nio.charset.StandardCharsets.UTF_8);
          log.text(value.series(), utf8, 0, utf8.length);
        }
      }
    }
  }

  /** A value of a row: a text where it has one, else a number or a boolean. */
  record Value(int series, long bits, boolean isBool, String text) {
    void to(JournalWriter writer) {
      if (text != null) {
        writer.text(series, text);
      } else if (isBool) {
        writer.bool(series, (bits & 1) == 1);
      } else {
        writer.value(series, bits);
      }
    }
  }

  static final Act WRITE = JournalWriter::write;
  static final Act FORCE =
      writer -> {
        writer.write();
        writer.force();
      };

  private Script() {}

  /** Replaces surrogates without a partner, in another way than the journal does it. */
  static String wellFormed(String text) {
    StringBuilder good = new StringBuilder();
    text.codePoints().forEach(c -> good.appendCodePoint(c >= 0xD800 && c <= 0xDFFF ? 0xFFFD : c));
    return good.toString();
  }

  /** Returns sequences of acts with writes among them. */
  static Arbitrary<List<Act>> acts() {
    return Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(12, rows()),
            net.jqwik.api.Tuple.of(2, others()),
            net.jqwik.api.Tuple.of(1, blobs()),
            net.jqwik.api.Tuple.of(4, Arbitraries.just(WRITE)),
            net.jqwik.api.Tuple.of(1, Arbitraries.just(FORCE)))
        .list()
        .ofMaxSize(60);
  }

  /** Returns the same with rewinds among them; only for a disk that does not fail. */
  static Arbitrary<List<Act>> actsAndRewinds() {
    Arbitrary<Act> rewinds =
        Combinators.combine(
                Arbitraries.oneOf(Arbitraries.longs().between(-1, 20), Arbitraries.longs()),
                Arbitraries.longs())
            .as(Script::rewind);
    return Combinators.combine(acts(), rewinds, acts()).as(Script::joined);
  }

  private static List<Act> joined(List<Act> before, Act between, List<Act> after) {
    List<Act> all = new ArrayList<>(before);
    all.add(between);
    all.addAll(after);
    return all;
  }

  static Act row(long micros, Value... values) {
    return new Act() {
      @Override
      public void to(JournalWriter writer) {
        writer.beginRow(micros, values.length);
        Arrays.stream(values).forEach(value -> value.to(writer));
      }

      @Override
      public void to(Model model) {
        model.row(model.step++, micros, List.of(values));
      }
    };
  }

  /** Rows of one number, more than are delivered at a time. */
  private static Act singles(int count, long micros, int series, long bits) {
    return new Act() {
      @Override
      public void to(JournalWriter writer) {
        for (int i = 0; i < count; i++) {
          writer.single(micros + i, series, bits + i);
        }
      }

      @Override
      public void to(Model model) {
        for (int i = 0; i < count; i++) {
          Value value = new Value(series, bits + i, false, null);
          model.row(model.step++, micros + i, List.of(value));
        }
      }
    };
  }

  private static Act rowKeeping(long micros, Value... values) {
    return new Act() {
      @Override
      public void to(JournalWriter writer) {
        writer.beginRowKeeping(micros, values.length);
        Arrays.stream(values).forEach(value -> value.to(writer));
      }

      @Override
      public void to(Model model) {
        model.row(model.step, micros, List.of(values));
      }
    };
  }

  private static Act rowAt(long step, long micros, Value... values) {
    return new Act() {
      @Override
      public void to(JournalWriter writer) {
        writer.beginRowAt(step, micros, values.length);
        Arrays.stream(values).forEach(value -> value.to(writer));
      }

      @Override
      public void to(Model model) {
        model.step = Math.max(model.step, step + 1);
        model.row(step, micros, List.of(values));
      }
    };
  }

  /** A record that is added by one call; {@code line} writes it to a log. */
  private static Act record(Act call, java.util.function.Consumer<Model> line) {
    return new Act() {
      @Override
      public void to(JournalWriter writer) throws IOException {
        call.to(writer);
      }

      @Override
      public void to(Model model) {
        model.records++;
        line.accept(model);
      }
    };
  }

  static Act console(ConsoleStream stream, long micros, String line) {
    return record(
        writer -> writer.console(stream, micros, line),
        model -> {
          model.micros = Math.max(model.micros, micros);
          byte[] utf8 = wellFormed(line).getBytes(java.nio.charset.StandardCharsets.UTF_8);
          model.log.console(stream, micros, utf8, 0, utf8.length);
        });
  }

  private static Act entry(int series, long step, long globalStep, long micros, byte[] value) {
    return record(
        writer -> writer.entry(series, step, globalStep, micros, value),
        model -> {
          model.micros = Math.max(model.micros, micros);
          model.log.entry(series, step, globalStep, micros, value, 0, value.length);
        });
  }

  static Act run(byte[] json) {
    return record(writer -> writer.run(json), model -> model.log.run(json));
  }

  /** Goes back, in a frame of its own. */
  static Act rewind(long step, long globalStep) {
    return record(
        writer -> {
          writer.write();
          writer.rewind(step, globalStep);
          writer.write();
        },
        model -> {
          model.step = model.step > step ? step + 1 : model.step;
          model.globalStep = globalStep;
          model.log.rewind(step, globalStep);
        });
  }

  private static Arbitrary<Act> rows() {
    Arbitrary<Integer> series =
        Arbitraries.oneOf(
            Arbitraries.integers().between(0, 20), Arbitraries.integers().between(0, LAST_SERIES));
    Arbitrary<String> texts = Arbitraries.strings().all().ofMaxLength(40);
    Arbitrary<Value> value =
        Arbitraries.oneOf(
            Combinators.combine(series, Arbitraries.longs())
                .as((s, b) -> new Value(s, b, false, null)),
            Combinators.combine(series, Arbitraries.longs())
                .as((s, b) -> new Value(s, b, true, null)),
            Combinators.combine(series, texts).as((s, t) -> new Value(s, 0, false, t)));
    Arbitrary<Value[]> values =
        Arbitraries.oneOf(
            value.array(Value[].class).ofSize(1), value.array(Value[].class).ofMaxSize(30));
    Arbitrary<Long> times =
        Arbitraries.oneOf(Arbitraries.longs().between(0, 1_000), Arbitraries.longs());
    Arbitrary<Long> steps =
        Arbitraries.oneOf(Arbitraries.longs().between(0, 50), Arbitraries.longs());
    Arbitrary<Integer> counts = Arbitraries.integers().between(1, 600);
    return Arbitraries.oneOf(
        Combinators.combine(times, values).as(Script::row),
        Combinators.combine(counts, times, series, Arbitraries.longs()).as(Script::singles),
        Combinators.combine(times, values).as(Script::rowKeeping),
        Combinators.combine(steps, times, values).as(Script::rowAt));
  }

  private static Arbitrary<Act> others() {
    return Arbitraries.oneOf(
        Combinators.combine(
                Arbitraries.integers().between(0, LAST_SERIES),
                Arbitraries.of(Kind.class),
                Arbitraries.strings().all().ofMaxLength(60))
            .as((id, kind, name) ->
                record(
                    writer -> writer.series(id, kind, name),
                    model -> model.log.series(id, kind, wellFormed(name)))),
        Arbitraries.longs()
            .map(value ->
                record(
                    writer -> writer.globalStep(value),
                    model -> {
                      model.globalStep = value;
                      model.log.globalStep(value);
                    })),
        Arbitraries.longs()
            .map(n ->
                record(
                    writer -> writer.addGlobalStep(n),
                    model -> model.log.globalStep(model.globalStep += n))),
        Combinators.combine(
                Arbitraries.longs().greaterOrEqual(0), Arbitraries.longs(), Arbitraries.longs())
            .as((n, from, to) ->
                record(writer -> writer.gap(n, from, to), model -> model.log.gap(n, from, to))),
        Combinators.combine(
                Arbitraries.of(ConsoleStream.class),
                Arbitraries.longs(),
                Arbitraries.strings().all().excludeChars('\n', '\r').ofMaxLength(40))
            .as(Script::console),
        Combinators.combine(
                Arbitraries.integers().between(0, LAST_SERIES),
                Arbitraries.longs(),
                Arbitraries.longs(),
                Arbitraries.longs(),
                Arbitraries.bytes().array(byte[].class).ofMaxSize(50))
            .as(Script::entry),
        Arbitraries.bytes().array(byte[].class).ofMaxSize(50).map(Script::run));
  }

  /** Large records, so that segments of a megabyte end. */
  private static Arbitrary<Act> blobs() {
    return Arbitraries.integers()
        .between(100_000, 1_500_000)
        .map(size -> {
          byte[] blob = new byte[size];
          Arrays.fill(blob, size.byteValue());
          return run(blob);
        });
  }
}
