import { z } from "zod";
import { readData, validated } from "../files/data-files.ts";

const file = "data/paper/winrates.json";

const source = z.strictObject({ name: z.string().min(1), where: z.string().min(1) });
const schema = z
  .strictObject({
    paper: z.strictObject({
      title: z.string(),
      authors: z.array(z.string()).min(1),
      venue: z.string(),
      arxiv: z.string(),
    }),
    note: z.string(),
    sources: z.record(z.string(), source),
    metric: z.strictObject({
      name: z.string(),
      unit: z.literal("percent"),
      protocol: z.string(),
      source: z.string(),
    }),
    rows: z
      .array(
        z.strictObject({
          id: z.string(),
          name: z.string(),
          source: z.string(),
          winRate: z.record(z.string(), z.number().min(0).max(100).nullable()),
        }),
      )
      .min(1),
  })
  .superRefine(({ sources, metric, rows }, context) => {
    const cited = [
      { path: ["metric", "source"], source: metric.source },
      ...rows.map((row, at) => ({ path: ["rows", at, "source"], source: row.source })),
    ];
    for (const { path, source } of cited)
      if (!(source in sources))
        context.addIssue({ code: "custom", path, message: `"${source}" is not among \`sources\`` });
  });

/** The paper's win rates in percent by model and arm's id, each row with its source; null if none was found. */
export type Published = z.output<typeof schema>;

/** The paper's main comparison as given by public sources. Throws if the file is not valid. */
export function readPublished(): Published {
  return parsePublished(readData(file));
}

/** The same from JSON text. */
export function parsePublished(text: string): Published {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is not JSON: ${(error as Error).message}.`);
  }
  return validated(schema, value, file);
}
