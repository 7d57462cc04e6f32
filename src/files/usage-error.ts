/** A mistake in how a command was called: its message, one sentence, is all that the user needs. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
