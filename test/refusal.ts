import { expect } from "vitest";
import { Failure } from "../kernel/setup/failure.mjs";

/** The one sentence of the Failure that `act` throws, with this exit code. Fails where it throws none. */
export function refusal(act: () => unknown, exitCode: number): string {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(Failure);
    const { message, exitCode: code } = error as Failure;
    expect(code).toBe(exitCode);
    expect(message).not.toMatch(/\n/);
    return message;
  }
  throw new Error("nothing was refused");
}
