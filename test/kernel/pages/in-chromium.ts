import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe } from "vitest";
import { findChromium, NO_CHROMIUM, startChromium } from "./browser-faults.mjs";

/** Tests with a browser that they share, of this executable; skipped, with the reason, where there is no Chromium. */
export function inChromium(tests: (browser: () => Browser, executable: string) => void): void {
  const executable = findChromium();
  describe.skipIf(!executable)(executable ? "in Chromium" : `in Chromium (${NO_CHROMIUM})`, () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await startChromium(executable!);
    }, 60_000);
    afterAll(() => browser?.close());
    tests(() => browser, executable!);
  });
}
