package dev.tracker.natives;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.lang.reflect.Constructor;

/**
 * Gives Arrow and Lance what a JVM otherwise gives by command-line flags only.
 *
 * <p>Same effect as {@code --add-opens java.base/java.nio=…} and {@code --enable-native-access=…}.
 * It takes a lookup with all rights, made by the constructor that serialization libraries use
 * ({@code sun.reflect.ReflectionFactory}, in the supported part of {@code jdk.unsupported}).
 */
public final class JvmAccess {
  /** {@code Lookup.TRUSTED}. */
  private static final int TRUSTED = -1;

  /** The first JDK that warns of native access: JEP 472. */
  private static final int FIRST_TO_WARN = 24;

  private final Lookup lookup;

  private JvmAccess(Lookup lookup) {
    this.lookup = lookup;
  }

  /** Takes the rights; throws where the JVM has none to give. */
  public static JvmAccess take() throws ReflectiveOperationException {
    Class<?> factory = Class.forName("sun.reflect.ReflectionFactory");
    Constructor<?> constructor =
        (Constructor<?>)
            factory
                .getMethod("newConstructorForSerialization", Class.class, Constructor.class)
                .invoke(
                    factory.getMethod("getReflectionFactory").invoke(null),
                    Lookup.class,
                    Lookup.class.getDeclaredConstructor(Class.class, Class.class, int.class));
    return new JvmAccess((Lookup) constructor.newInstance(Object.class, null, TRUSTED));
  }

  /** Opens a package of {@code java.base} to a module. */
  public void open(String packageName, Module to) throws Throwable {
    Module base = Object.class.getModule();
    if (!base.isOpen(packageName, to)) {
      MethodType type = MethodType.methodType(void.class, String.class, Module.class);
      lookup.findVirtual(Module.class, "implAddOpens", type).invokeExact(base, packageName, to);
    }
  }

  /**
   * Lets a module load native code without a warning, where the JVM asks for that. All unnamed
   * modules are one in this.
   */
  public void grantNativeAccess(Module to) throws Throwable {
    if (Runtime.version().feature() < FIRST_TO_WARN) {
      return;
    }
    if (to.isNamed()) {
      MethodType type = MethodType.methodType(Module.class);
      lookup.findVirtual(Module.class, "implAddEnableNativeAccess", type).invoke(to);
    } else {
      MethodType type = MethodType.methodType(void.class);
      lookup.findStatic(Module.class, "implAddEnableNativeAccessToAllUnnamed", type).invokeExact();
    }
  }

  /** Returns a lookup that may define classes beside another and call what they hide. */
  public static Lookup beside(Class<?> neighbour) throws IllegalAccessException {
    return MethodHandles.privateLookupIn(neighbour, MethodHandles.lookup());
  }
}
