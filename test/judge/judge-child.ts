import { chatJudge } from "../../src/judge/chat-judge.ts";
import { judgedWinRate } from "../../src/judge/judged-win-rate.ts";

/* Judges contests in a process of its own: the arguments are a base URL, a folder of answers and a number of contests. */

const [baseUrl = "", folder = "", count = ""] = process.argv.slice(2);
const contests = Array.from({ length: Number(count) }, (_, at) => ({
  seed: 1,
  text: { prompt: `post ${at}`, completion: `one${".".repeat(at % 5)}`, reference: "two" },
}));
const judge = chatJudge({ model: "judge", baseUrl, folder, concurrency: 2 });
process.stdout.write(JSON.stringify(await judgedWinRate(judge, contests, { print: () => {} })));
