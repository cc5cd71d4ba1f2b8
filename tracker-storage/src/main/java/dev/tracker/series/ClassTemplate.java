package dev.tracker.series;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;

/**
 * Gives a compiled class of ours another name, so that it can stand in for a class of a library.
 *
 * <p>Names stand in a class file only as text constants, in the list at its beginning; replacing
 * them there is all that renaming takes.
 */
final class ClassTemplate {
  // Kinds of constants: JVM Specification 4.4, table 4.4-B.
  private static final int UTF8 = 1;
  private static final int LONG = 5;
  private static final int DOUBLE = 6;

  /** The flag of a public class. */
  private static final int PUBLIC = 1;

  private ClassTemplate() {}

  /**
   * Returns the class file of a class under another name, and public.
   *
   * @param template a class that is not nested and has no nested classes
   * @param name the name to give it, in the class file's form, as in {@code org/lance/JniLoader}
   */
  static byte[] renamed(Class<?> template, String name) throws IOException {
    String resource = template.getSimpleName() + ".class";
    try (InputStream in = template.getResourceAsStream(resource)) {
      if (in == null) {
        throw new FileNotFoundException("class file not found: class=" + template.getName());
      }
      return renamed(in.readAllBytes(), template.getName().replace('.', '/'), name);
    }
  }

  private static byte[] renamed(byte[] classFile, String from, String to) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(classFile));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(classFile.length + 64);
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeLong(in.readLong()); // magic and version
    int constants = in.readUnsignedShort();
    out.writeShort(constants);
    for (int i = 1; i < constants; i++) {
      int tag = in.readUnsignedByte();
      out.writeByte(tag);
      if (tag == UTF8) {
        out.writeUTF(in.readUTF().replace(from, to));
      } else {
        out.write(in.readNBytes(sizeOf(tag)));
      }
      if (tag == LONG || tag == DOUBLE) {
        i++; // they count twice
      }
    }
    out.writeShort(in.readUnsignedShort() | PUBLIC);
    out.write(in.readAllBytes());
    return bytes.toByteArray();
  }

  private static int sizeOf(int tag) throws IOException {
    return switch (tag) {
      case 7, 8, 16, 19, 20 -> 2;
      case 15 -> 3;
      case 3, 4, 9, 10, 11, 12, 17, 18 -> 4;
      case LONG, DOUBLE -> 8;
      default -> throw new IOException("unknown constant in a class file: tag=" + tag);
    };
  }
}
