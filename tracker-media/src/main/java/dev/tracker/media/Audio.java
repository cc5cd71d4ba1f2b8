package dev.tracker.media;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/**
 * A sound: samples, or a file.
 *
 * <p>Samples are frame by frame, in each frame one sample per channel. Floating-point samples are
 * full scale at -1 and 1 and become 16-bit PCM: clipped to that range, times 32,767, rounded to the
 * nearest; NaN becomes silence. {@link #asFloat} keeps float samples bit by bit instead. 16-bit
 * samples are kept as they are. The file is a WAV.
 */
public final class Audio extends Media {
  private static final int MAX_CHANNELS = 65_535;
  private static final int HEADER_BYTES = 44;
  private static final int FORMAT_PCM = 1;
  private static final int FORMAT_FLOAT = 3;

  /** One of: float[], double[], short[] of samples; byte[] of a file; SourceFile. */
  private final Object content;

  private final int channels;
  private final int sampleRate;
  private final boolean asFloat;
  private final String mediaType;
  private final String extension;

  private Audio(
      Object content,
      int channels,
      int sampleRate,
      boolean asFloat,
      String mediaType,
      String extension,
      String caption) {
    super(caption);
    this.content = content;
    this.channels = channels;
    this.sampleRate = sampleRate;
    this.asFloat = asFloat;
    this.mediaType = mediaType;
    this.extension = extension;
  }

  /** Gives samples in the range from -1 to 1. */
  public static Audio of(float[] samples, int channels, int sampleRate) {
    Objects.requireNonNull(samples, "samples");
    check(samples.length, Float.BYTES, channels, sampleRate);
    return samples(samples.clone(), channels, sampleRate);
  }

  /** As {@link #of(float[], int, int)}, without a copy: the caller never touches it again. */
  public static Audio adopt(float[] samples, int channels, int sampleRate) {
    Objects.requireNonNull(samples, "samples");
    check(samples.length, Float.BYTES, channels, sampleRate);
    return samples(samples, channels, sampleRate);
  }

  /** Gives samples in the range from -1 to 1. */
  public static Audio of(double[] samples, int channels, int sampleRate) {
    Objects.requireNonNull(samples, "samples");
    check(samples.length, Double.BYTES, channels, sampleRate);
    return samples(samples.clone(), channels, sampleRate);
  }

  /** As {@link #of(double[], int, int)}, without a copy: the caller never touches it again. */
  public static Audio adopt(double[] samples, int channels, int sampleRate) {
    Objects.requireNonNull(samples, "samples");
    check(samples.length, Double.BYTES, channels, sampleRate);
    return samples(samples, channels, sampleRate);
  }

  /** Gives 16-bit samples. */
  public static Audio of(short[] samples, int channels, int sampleRate) {
    Objects.requireNonNull(samples, "samples");
    check(samples.length, Short.BYTES, channels, sampleRate);
    return samples(samples.clone(), channels, sampleRate);
  }

  /** As {@link #of(short[], int, int)}, without a copy: the caller never touches it again. */
  public static Audio adopt(short[] samples, int channels, int sampleRate) {
    Objects.requireNonNull(samples, "samples");
    check(samples.length, Short.BYTES, channels, sampleRate);
    return samples(samples, channels, sampleRate);
  }

  /** Gives the bytes of a sound file and its ending: mp3, wav, flac, ogg. */
  public static Audio ofEncoded(byte[] bytes, String extension) {
    Objects.requireNonNull(bytes, "bytes");
    MediaLimits.checkBytes("audio", bytes.length);
    String name = "." + extension;
    return new Audio(
        bytes.clone(), 0, 0, false, MediaTypes.ofName(name), MediaTypes.extension(name), "");
  }

  /**
   * Gives a sound file by path. The file must stay as it is until it has been copied; where it is
   * missing or changes before, this one entry carries an error.
   */
  public static Audio of(Path file) {
    Objects.requireNonNull(file, "file");
    return new Audio(
        SourceFile.of(file), 0, 0, false, MediaTypes.ofName(file), MediaTypes.extension(file), "");
  }

