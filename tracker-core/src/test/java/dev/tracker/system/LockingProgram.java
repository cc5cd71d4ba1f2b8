package dev.tracker.system;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;

/** A database tool that somebody left open: runs the SQL it is told, line by line. */
public final class LockingProgram {
  private LockingProgram() {}

  /** Takes the database's file. */
  public static void main(String[] arguments) throws Exception {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + arguments[0]);
        Statement statement = connection.createStatement();
        BufferedReader in =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String sql = in.readLine(); sql != null; sql = in.readLine()) {
        statement.execute(sql);
        System.out.println("done " + sql);
      }
    }
  }
}
