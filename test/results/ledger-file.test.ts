import { brotliCompressSync, brotliDecompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatLedgerFile, parseLedgerFile } from "../../src/results/ledger-file.ts";

describe("a ledger file", () => {
  const records = new Map<string, object>([
    ["sft-seed1-aa", { metrics: [{ loss: 1.25 }, { loss: 0.5 }], provenance: { device: "a" } }],
    ["sft-seed1-bb", { evaluation: { greedyRewards: Array.from({ length: 20 }, (_, i) => i % 3) } }],
    ["sft-seed1-cc", { pairs: 3 }],
  ]);
  const bytes = formatLedgerFile(records);
  const text = brotliDecompressSync(bytes).toString();
  const parsed = (changed: string) => parseLedgerFile(brotliCompressSync(changed), "file");

  test("holds the records that it was made of", () => {
    const { rows, problems } = parseLedgerFile(bytes, "file");
    expect(problems).toEqual([]);
    expect(new Map(rows.map(({ id, record }) => [id, record]))).toEqual(records);
  });

  test("never gives a changed record and names every change but of white space", () => {
    const byte = fc.record({ at: fc.nat(text.length - 1), to: fc.integer({ min: 32, max: 126 }) });
    fc.assert(
      fc.property(byte, ({ at, to }) => {
        const changed = text.slice(0, at) + String.fromCharCode(to) + text.slice(at + 1);
        const { rows, problems } = parsed(changed);
        for (const { id, record } of rows) expect(record).toEqual(records.get(id));
        if (rows.length < records.size) expect(problems.length).toBeGreaterThan(0);
      }),
      { numRuns: 2000 },
    );
  });

  test("names what a truncation, a removed row or a doubled one changed", () => {
    const lines = text.split("\n");
    for (let end = 0; end < text.length - 1; end++)
      expect(parsed(text.slice(0, end)).problems).not.toEqual([]);
    for (const at of [0, 1, 2, 3]) {
      expect(parsed(lines.toSpliced(at, 1).join("\n")).problems).not.toEqual([]);
      expect(parsed(lines.toSpliced(at, 0, lines[at]!).join("\n")).problems).not.toEqual([]);
    }
  });

  test("says that it cannot be decompressed where bytes of it are missing or are another file's", () => {
    for (const broken of [bytes.subarray(0, bytes.length - 9), Buffer.from(text), new Uint8Array()]) {
      const { rows, problems } = parseLedgerFile(broken, "file");
      expect(rows).toEqual([]);
      expect(problems).toEqual([expect.stringMatching(/^file cannot be decompressed \(.+\)\.$/)]);
    }
  });
});
