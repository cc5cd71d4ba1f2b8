package dev.tracker.series;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tracker.series.Manifest.Part;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class CompactionTest {
  @Property
  void writes_as_few_rows_as_any_way_that_keeps_the_order(
      @ForAll @Size(min = 1, max = 9) List<@IntRange(min = 1, max = 1_000) Integer> rows,
      @ForAll @IntRange(min = 1, max = 10) int most) {
    List<Part> fragments = parts(rows);
    List<List<Part>> plan = Compaction.plan(fragments, most);
    assertEquals(fragments, plan.stream().flatMap(List::stream).toList());
    assertTrue(plan.size() <= most, plan::toString);
    assertEquals(fewest(rows, most), written(plan));
  }

  @Test
  void nothing_is_written_where_few_enough_are_there() {
    List<Part> fragments = parts(List.of(5, 1, 7));
    for (int most = 3; most < 6; most++) {
      assertEquals(fragments.stream().map(List::of).toList(), Compaction.plan(fragments, most));
    }
  }

  @Test
  void what_would_become_too_large_stays_apart() {
    List<Part> fragments = parts(List.of(600_000_000, 600_000_000, 400_000_000, 1, 700_000_000));
    List<List<Part>> plan = Compaction.plan(fragments, 1);
    assertEquals(List.of(1, 3, 1), plan.stream().map(List::size).toList());
  }

  /** A series that grows, as the sealer compacts it: how often is each row written in all? */
  @Test
  void a_series_that_grows_by_a_thousand_fragments_is_rewritten_less_than_twice() {
    List<Part> fragments = new ArrayList<>();
    long rewritten = 0;
    for (int i = 0; i < 1_000; i++) {
      fragments.add(part(1_000));
      if (fragments.size() == 64) {
        List<List<Part>> plan = Compaction.plan(fragments, 16);
        rewritten += written(plan);
        fragments = new ArrayList<>(plan.stream().map(CompactionTest::together).toList());
      }
    }
    rewritten += written(Compaction.plan(fragments, 6));
    assertTrue(rewritten < 2_000_000, "rows: " + rewritten);
  }

  private static Part together(List<Part> parts) {
    return part(parts.stream().mapToInt(Part::rows).sum());
  }

  private static long written(List<List<Part>> plan) {
    return plan.stream()
        .filter(run -> run.size() > 1)
        .flatMap(List::stream)
        .mapToLong(Part::rows)
        .sum();
  }

  /** By trying every way to divide them. */
  private static long fewest(List<Integer> rows, int most) {
    long fewest = Long.MAX_VALUE;
    List<Part> fragments = parts(rows);
    for (int cuts = 0; cuts < 1 << (rows.size() - 1); cuts++) {
      if (Integer.bitCount(cuts) < most) {
        fewest = Math.min(fewest, written(divided(fragments, cuts)));
      }
    }
    return fewest;
  }

  private static List<List<Part>> divided(List<Part> fragments, int cuts) {
    List<List<Part>> runs = new ArrayList<>();
    int begin = 0;
    for (int i = 1; i <= fragments.size(); i++) {
      if (i == fragments.size() || (cuts >> (i - 1) & 1) == 1) {
        runs.add(fragments.subList(begin, i));
        begin = i;
      }
    }
    return runs;
  }

  private static List<Part> parts(List<Integer> rows) {
    return rows.stream().map(CompactionTest::part).toList();
  }

  private static Part part(int rows) {
    return new Part("x.lance", 100, rows);
  }
}
