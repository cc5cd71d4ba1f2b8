package dev.tracker.read;

import dev.tracker.format.RunLayout;
import dev.tracker.format.StorageException;
import dev.tracker.metadata.SeriesEntry;
import dev.tracker.series.Rows;
import dev.tracker.series.SeriesDataset.Stretch;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The thread of a reader that looks for new rows and tells its followers, and the moment that it
 * moves on for that: the reader's own stays where it is.
 *
 * <p>The thread is a daemon; it is made with the first follower and goes with the last, or when the
 * run has ended.
 */
final class Following {
  /** How often it looks: what is logged is told after this and some milliseconds, at most. */
  private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** How often it asks whether the writer lives while nothing comes from it. */
  private static final long LIFE_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** The rows that one call is given, at most. */
  private static final int MOST_ROWS = 1 << 20;

  private final RunLayout layout;
  private final List<Follower> followers = new CopyOnWriteArrayList<>();

  // Guarded by this.
  private @Nullable Thread thread;
  private boolean isClosed;

  Following(RunLayout layout) {
    this.layout = layout;
  }

  synchronized Follower add(String metric, MetricListener listener, MetricCursor from) {
    Follower follower = new Follower(metric, listener, from);
    followers.add(follower);
    if (thread == null) {
      thread = new Thread(new Watch(), "tracker-follower");
      thread.setDaemon(true);
      thread.start();
    }
    return follower;
  }

  /** Stops all followers, without a word. */
  synchronized void close() {
    isClosed = true;
    followers.forEach(Follower::close);
    notifyAll();
  }

  /** Waits for the next look; false when there is nobody to look for any more. */
  private synchronized boolean rest() {
    long deadline = System.nanoTime() + PERIOD_NANOS;
    for (long left = PERIOD_NANOS; left > 0 && !isClosed; left = deadline - System.nanoTime()) {
      try {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      } catch (InterruptedException e) {
        break; // nobody has a reason to interrupt this thread, and it must go on
      }
    }
    followers.removeIf(Follower::isStopped);
    if (followers.isEmpty()) {
      thread = null;
    }
    return !followers.isEmpty();
  }

  /** What the thread does. */
  private final class Watch implements Runnable {
    private @Nullable RunMoment moment;
    private boolean isFailing;
    private long lifeSeen = System.nanoTime();

    @Override
    public void run() {
      while (rest()) {
        try {
          look();
          isFailing = false;
        } catch (IOException e) {
          failed(RunReader.failed(layout, e));
        } catch (StorageException e) {
          failed(e);
        } catch (RuntimeException e) {
          failed(RunReader.failed(layout, e));
        }
      }
      letGo();
    }

    private void failed(StorageException cause) {
      if (!isFailing) {
        isFailing = true;
        followers.forEach(follower -> follower.tell(listener -> listener.failed(cause)));
      }
    }

    private void look() throws IOException {
      boolean news = moveOn();
      RunMoment now = moment;
      if (now == null) {
        return;
      }
      long time = System.nanoTime();
      if (news) {
        lifeSeen = time;
      }
      boolean said = RunInfo.lastStatus(now.document()) != RunStatus.RUNNING;
      if (said || time - lifeSeen >= LIFE_NANOS) {
        lifeSeen = time;
        endIfOver(now, said);
      }
    }

    /** Moves on to the present and tells what is new; returns whether anything is. */
    private boolean moveOn() throws IOException {
      RunMoment before = moment;
      if (before == null) {
        moment = RunMoment.take(layout);
        catchUp(moment);
        return true;
      }
      long position = before.end().position();
      List<Follower> served = List.copyOf(followers);
      FreshRows fresh = new FreshRows(metrics(served), before);
      RunMoment now = before.refresh(fresh);
      moment = now;
      for (Follower follower : served) {
        if (now == before && follower.cursor().position() == position) {
          tell(follower, fresh);
          follower.cursor(MetricCursor.endOf(now, follower.metric()));
        } else {
          catchUp(now, follower);
        }
      }
      return now.end().position() > position;
    }

    private static Set<String> metrics(List<Follower> served) {
      return served.stream().map(Follower::metric).collect(Collectors.toSet());
    }

