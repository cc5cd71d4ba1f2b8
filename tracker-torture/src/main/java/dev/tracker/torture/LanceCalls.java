package dev.tracker.torture;

import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.Method;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * Lets calls into Lance fail. The bytecode of the package {@code series}, the only one that calls
 * Lance, is given two points at each call: one before it, when nothing has been done, and one after
 * it, when it has been and nobody gets to know. They are numbered as they are passed.
 *
 * <p>Production has no seam for this and needs none. The JVM hands over what it takes to change
 * bytecode because the jar's manifest names this class as {@code Launcher-Agent-Class}.
 */
public final class LanceCalls {
  private static final String CALLER = "dev/tracker/series/";

  /** It loads the library, once for a JVM; what becomes of that is another test's. */
  private static final String LOADER = CALLER + "NativeLibrary";

  /** Begins the name of a point at which nothing has been done. */
  static final String BEFORE = "before";

  private static final String LANCE = "org/lance/";

  private static volatile @Nullable Instrumentation instrumentation;

  // Guarded by the class.
  private static long failing = Long.MAX_VALUE;
  private static @Nullable String failed;
  private static final List<String> PASSED = new ArrayList<>();
  private static final Map<String, Integer> FAILED = new TreeMap<>();
  private static final Set<Object> OPEN = Collections.newSetFromMap(new IdentityHashMap<>());

  private LanceCalls() {}

  /** Called by the JVM before {@code main}. */
  public static void agentmain(String arguments, Instrumentation given) {
    instrumentation = given;
  }

  /** Puts the points in; before the first use of a class that calls Lance. */
  static void watch() {
    Instrumentation given = instrumentation;
    if (given == null) {
      throw new IllegalStateException("not started by java -jar: the calls cannot be watched");
    }
    given.addTransformer(new Points());
  }

  /** Returns how many bytes are held outside the heap for Lance. */
  public static long memory() {
    try {
      Method memory = Class.forName(CALLER.replace('/', '.') + "Lance").getDeclaredMethod("memory");
      memory.setAccessible(true);
      return ((BufferAllocator) memory.invoke(null)).getAllocatedMemory();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Lance's memory cannot be looked at", e);
    }
  }

  /** Begins to count anew, and lets the n-th point fail, once. */
  static synchronized void failAt(long point) {
    PASSED.clear();
    failing = point;
    failed = null;
  }

  /** Returns the point that has failed; null where none has yet. */
  static synchronized @Nullable String failed() {
    return failed;
  }

  /** Returns the points that have been passed since it was begun to count. */
  static synchronized List<String> passed() {
    return new ArrayList<>(PASSED);
  }

  /** Returns how often which point has failed. */
  static synchronized Map<String, Integer> all() {
    return new TreeMap<>(FAILED);
  }

  /** Returns what Lance has given that is to be closed and was not, once. */
  static synchronized List<String> takeOpen() {
    List<String> open = OPEN.stream().map(object -> object.getClass().getName()).toList();
    OPEN.clear();
    return open;
  }

  /** Called where Lance has returned something. */
  public static synchronized void opened(@Nullable Object returned) {
    if (returned instanceof AutoCloseable) {
      OPEN.add(returned);
    }
  }

  /** Called where something of Lance's is about to be closed. */
  public static synchronized void closes(Object closed) {
    OPEN.remove(closed);
  }

  /** Called where the points are. */
  public static void pass(String point) {
    synchronized (LanceCalls.class) {
      PASSED.add(point);
      if (PASSED.size() != failing) {
        return;
      }
      failed = point;
      FAILED.merge(point, 1, Integer::sum);
    }
    throw new IllegalStateException("LanceError(IO): made to fail " + point);
  }

  private static final class Points implements ClassFileTransformer {
    @Override
    public byte @Nullable [] transform(
        @Nullable ClassLoader loader,
        String name,
        @Nullable Class<?> old,
        @Nullable ProtectionDomain domain,
        byte[] bytes) {
      if (!name.startsWith(CALLER) || name.startsWith(LOADER)) {
        return null;
      }
      ClassReader reader = new ClassReader(bytes);
      ClassWriter writer = new ClassWriter(reader, ClassWriter.COMPUTE_MAXS);
      reader.accept(new Methods(writer), 0);
      return writer.toByteArray();
    }
  }

  private static final class Methods extends ClassVisitor {
    private String caller = "";

    Methods(ClassVisitor next) {
      super(Opcodes.ASM9, next);
    }

    @Override
    public void visit(
        int version,
        int access,
        String name,
        @Nullable String signature,
        String superName,
        String @Nullable [] interfaces) {
      caller = name.substring(CALLER.length());
      super.visit(version, access, name, signature, superName, interfaces);
    }

    @Override
    public MethodVisitor visitMethod(
        int access,
        String name,
        String descriptor,
        @Nullable String signature,
        String @Nullable [] exceptions) {
      MethodVisitor next = super.visitMethod(access, name, descriptor, signature, exceptions);
      return new Calls(next, caller + "." + name);
    }
  }

  private static final class Calls extends MethodVisitor {
    private final String caller;

    Calls(MethodVisitor next, String caller) {
      super(Opcodes.ASM9, next);
      this.caller = caller;
    }

    @Override
    public void visitMethodInsn(
        int opcode, String owner, String name, String descriptor, boolean isInterface) {
      if (!owner.startsWith(LANCE)) {
        super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
        return;
      }
      if (name.equals("close")) {
        tell("closes");
      }
      pass(BEFORE, owner, name);
      super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
      pass("after", owner, name);
      if (Type.getReturnType(descriptor).getDescriptor().startsWith("L" + LANCE)) {
        tell("opened");
      }
    }

    /** Hands over what is on top of the stack. */
    private void tell(String what) {
      super.visitInsn(Opcodes.DUP);
      super.visitMethodInsn(
          Opcodes.INVOKESTATIC,
          Type.getInternalName(LanceCalls.class),
          what,
          "(Ljava/lang/Object;)V",
          false);
    }

    private void pass(String when, String owner, String name) {
      String call = owner.substring(LANCE.length()) + "." + name;
      super.visitLdcInsn(when + " " + call + " in " + caller);
      super.visitMethodInsn(
          Opcodes.INVOKESTATIC,
          Type.getInternalName(LanceCalls.class),
          "pass",
          "(Ljava/lang/String;)V",
          false);
    }
  }
}
