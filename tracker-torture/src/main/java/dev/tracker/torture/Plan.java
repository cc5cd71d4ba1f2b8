package dev.tracker.torture;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a {@link Victim} is to do as long as it lives, as the arguments of its program.
 *
 * @param script what it logs
 * @param life the number of its first life; every further opening is one more
 * @param openings how often it opens the run; after the last one it logs until it is killed
 * @param millis how long it logs before it finishes and opens again, about
 * @param pauseMicros how long each thread rests between two calls; 0 for never
 * @param flushMillis how often it flushes, about; 0 for never
 * @param rewindMillis how often it goes back, about; 0 for never
 * @param rewindsAtOpen whether it goes back when it opens the run
 * @param finishes whether it finishes the last opening, too, and then ends
 * @param strict whether log calls return when they are on stable storage
 * @param console whether it captures what it prints
 */
record Plan(
    Call.Script script,
    int life,
    int openings,
    int millis,
    int pauseMicros,
    int flushMillis,
    int rewindMillis,
    boolean rewindsAtOpen,
    boolean finishes,
    boolean strict,
    boolean console) {
  private static final int WORDS = 13;

  List<String> words() {
    List<String> words = new ArrayList<>();
    for (Object word :
        new Object[] {
          script.seed(),
          script.threads(),
          script.every(),
          life,
          openings,
          millis,
          pauseMicros,
          flushMillis,
          rewindMillis,
          rewindsAtOpen,
          finishes,
          strict,
          console
        }) {
      words.add(word.toString());
    }
    return words;
  }

  static Plan parse(String... words) {
    if (words.length != WORDS) {
      throw new IllegalArgumentException("no plan: " + Arrays.toString(words));
    }
    return new Plan(
        new Call.Script(
            Long.parseLong(words[0]), Integer.parseInt(words[1]), Integer.parseInt(words[2])),
        Integer.parseInt(words[3]),
        Integer.parseInt(words[4]),
        Integer.parseInt(words[5]),
        Integer.parseInt(words[6]),
        Integer.parseInt(words[7]),
        Integer.parseInt(words[8]),
        Boolean.parseBoolean(words[9]),
        Boolean.parseBoolean(words[10]),
        Boolean.parseBoolean(words[11]),
        Boolean.parseBoolean(words[12]));
  }
}