    private void tell(Follower follower, FreshRows fresh) {
      OptionalLong rewind = fresh.rewindStep();
      if (rewind.isPresent()) {
        follower.tell(listener -> listener.rewound(rewind.getAsLong()));
      }
      Rows rows = fresh.of(follower.metric());
      if (rows != null) {
        tell(follower, rows);
      }
    }

    private void tell(Follower follower, Rows rows) {
      if (!rows.kind().isFixed()) {
        refuse(follower);
      } else if (rows.size() > 0) {
        Scalars scalars = new Scalars(rows);
        follower.tell(listener -> listener.rows(scalars));
      }
    }

    private void refuse(Follower follower) {
      follower.tell(listener ->
          listener.failed(
              new StorageException(
                  "a metric of strings cannot be followed: run="
                      + layout.root()
                      + " metric='"
                      + follower.metric()
                      + "' (read it with strings() after refresh())")));
      follower.close();
    }

    private void catchUp(RunMoment now) throws IOException {
      for (Follower follower : followers) {
        catchUp(now, follower);
      }
    }

    /** Tells what lies between the follower's cursor and a moment, wherever it is by now. */
    private void catchUp(RunMoment now, Follower follower) throws IOException {
      MetricCursor cursor = follower.cursor();
      if (now.end().position() < cursor.position()) {
        return; // the reader had seen more than this thread has; the next look will be beyond
      }
      RunMoment.View view = now.view(follower.metric());
      if (view == null) {
        follower.cursor(MetricCursor.endOf(now, follower.metric()));
        return;
      }
      if (!view.kind().isFixed()) {
        refuse(follower);
        return;
      }
      long told = cursor.rows();
      if (!cursor.isPrefixOf(view, now)) {
        told = 0;
        follower.tell(listener -> listener.rewound(Long.MIN_VALUE));
        follower.cursor(MetricCursor.at(now, view, 0));
      }
      tellFrom(told, now, view, follower);
      follower.cursor(MetricCursor.endOf(now, follower.metric()));
    }

    private void tellFrom(long told, RunMoment now, RunMoment.View view, Follower follower)
        throws IOException {
      SeriesEntry sealed = view.sealed();
      if (sealed != null && view.isCut()) {
        Rows rows = new Rows(view.kind(), 0);
        new SealedRows(layout, sealed).read(Wanted.ALL.upTo(view.lastSealed()), rows);
        tell(follower, rows);
      } else if (sealed != null) {
        for (long from = told; from < sealed.rows(); from += MOST_ROWS) {
          long to = Math.min(sealed.rows(), from + MOST_ROWS);
          Rows rows = new Rows(view.kind(), (int) (to - from));
          new SealedRows(layout, sealed).read(List.of(new Stretch(from, to)), rows);
          tell(follower, rows);
          follower.cursor(MetricCursor.at(now, view, to));
        }
      }
      Rows tail = new Rows(view.kind(), 0);
      now.readTail(view, Wanted.ALL, tail);
      long skip = Math.max(0, told - (sealed == null ? 0 : sealed.rows()));
      Rows rest = new Rows(view.kind(), 0);
      for (int i = (int) skip; i < tail.size(); i++) {
        rest.add(tail, i);
      }
      tell(follower, rest);
    }

    /** Ends following where the run is over. */
    private void endIfOver(RunMoment now, boolean said) throws IOException {
      if (!said) {
        if (RunInfo.of(now).status() != RunStatus.CRASHED) {
          return;
        }
        moveOn(); // what it logged, or said, between the last look and its death
      }
      RunMoment last = moment;
      if (last == null) {
        return;
      }
      RunStatus status = RunInfo.of(last).status();
      if (status != RunStatus.RUNNING) {
        for (Follower follower : followers) {
          if (follower.cursor().position() == last.end().position()) {
            end(follower, status);
          }
        }
      }
    }

    private static void end(Follower follower, RunStatus status) {
      follower.tell(listener -> listener.ended(status));
      follower.close();
    }

    private void letGo() {
      RunMoment last = moment;
      moment = null;
      if (last != null) {
        try {
          last.close();
        } catch (IOException e) {
          return; // files that were only read; nobody is left who could do anything about it
        }
      }
    }
  }
}
