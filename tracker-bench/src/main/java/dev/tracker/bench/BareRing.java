package dev.tracker.bench;

import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.SleepingWaitStrategy;
import com.lmax.disruptor.dsl.Disruptor;
import com.lmax.disruptor.dsl.ProducerType;
import com.lmax.disruptor.util.DaemonThreadFactory;

/** A Disruptor that does nothing but add up: the least that handing a value over can cost. */
final class BareRing implements AutoCloseable {
  private static final int SIZE = 1 << 16;

  private final Disruptor<Cell> disruptor;
  private final RingBuffer<Cell> ring;
  private double sum;

  /** A value in the ring. */
  private static final class Cell {
    private double value;
  }

  BareRing() {
    disruptor =
        new Disruptor<>(
            Cell::new,
            SIZE,
            DaemonThreadFactory.INSTANCE,
            ProducerType.MULTI,
            new SleepingWaitStrategy(100, 50_000));
    EventHandler<Cell> adder = (cell, sequence, endOfBatch) -> sum += cell.value;
    disruptor.handleEventsWith(adder);
    ring = disruptor.start();
  }

  void publish(double value) {
    long sequence = ring.next();
    ring.get(sequence).value = value;
    ring.publish(sequence);
  }

  boolean isEmpty() {
    return ring.getMinimumGatingSequence() == ring.getCursor();
  }

  @Override
  public void close() {
    disruptor.shutdown();
  }
}
