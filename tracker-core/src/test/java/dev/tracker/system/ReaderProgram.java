package dev.tracker.system;

import dev.tracker.read.RunReader;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/**
 * A program that looks at a run that somebody else writes, and says of each look whether what it
 * saw can be true.
 *
 * <p>Its lines are {@code look RUN THREADS METRICS LIVES SAMPLE SEED}: open the run (or refresh the
 * reader of the look before, every other time) and read that many metrics picked at random, or all.
 * The answer is {@code saw STATUS VALUES PREFIX…}, a prefix for every thread of every life, or
 * {@code wrong …}.
 */
public final class ReaderProgram {
  private RunReader kept;

  private ReaderProgram() {}

  public static void main(String[] args) throws Exception {
    ReaderProgram program = new ReaderProgram();
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ", -1);
      System.out.println(
          program.look(
              Path.of(words[1]),
              new Workload(Integer.parseInt(words[2]), Integer.parseInt(words[3])),
              Integer.parseInt(words[4]),
              Integer.parseInt(words[5]),
              new Random(Long.parseLong(words[6]))));
    }
  }

  private String look(Path run, Workload workload, int lives, int sample, Random random) {
    if (kept != null && random.nextBoolean()) {
      kept.refresh();
    } else {
      if (kept != null) {
        kept.close();
      }
      kept = RunReader.open(run);
    }
    Workload.Found found = workload.found();
    if (sample == workload.metrics()) {
      found = workload.found(kept);
    } else {
      for (int metric : random.ints(0, workload.metrics()).distinct().limit(sample).toArray()) {
        found.read(kept, metric);
      }
    }
    List<String> wrong = found.wrong();
    if (!wrong.isEmpty()) {
      return "wrong " + String.join("; ", wrong);
    }
    if (sample == workload.metrics() && found.steps() != found.lastStep() + 1) {
      return "wrong " + found.steps() + " steps, of which the last is " + found.lastStep();
    }
    StringBuilder saw = new StringBuilder("saw " + kept.info().status() + " " + found.values());
    for (int life = 0; life < lives; life++) {
      for (int thread = 0; thread < workload.threads(); thread++) {
        saw.append(' ').append(found.prefix(life, thread));
      }
    }
    return saw.toString();
  }
}
