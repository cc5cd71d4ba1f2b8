package dev.tracker.media;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class AudioTest {
  @Property(tries = 100)
  void shorts_come_back_from_the_wav(
      @ForAll short[] frames,
      @ForAll @IntRange(min = 1, max = 6) int channels,
      @ForAll @IntRange(min = 1, max = 192_000) int rate)
      throws Exception {
    short[] samples = new short[frames.length * channels];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (short) (frames[i / channels] + i % channels);
    }
    Audio audio = Audio.of(samples, channels, rate);
    ByteBuffer read = read(audio, AudioFormat.Encoding.PCM_SIGNED);
    short[] back = new short[read.remaining() / 2];
    read.asShortBuffer().get(back);
    assertArrayEquals(samples, back);
    assertEquals(
        Details.audio(channels, rate, (double) frames.length / rate), audio.encode().details());
  }

  @Test
  void floats_are_clipped_and_rounded_as_documented() throws Exception {
    float[] samples = {0, 1, -1, 2, -2, 0.5f, Float.NaN, Float.NEGATIVE_INFINITY};
    Audio audio = Audio.of(samples, 2, 8_000);
    short[] expected = {0, 32_767, -32_767, 32_767, -32_767, 16_384, 0, -32_767};
    double[] doubles = {0, 1, -1, 2, -2, 0.5, Double.NaN, Double.NEGATIVE_INFINITY};
    samples[0] = 1; // a snapshot
    for (Audio value : new Audio[] {audio, Audio.adopt(doubles, 2, 8_000)}) {
      ByteBuffer read = read(value, AudioFormat.Encoding.PCM_SIGNED);
      short[] back = new short[8];
      read.asShortBuffer().get(back);
      assertArrayEquals(expected, back);
    }
  }

  @Test
  void floats_can_be_kept() throws Exception {
    float[] samples = {0, 1e-9f, -3, Float.POSITIVE_INFINITY};
    ByteBuffer read = read(Audio.of(samples, 1, 44_100).asFloat(), AudioFormat.Encoding.PCM_FLOAT);
    float[] back = new float[4];
    read.asFloatBuffer().get(back);
    assertArrayEquals(samples, back);
    assertThrows(IllegalStateException.class, () -> Audio.of(new short[2], 1, 44_100).asFloat());
  }

  @Test
  void a_file_stays_what_it_is() {
    Audio mp3 = Audio.ofEncoded(new byte[] {1, 2, 3}, "mp3").withCaption("voice");
    assertEquals("audio/mpeg mp3", mp3.mediaType() + " " + mp3.extension());
    assertArrayEquals(new byte[] {1, 2, 3}, mp3.encode().toByteArray());
    Audio path = Audio.of(Path.of("missing.ogg"));
    assertEquals("audio/ogg", path.mediaType());
    assertTrue(path.sourceFile().orElseThrow().isGone());
    assertThrows(IllegalStateException.class, path::encode);
  }

  @Test
  void what_cannot_be_audio_is_refused() {
    assertThrows(IllegalArgumentException.class, () -> Audio.of(new float[3], 2, 8_000));
    assertThrows(IllegalArgumentException.class, () -> Audio.of(new float[3], 0, 8_000));
    assertThrows(IllegalArgumentException.class, () -> Audio.of(new float[3], 1, 0));
  }

  private static ByteBuffer read(Audio audio, AudioFormat.Encoding encoding) throws Exception {
    ByteArrayInputStream bytes = new ByteArrayInputStream(audio.encode().toByteArray());
    try (AudioInputStream in = AudioSystem.getAudioInputStream(bytes)) {
      assertEquals(encoding, in.getFormat().getEncoding());
      assertEquals(audio.details().channels(), in.getFormat().getChannels());
      assertEquals(audio.details().sampleRate(), (int) in.getFormat().getSampleRate());
      return ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
    }
  }
}
