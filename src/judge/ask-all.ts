import { setTimeout } from "node:timers/promises";
import { type AnswerCache, type ChatRequest, requestId } from "./answer-cache.ts";
import { type Budget, estimatedTokens, type Prices } from "./budget.ts";
import { type Ask, type ChatAnswer, RequestError } from "./chat-request.ts";
import type { JudgeHooks } from "./judge.ts";
import { type Meter, openMeter } from "./meter.ts";

/** How many requests are made, and how fast. */
export interface Pace {
  /** Requests at a time, default 8. */
  readonly concurrency?: number;
  /** Requests in a minute, evenly spaced; default no bound. */
  readonly requestsPerMinute?: number;
  /** How often a request that failed is repeated, default 6. */
  readonly retries?: number;
  /** Seconds before the first repetition, default 1; each further pause is twice as long, up to a minute. */
  readonly firstPause?: number;
}

/** An answer, or the error of the last of all tries. */
export type Asked = ChatAnswer | RequestError;

/** What `askAll` uses besides the requests. */
export interface Asking extends JudgeHooks {
  readonly cache: AnswerCache;
  readonly pace: Pace;
  readonly budget: Budget;
  readonly prices: Prices | undefined;
  /** Opens the server. Called only if an answer is missing. */
  open(): Promise<Ask>;
}

/** After as many requests in a row that failed in all tries, the server is taken to be down. */
const MOST_FAILURES = 5;
/** The longest pause that a server may ask for, in milliseconds. */
const LONGEST_WAIT = 600_000;

/**
 * The answers to requests, in their order: from the cache, or else from the server, each written to the cache as soon as it
 * is there. Equal requests are made once. Requests that fail are repeated after growing pauses, and not before the time
 * that the server asks for. Throws if no request can work, if the server seems to be down or gives no answer at all, if the
 * budget is used up or if the signal is given. Except in the last case, answers that are under way are waited for and kept.
 */
export async function askAll(requests: readonly ChatRequest[], asking: Asking): Promise<Asked[]> {
  const { cache, budget, prices, signal, onProgress } = asking;
  const ids = requests.map(requestId);
  const answers = new Map<string, Asked>();
  const missing = new Map<string, ChatRequest>();
  for (const [at, request] of requests.entries()) {
    const id = ids[at]!;
    if (answers.has(id) || missing.has(id)) continue;
    const known = cache.read(request);
    if (known === undefined) missing.set(id, request);
    else answers.set(id, known);
  }
  const meter = openMeter(budget, prices);
  const [total, cached, started] = [answers.size + missing.size, answers.size, performance.now()];
  const report = () => {
    const made = answers.size - cached;
    const pace = (performance.now() - started) / 1000 / made;
    const secondsLeft = made > 0 ? { secondsLeft: pace * (total - answers.size) } : {};
    onProgress?.({ done: answers.size, total, ...secondsLeft, used: meter.used() });
  };
  report();
  if (missing.size > 0) {
    const stop = new AbortController();
    const signals = { now: signal, soon: AbortSignal.any([stop.signal, ...(signal ? [signal] : [])]) };
    const send = await openSender(asking, meter, signals);
    let failures = 0;
    const failed = (id: string, error: unknown) => {
      if (signals.soon.aborted) return;
      const isLast = !(error instanceof RequestError) || error.isFatal || ++failures === MOST_FAILURES;
      if (isLast) return stop.abort(error);
      answers.set(id, error);
      report();
    };
    const kept = (id: string, request: ChatRequest, answer: ChatAnswer) => {
      cache.write(request, answer);
      answers.set(id, answer);
      failures = 0;
      report();
    };
    const sent = [...missing].map(([id, request]) =>
      send(
        request,
        (answer) => kept(id, request, answer),
        (error) => failed(id, error),
      ),
    );
    await Promise.all(sent);
    signal?.throwIfAborted();
    if (stop.signal.aborted) throw stopped(stop.signal.reason, answers, total);
    const [first] = answers.values();
    const isAnswered = [...answers.values()].some((answer) => !(answer instanceof RequestError));
    if (!isAnswered) throw stopped(first, answers, total);
  }
  return ids.map((id) => answers.get(id)!);
}

/** The error that ends a run, with what is kept. */
function stopped(reason: unknown, answers: ReadonlyMap<string, Asked>, total: number): Error {
  const kept = [...answers.values()].filter((answer) => !(answer instanceof RequestError)).length;
  const message = (reason instanceof Error ? reason.message : String(reason)).replace(/\.$/, "");
  return new Error(`${message}. ${kept} of ${total} answers are kept: run the same again for the others.`);
}

/** `now` ends requests under way, `soon` pauses and requests that have not begun. */
interface Signals {
  readonly now: AbortSignal | undefined;
  readonly soon: AbortSignal;
}

/**
 * Makes one request with its repetitions and hands over the answer. A request keeps its place among those at a time while it
 * pauses, so that a server that is down is not asked faster than that.
 */
async function openSender({ open, pace }: Asking, meter: Meter, { now, soon }: Signals) {
  const { concurrency = 8, requestsPerMinute, retries = 6, firstPause = 1 } = pace;
  const [{ default: PQueue }, { default: pRetry }] = await Promise.all([
    import("p-queue"),
    import("p-retry"),
  ]);
  const ask = await open();
  const places = new PQueue({ concurrency });
  const turns =
    requestsPerMinute === undefined
      ? undefined
      : new PQueue({ interval: 60_000 / requestsPerMinute, intervalCap: 1, strict: true });
  let notBefore = 0;
  const myTurn = async () => {
    await turns?.add(() => {});
    for (let left = notBefore - performance.now(); left > 0; left = notBefore - performance.now())
      await setTimeout(left, undefined, { signal: soon });
    soon.throwIfAborted();
  };
  const attempt = async (request: ChatRequest, keep: (answer: ChatAnswer) => void) => {
    await myTurn();
    const estimated = estimatedTokens(request.message, request.parameters);
    meter.begin(estimated);
    let used = { input: estimated.input, output: 0 };
    let answer: ChatAnswer;
    try {
      answer = await ask(request.message, now);
      used = answer.tokens ?? estimated;
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      if (error.wait > LONGEST_WAIT) throw tooLong(error);
      notBefore = Math.max(notBefore, performance.now() + error.wait);
      throw error;
    } finally {
      meter.end(estimated, used);
    }
    // Before p-retry sees it, which drops what comes after its signal.
    keep(answer);
  };
  return (request: ChatRequest, keep: (answer: ChatAnswer) => void, failed: (error: unknown) => void) =>
    places.add(() =>
      pRetry(() => attempt(request, keep), {
        retries,
        minTimeout: 1000 * firstPause,
        maxTimeout: 60_000,
        randomize: true,
        signal: soon,
        shouldRetry: ({ error }) => error instanceof RequestError && !error.isFatal,
      }).catch(failed),
    );
}

function tooLong({ message, wait }: RequestError): RequestError {
  return new RequestError(`${message}, and asks to wait ${Math.ceil(wait / 60_000)} minutes`, {
    isFatal: true,
  });
}
