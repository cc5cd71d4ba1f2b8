package dev.tracker.series;

import java.util.Optional;

/**
 * Lance's native code: found, cached and loaded once in a JVM.
 *
 * <p>Any thread; the first call loads it, the others wait for that.
 */
public final class NativeLibrary {
    private NativeLibrary() {}

    /**
     * Says whether series can be read and written here, and loads the library at the first call.
     *
     * @return why not, in one sentence; empty when they can
     */
    public static Optional<String> whyUnavailable() {
        return Optional.of("the native library is not built in yet");
    }
}
