package dev.tracker.read;

import dev.tracker.format.Kind;
import dev.tracker.journal.RecordVisitor;
import dev.tracker.series.Rows;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gathers what the journal brings of some metrics while a moment moves on.
 *
 * <p>For one thread at a time.
 */
final class FreshRows implements RecordVisitor {
  private final Set<String> wanted;
  private final Map<Integer, Rows> rows = new HashMap<>();
  private final Map<String, Integer> ids = new HashMap<>();
  private long step;
  private long globalStep;
  private long micros;
  private boolean rewound;
  private long rewindStep = Long.MAX_VALUE;

  /** Prepares for metrics, of which a moment may know some. */
  FreshRows(Set<String> wanted, RunMoment moment) {
    this.wanted = wanted;
    for (String metric : wanted) {
      RunMoment.View view = moment.view(metric);
      if (view != null) {
        series(view.id(), view.kind(), metric);
      }
    }
  }

  /** Returns the rows of a metric; null where it is not known. */
  @Nullable Rows of(String metric) {
    Integer id = ids.get(metric);
    return id == null ? null : rows.get(id);
  }

  /** Returns to which step the run went back; what was gathered before counts up to there. */
  OptionalLong rewindStep() {
    return rewound ? OptionalLong.of(rewindStep) : OptionalLong.empty();
  }

  @Override
  public void series(int id, Kind kind, String name) {
    if (wanted.contains(name) && ids.putIfAbsent(name, id) == null) {
      rows.put(id, new Rows(kind, 0));
    }
  }

  @Override
  public void row(long rowStep, long rowGlobalStep, long rowMicros, int values) {
    step = rowStep;
    globalStep = rowGlobalStep;
    micros = rowMicros;
  }

  @Override
  public void value(int series, long bits) {
    Rows into = rows.get(series);
    if (into != null) {
      into.add(step, globalStep, micros, bits);
    }
  }

  @Override
  public void rewind(long to, long rewindGlobalStep) {
    rewound = true;
    rewindStep = Math.min(rewindStep, to);
    rows.replaceAll((id, all) -> upTo(to, all));
  }

  private static Rows upTo(long to, Rows all) {
    Rows left = new Rows(all.kind(), all.size());
    for (int i = 0; i < all.size(); i++) {
      if (all.steps()[i] <= to) {
        left.add(all, i);
      }
    }
    return left;
  }
}
