import { expect, test } from "vitest";
import { toBundle } from "../../../kernel/display/bundle.ts";
import { truncate } from "../../../kernel/display/text.ts";

test("long texts are cut, with a note", () => {
  expect(truncate("abcdef", 6)).toBe("abcdef");
  expect(truncate("abcdefg", 6)).toBe("abcdef\n… 1 more characters are not shown.");
  const text = (toBundle("x".repeat(60_000)) as never)["text/plain"] as string;
  expect(text.length).toBeLessThan(51_000);
});
