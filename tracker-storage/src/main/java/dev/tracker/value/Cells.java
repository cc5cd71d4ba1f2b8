package dev.tracker.value;

import dev.tracker.media.Media;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.Date;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * What callers give, turned into cells: {@link String}, {@link Double}, {@link Long}, {@link
 * Boolean}, {@link Instant} (whole microseconds) or {@link Media}, by the type of the column.
 */
final class Cells {
  /** Up to here a double can hold every integer. */
  private static final long EXACT = 1L << 53;

  private static final double TWO_TO_63 = 0x1p63;

  private static final long MICROS_PER_SECOND = TimeUnit.SECONDS.toMicros(1);
  private static final int NANOS_PER_MICRO = 1_000;

  private Cells() {}

  /** Where a cell is, for messages. */
  record Place(long row, String column) {
    IllegalArgumentException refuse(String what, Object value, String remedy) {
      return new IllegalArgumentException(
          what
              + ": row="
              + row
              + " column='"
              + shorten(column)
              + "' class="
              + value.getClass().getName()
              + " value="
              + shorten(String.valueOf(value))
              + " ("
              + remedy
              + ")");
    }
  }

  /** Returns the type of a column whose first value is given and which is not declared. */
  static Column.Type typeOf(Object value, Place place) {
    if (value instanceof Number) {
      return Column.Type.NUMBER;
    } else if (value instanceof Boolean || value instanceof AtomicBoolean) {
      return Column.Type.BOOLEAN;
    } else if (isText(value)) {
      return Column.Type.TEXT;
    } else if (isTime(value)) {
      return Column.Type.TIME;
    } else if (value instanceof Media) {
      return Column.Type.MEDIA;
    }
    throw place.refuse(
        "a value of this class cannot stand in a table",
        value,
        "numbers, booleans, texts, enum constants, times and media can");
  }

  private static boolean isText(Object value) {
    return value instanceof CharSequence || value instanceof Character || value instanceof Enum<?>;
  }

  private static boolean isTime(Object value) {
    return value instanceof Instant
        || value instanceof Date
        || value instanceof OffsetDateTime
        || value instanceof ZonedDateTime;
  }

  /** Returns a value as a cell of a column. */
  static Object of(Object value, Column.Type type, Place place) {
    Object cell =
        switch (type) {
          case NUMBER -> value instanceof Number number ? number(number, place) : null;
          case INTEGER -> value instanceof Number number ? integer(number) : null;
          case BOOLEAN -> truth(value);
          case TEXT -> isText(value) ? text(value, place) : null;
          case TIME -> isTime(value) ? time(value, place) : null;
          case MEDIA -> value instanceof Media ? value : null;
        };
    if (cell == null) {
      throw place.refuse(
          "a value does not fit its column of a table, which holds " + type,
          value,
          "a column keeps the type of its first value, unless Table.builder() declares another");
    }
    return cell;
  }

  private static @Nullable Boolean truth(Object value) {
    return value instanceof Boolean truth
        ? truth
        : value instanceof AtomicBoolean truth ? (Boolean) truth.get() : null;
  }

  private static boolean isIntegral(Number value) {
    return value instanceof Integer
        || value instanceof Long
        || value instanceof Short
        || value instanceof Byte
        || value instanceof AtomicInteger
        || value instanceof AtomicLong
        || value instanceof LongAdder;
  }

  private static Double number(Number value, Place place) {
    boolean exact =
        isIntegral(value)
            ? fitsDouble(value.longValue())
            : !(value instanceof BigInteger big)
                || (big.bitLength() < Long.SIZE && fitsDouble(big.longValue()));
    if (!exact) {
      throw place.refuse(
          "an integer beyond 2^53 does not fit a column of numbers of a table",
          value,
          "declare the column: Table.builder().column(name, Column.Type.INTEGER)");
    }
    return value.doubleValue();
  }

  /** Whether an integer stands in a column of numbers. */
  static boolean fitsDouble(long value) {
    return value >= -EXACT && value <= EXACT;
  }

  /** Returns a number as an integer; null where it is none. */
  static @Nullable Long integer(Number value) {
    if (isIntegral(value)) {
      return value.longValue();
    }
    try {
      if (value instanceof BigInteger big) {
        return big.longValueExact();
      } else if (value instanceof BigDecimal big) {
        return big.longValueExact();
      }
    } catch (ArithmeticException e) {
      return null;
    }
    double number = value.doubleValue();
    boolean isLong = number == Math.rint(number) && number >= -TWO_TO_63 && number < TWO_TO_63;
    return isLong ? (Long) (long) number : null;
  }

  private static String text(Object value, Place place) {
    if (value instanceof CharSequence chars) {
      checkLength(chars.length(), place); // before a copy is made
    }
    String text = value instanceof Enum<?> constant ? constant.name() : value.toString();
    checkLength(utf8Length(text), place);
    return text;
  }

  private static void checkLength(long bytes, Place place) {
    long limit = TableLimits.maxCellBytes();
    if (bytes > limit) {
      throw new IllegalArgumentException(
          "a text is too long for a table's cell: row="
              + place.row
              + " column='"
              + shorten(place.column)
              + "' bytes="
              + bytes
              + " limit="
              + limit
              + " (log it as a dev.tracker.media.Text, or set -D"
              + TableLimits.MAX_CELL_BYTES_PROPERTY
              + ")");
    }
  }

  /** Returns how many bytes a text takes; half of a surrogate pair takes the one of a '?'. */
  static long utf8Length(String text) {
    long bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        bytes++;
      } else if (c < 0x800) {
        bytes += 2;
      } else if (!Character.isSurrogate(c)) {
        bytes += 3;
      } else if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        bytes += 4;
        i++;
      } else {
        bytes++;
      }
    }
    return bytes;
  }

  @SuppressWarnings("JavaUtilDate") // it is what older code has
  private static Instant time(Object value, Place place) {
    Instant instant =
        value instanceof Instant given
            ? given
            : value instanceof OffsetDateTime given
                ? given.toInstant()
                : value instanceof ZonedDateTime given
                    ? given.toInstant()
                    : Instant.ofEpochMilli(((Date) value).getTime());
    try {
      return instant(micros(instant));
    } catch (ArithmeticException e) {
      throw place.refuse(
          "a time does not fit a table's cell", value, "64 bits of microseconds since 1970 do");
    }
  }

  /** Returns a time in microseconds since 1970, rounded down. */
  static long micros(Instant time) {
    long seconds = time.getEpochSecond();
    long micros = time.getNano() / NANOS_PER_MICRO;
    return seconds < 0 // or the first second there is would be out of range on the way
        ? Math.addExact(
            Math.multiplyExact(seconds + 1, MICROS_PER_SECOND), micros - MICROS_PER_SECOND)
        : Math.addExact(Math.multiplyExact(seconds, MICROS_PER_SECOND), micros);
  }

  /** Returns the time of microseconds since 1970. */
  static Instant instant(long micros) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, MICROS_PER_SECOND),
        Math.floorMod(micros, MICROS_PER_SECOND) * NANOS_PER_MICRO);
  }

  /** Returns about how many bytes a cell holds in memory. */
  static long bytes(@Nullable Object cell) {
    if (cell instanceof String text) {
      return 56 + 2L * text.length();
    } else if (cell instanceof Media media) {
      return 128 + media.payloadBytes();
    }
    return cell == null || cell instanceof Boolean ? 8 : 32;
  }

  static String shorten(String text) {
    return text.length() <= 60 ? text : text.substring(0, 57) + "...";
  }
}