  private static Audio samples(Object samples, int channels, int sampleRate) {
    return new Audio(samples, channels, sampleRate, false, "audio/wav", "wav", "");
  }

  private static void check(int length, int sampleBytes, int channels, int sampleRate) {
    if (channels < 1 || channels > MAX_CHANNELS || sampleRate < 1) {
      throw new IllegalArgumentException(
          "audio has at least one channel and a rate: channels="
              + channels
              + " sampleRate="
              + sampleRate);
    }
    if (length % channels != 0) {
      throw new IllegalArgumentException(
          "the samples end inside a frame: samples=" + length + " channels=" + channels);
    }
    MediaLimits.checkBytes("audio", (long) length * sampleBytes);
  }

  @Override
  public Audio withCaption(String caption) {
    return new Audio(content, channels, sampleRate, asFloat, mediaType, extension, caption);
  }

  /**
   * Returns the same sound, to be kept as 32-bit floats without clipping; doubles are rounded to
   * floats.
   *
   * @throws IllegalStateException if it was not given as float or double samples
   */
  public Audio asFloat() {
    if (!(content instanceof float[]) && !(content instanceof double[])) {
      throw new IllegalStateException("only float and double samples can be kept as floats");
    }
    return new Audio(content, channels, sampleRate, true, mediaType, extension, caption());
  }

  @Override
  public String mediaType() {
    return mediaType;
  }

  @Override
  public String extension() {
    return extension;
  }

  @Override
  public long payloadBytes() {
    if (content instanceof byte[] bytes) {
      return bytes.length;
    }
    return (long) count() * (content instanceof short[] ? 2 : content instanceof float[] ? 4 : 8);
  }

  private int count() {
    if (content instanceof float[] floats) {
      return floats.length;
    }
    if (content instanceof double[] doubles) {
      return doubles.length;
    }
    return content instanceof short[] shorts ? shorts.length : 0;
  }

  @Override
  public Details details() {
    if (channels == 0) {
      return Details.NONE;
    }
    int frames = count() / channels;
    return Details.audio(channels, sampleRate, (double) frames / sampleRate);
  }

  @Override
  public Optional<SourceFile> sourceFile() {
    return content instanceof SourceFile file ? Optional.of(file) : Optional.empty();
  }

  @Override
  public Encoded encode() {
    if (content instanceof SourceFile file) {
      throw givenByPath(file);
    }
    if (content instanceof byte[] bytes) {
      return new Encoded(bytes, mediaType, extension, Details.NONE);
    }
    return new Encoded(wav(), mediaType, extension, details());
  }

  private byte[] wav() {
    int sampleBytes = asFloat ? Float.BYTES : Short.BYTES;
    int bytes = Math.multiplyExact(count(), sampleBytes);
    ByteBuffer wav =
        ByteBuffer.allocate(Math.addExact(HEADER_BYTES, bytes)).order(ByteOrder.LITTLE_ENDIAN);
    wav.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(HEADER_BYTES - 8 + bytes);
    wav.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16);
    wav.putShort((short) (asFloat ? FORMAT_FLOAT : FORMAT_PCM)).putShort((short) channels);
    wav.putInt(sampleRate).putInt((int) ((long) sampleRate * channels * sampleBytes));
    wav.putShort((short) (channels * sampleBytes)).putShort((short) (8 * sampleBytes));
    wav.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(bytes);
    putSamples(wav);
    return wav.array();
  }

  private void putSamples(ByteBuffer wav) {
    if (content instanceof short[] shorts) {
      wav.asShortBuffer().put(shorts);
    } else if (content instanceof float[] floats) {
      for (float sample : floats) {
        put(wav, sample);
      }
    } else if (content instanceof double[] doubles) {
      Arrays.stream(doubles).forEach(sample -> put(wav, sample));
    }
  }

  private void put(ByteBuffer wav, double sample) {
    if (asFloat) {
      wav.putFloat((float) sample);
    } else {
      double clipped = Math.max(-1, Math.min(1, sample)); // NaN stays NaN and is cast to 0
      wav.putShort((short) Math.round(clipped * Short.MAX_VALUE));
    }
  }
}
