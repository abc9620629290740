import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { seededRandom } from "../machine/index.js";
import { readProgram } from "../scheme/index.js";
import { modulus, type Path, paths, type Subject, subjectOf } from "./agreement/paths.js";
import { integerCases } from "./fuzz/cases.js";
import { show } from "./fuzz/outcomes.js";

/** How often a path was compared with the reference, and how often it had nothing to compare. */
export interface PathCount {
  compared: number;
  agreed: number;
  skipped: number;
}

export interface AgreementResult {
  readonly programs: number;
  /** Pairs of a program and its inputs on which the reference ends. */
  readonly inputs: number;
  readonly paths: Readonly<Record<string, PathCount>>;
  /** The programs and inputs on which a path differs, the first few. */
  readonly disagreements: readonly string[];
}

export interface AgreementOptions {
  readonly programs: number;
  readonly seed: number;
  /** Inputs for each program. */
  readonly inputs?: number;
  readonly paths?: readonly Path[];
  /** Called now and then with how many programs ran; counting ends when it gives false. */
  readonly proceed?: (programs: number) => boolean | Promise<boolean>;
}

/** Programs between two looks at the clock, and disagreements that are told. */
const round = 10;
const mostTold = 5;

/** Runs random programs on whole numbers on every path, and counts how often each gives what the reference does. */
export async function agreement(options: AgreementOptions): Promise<AgreementResult> {
  const { programs, seed, inputs: tuples = 8, paths: compared = paths, proceed = () => true } = options;
  const counts: Record<string, PathCount> = Object.fromEntries(
    compared.map(({ name }) => [name, { compared: 0, agreed: 0, skipped: 0 }]),
  );
  const disagreements: string[] = [];
  let [done, inputs] = [0, 0];
  const check = (subject: Subject) => {
    inputs += subject.rows.length;
    for (const { name, run } of compared) {
      run(subject).forEach((verdict, row) => {
        const count = counts[name];
        if (verdict === undefined) {
          count.skipped++;
          return;
        }
        count.compared++;
        if (verdict.right) count.agreed++;
        else if (disagreements.length < mostTold)
          disagreements.push(`${name}: ${show(verdict.found)}\n${subject.source}\n${show(subject.rows[row])}`);
      });
    }
  };
  while (done < programs && (await proceed(done))) {
    const numRuns = Math.min(round, programs - done);
    for (const { source, seed: drawn } of fc.sample(integerCases, { numRuns, seed: seed + done })) {
      const program = readProgram(source);
      const random = seededRandom(drawn);
      const draw = () => program.inputs.map(() => Math.floor(random() * modulus));
      check(subjectOf(source, program, Array.from({ length: program.inputs.length === 0 ? 1 : tuples }, draw)));
      done++;
    }
  }
  return { programs: done, inputs, paths: counts, disagreements };
}

const usage = "usage: npm run bench -- agreement [--programs 2000] [--seed S] [--seconds T]";

/**
 * How many random programs on whole numbers agree with the reference on how many inputs and on which paths. Ends after so
 * many programs or seconds, or on Ctrl-C; with one line of JSON, and exit status 1 where a path differs.
 */
export async function main(args: readonly string[]): Promise<void> {
  const given = new Map<string, number>();
  for (let i = 0; i < args.length; i += 2) given.set(args[i], Number(args[i + 1]));
  const known = ["--programs", "--seed", "--seconds"];
  if ([...given].some(([name, value]) => !known.includes(name) || !Number.isInteger(value) || value < 0)) {
    console.error(usage);
    process.exitCode = 2;
    return;
  }
  const seconds = given.get("--seconds") ?? Number.POSITIVE_INFINITY;
  const programs = given.get("--programs") ?? (Number.isFinite(seconds) ? Number.MAX_SAFE_INTEGER : 2000);
  const seed = given.get("--seed") ?? Math.floor(Date.now() / 1000);
  let stopped = false;
  const stop = () => {
    stopped = true;
  };
  process.once("SIGINT", stop);
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  const result = await agreement({
    programs,
    seed,
    proceed: async () => {
      await setImmediate();
      return !stopped && elapsed() < seconds;
    },
  });
  process.removeListener("SIGINT", stop);
  for (const text of result.disagreements) console.error(`${text}\n`);
  for (const [name, { compared, agreed, skipped }] of Object.entries(result.paths))
    console.log(`${String(agreed).padStart(9)} of ${String(compared).padStart(9)} agree, ${skipped} not run: ${name}`);
  const sum = (of: keyof PathCount) => Object.values(result.paths).reduce((total, count) => total + count[of], 0);
  const line = { bench: "agreement", seed, n: modulus, seconds: Math.round(elapsed()), ...result };
  console.log(JSON.stringify({ ...line, compared: sum("compared"), agreed: sum("agreed") }));
  if (sum("agreed") < sum("compared")) process.exitCode = 1;
}
