package dev.tracker.read;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tracker.format.Kind;
import dev.tracker.series.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class AlignedTest {
  private static Scalars scalars(Kind kind, List<Long> steps) {
    Rows rows = steps.size() % 2 == 0 ? Rows.withDoubles(kind, 0) : new Rows(kind, 0);
    for (int i = 0; i < steps.size(); i++) {
      rows.add(steps.get(i), 0, 0, kind == Kind.FLOAT64 ? Double.doubleToRawLongBits(i) : i);
    }
    return new Scalars(rows);
  }

  @Property
  void every_join_shows_what_a_map_by_step_holds(
      @ForAll("steps") List<List<Long>> steps, @ForAll Join join) {
    List<String> names = new ArrayList<>();
    List<Scalars> rows = new ArrayList<>();
    List<TreeMap<Long, Double>> maps = new ArrayList<>();
    TreeSet<Long> shown = new TreeSet<>();
    for (int m = 0; m < steps.size(); m++) {
      names.add("m" + m);
      rows.add(scalars(Kind.FLOAT64, steps.get(m)));
      TreeMap<Long, Double> map = new TreeMap<>();
      for (int i = 0; i < steps.get(m).size(); i++) {
        map.put(steps.get(m).get(i), (double) i);
      }
      maps.add(map);
      shown.addAll(map.keySet());
    }
    if (join == Join.INNER) {
      maps.forEach(map -> shown.retainAll(map.keySet()));
    }
    Aligned aligned = Aligned.of(names, rows, join);
    assertArrayEquals(shown.stream().mapToLong(step -> step).toArray(), aligned.steps());
    for (int m = 0; m < names.size(); m++) {
      int i = 0;
      for (long step : shown) {
        Map.Entry<Long, Double> entry = maps.get(m).floorEntry(step);
        boolean own = entry != null && entry.getKey() == step;
        boolean known = own || (join == Join.LAST_KNOWN && entry != null);
        assertEquals(own, aligned.hasValue(names.get(m), i));
        assertEquals(known, aligned.isKnown(names.get(m), i));
        assertEquals(known ? entry.getValue() : Double.NaN, aligned.values(names.get(m))[i]);
        assertEquals(known ? entry.getValue().longValue() : 0, aligned.longs(names.get(m))[i]);
        i++;
      }
    }
  }

  @Provide
  Arbitrary<List<List<Long>>> steps() {
    return Arbitraries.longs()
        .between(-5, 30)
        .list()
        .ofMaxSize(25)
        .list()
        .ofMinSize(1)
        .ofMaxSize(4);
  }

  @Test
  void integers_stay_exact() {
    Rows rows = Rows.withDoubles(Kind.INT64, 1);
    rows.add(3, 0, 0, Long.MAX_VALUE - 1);
    Aligned aligned = Aligned.of(List.of("n"), List.of(new Scalars(rows)), Join.OUTER);
    assertEquals(Long.MAX_VALUE - 1, aligned.longs("n")[0]);
    assertThrows(IllegalArgumentException.class, () -> aligned.values("m"));
  }
}
