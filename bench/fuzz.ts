import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { type FuzzCase, fuzzCases } from "./fuzz/cases.js";
import { checkCase } from "./fuzz/checks.js";
import { Disagreement } from "./fuzz/outcomes.js";
import { shrink } from "./fuzz/shrink.js";
import type { Tally } from "./fuzz/subject.js";

/** Programs between two looks at the clock and at Ctrl-C, with a seed of their own. */
const round = 20;

export interface FuzzResult {
  readonly programs: number;
  readonly tally: Tally;
  /** What was found: the seed that finds it again, the shrunk program and what differs. */
  readonly failure?: string;
}

export interface FuzzOptions {
  readonly programs: number;
  readonly seed: number;
  /** What must hold of each; `checkCase` if not given. */
  readonly check?: (one: FuzzCase, tally: Tally) => void;
  /** Called now and then with how many ran; fuzzing ends when it gives false. */
  readonly proceed?: (programs: number) => boolean | Promise<boolean>;
}

/** What a check says of a program; undefined where it holds. */
function faultOf(one: FuzzCase, check: Required<FuzzOptions>["check"]): string | undefined {
  try {
    check(one, { compared: {}, skipped: {} });
    return undefined;
  } catch (error) {
    if (error instanceof Disagreement) return error.message;
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

/** A program that fails, made as small as it still fails in the same way, and what is wrong. */
function explained(one: FuzzCase, check: Required<FuzzOptions>["check"]): string {
  const kindOf = (source: string) => faultOf({ ...one, source }, check)?.split(/[\n:]/)[0];
  const kind = kindOf(one.source);
  const source = shrink(one.source, ["0", "1", ...Object.keys(one.inputs)], (smaller) => kindOf(smaller) === kind);
  const face = `inputs ${JSON.stringify(one.inputs)}, value ${JSON.stringify(one.shape)}, ${one.kind}`;
  return [source, face, faultOf({ ...one, source }, check)].join("\n");
}

/** Runs random programs in every way there is, and compares, until two ways differ. */
export async function fuzz({
  programs,
  seed,
  check = checkCase,
  proceed = () => true,
}: FuzzOptions): Promise<FuzzResult> {
  const tally: Tally = { compared: {}, skipped: {} };
  let done = 0;
  while (done < programs && (await proceed(done))) {
    const numRuns = Math.min(round, programs - done);
    const here = seed + done;
    const property = fc.property(fuzzCases, (one) => check(one, tally));
    const result = fc.check(property, { numRuns, seed: here });
    done += result.numRuns;
    if (result.failed) {
      const again = `seed ${here} (npm run fuzz -- --seed ${here} --programs ${numRuns})`;
      const [found] = result.counterexample ?? [];
      return { programs: done, tally, failure: found ? `${again}\n${explained(found, check)}` : again };
    }
  }
  return { programs: done, tally };
}

function summary({ programs, tally, failure }: FuzzResult, seconds: number): string {
  const list = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(([what, count]) => `  ${String(count).padStart(9)}  ${what}`);
  return [
    `${programs} programs in ${Math.round(seconds)} s${failure === undefined ? ", none of which differs" : ""}`,
    "compared:",
    ...list(tally.compared),
    "nothing to compare:",
    ...list(tally.skipped),
  ].join("\n");
}

const usage = "usage: npm run fuzz -- [--programs 10000] [--seed S]";

/**
 * Random programs through reference, slots, kernels, derivatives and register machine. Ends with a summary, on Ctrl-C too;
 * where two ways differ, with the seed, the shrunk program, its inputs and what each gave, and exit status 1.
 */
export async function main(args: readonly string[]): Promise<void> {
  const given = new Map<string, number>();
  for (let i = 0; i < args.length; i += 2) given.set(args[i], Number(args[i + 1]));
  if (
    [...given].some(
      ([name, value]) => !["--programs", "--seed"].includes(name) || !Number.isInteger(value) || value < 0,
    )
  ) {
    console.error(usage);
    process.exitCode = 2;
    return;
  }
  const programs = given.get("--programs") ?? 10_000;
  const seed = given.get("--seed") ?? Math.floor(Date.now() / 1000);
  console.error(`seed ${seed}`);
  let stopped = false;
  const stop = () => {
    stopped = true;
  };
  process.once("SIGINT", stop);
  const start = performance.now();
  let shown = start;
  const result = await fuzz({
    programs,
    seed,
    proceed: async (done) => {
      await setImmediate();
      if (performance.now() - shown > 5000) {
        shown = performance.now();
        console.error(`${done} of ${programs}, ${Math.round((done * 1000) / (shown - start))} a second`);
      }
      return !stopped;
    },
  });
  process.removeListener("SIGINT", stop);
  console.log(summary(result, (performance.now() - start) / 1000));
  if (result.failure !== undefined) {
    console.log(`\nTwo ways differ:\n${result.failure}`);
    process.exitCode = 1;
  }
}
