import { compile } from "../direct/index.js";
import { messageOf, SoftmachineError } from "../scheme/index.js";
import { type PeerAnswers, type Peers, startPeers } from "./peers.js";
import { type BenchProgram, largePrograms, loopPrograms, smallPrograms, spread } from "./programs.js";
import { type Cell, Table } from "./table.js";
import { microseconds } from "./timing.js";

type Dtype = "float32" | "float64";

/** Microseconds a call. */
interface Times {
  readonly prepared: number;
  readonly plain: number;
}

/** A case of the table: what we took, and what each peer did. */
export interface Timing {
  readonly program: string;
  readonly dtype: Dtype;
  readonly rows: number;
  readonly value: Times;
  readonly gradient: Times;
  readonly peers: PeerAnswers;
}

const batches = [1, 100, 10_000, 1_000_000] as const;
const dtypes = ["float32", "float64"] as const;
/** Ours and the peers' take turns, and the best of each counts. */
const turns = 2;
/** Bytes of intermediate results above which no peer is asked: they would not fit in memory. */
const mostPeerBytes = 2e9;

const least = (a: Times, b: Times): Times => ({
  prepared: Math.min(a.prepared, b.prepared),
  plain: Math.min(a.plain, b.plain),
});

/** Times one program at one size, in turns with the peers. `seconds` bounds each measurement. */
export async function timed(
  program: BenchProgram,
  dtype: Dtype,
  rows: number,
  peers: Peers | undefined,
  seconds: number,
): Promise<Timing> {
  const module = compile(program.source, { dtype });
  const prepared = module.prepare(rows);
  const columns: Record<string, Float32Array | Float64Array> = {};
  for (const [i, [name, range]] of Object.entries(program.inputs).entries()) {
    const numbers = spread(range, rows, i);
    columns[name] = dtype === "float32" ? Float32Array.from(numbers) : numbers;
    prepared.inputs[name].set(numbers);
  }
  const operations = program.source.split("(").length;
  const fits = 2 * operations * rows * (dtype === "float32" ? 4 : 8) <= mostPeerBytes;
  const none = { prepared: Number.POSITIVE_INFINITY, plain: Number.POSITIVE_INFINITY };
  let [value, gradient]: Times[] = [none, none];
  let answers: PeerAnswers = {};
  for (let turn = 0; turn < (peers ? turns : 1); turn++) {
    const once = {
      prepared: microseconds(prepared.run, seconds),
      plain: microseconds(() => module.batch(columns), seconds),
    };
    const both = {
      prepared: microseconds(prepared.runGradient, seconds),
      plain: microseconds(() => module.batchGradient(columns), seconds),
    };
    [value, gradient] = [least(value, once), least(gradient, both)];
    if (peers && fits) answers = fastest(answers, await peers.ask({ program, dtype, rows, seconds }));
  }
  prepared.run();
  const mean = [...prepared.output].reduce((sum, x) => sum + x, 0) / rows;
  for (const [peer, answer] of Object.entries(answers))
    if ("mean" in answer && !(Math.abs(answer.mean - mean) <= 1e-3 * Math.max(1, Math.abs(mean))))
      throw new SoftmachineError(`${program.name} means ${mean} here and ${answer.mean} by ${peer}`);
  return { program: program.name, dtype, rows, value, gradient, peers: answers };
}

function fastest(before: PeerAnswers, after: PeerAnswers): PeerAnswers {
  return Object.fromEntries(
    Object.entries(after).map(([peer, b]) => {
      const a = before[peer];
      if (!a || "error" in a || "error" in b) return [peer, b];
      const [value, gradient] = [Math.min(a.value, b.value), Math.min(a.gradient, b.gradient)];
      return [peer, { ...a, value, gradient, first: Math.min(a.first, b.first) }];
    }),
  );
}

/** The fastest peer at something. */
export function best(
  answers: PeerAnswers,
  what: "value" | "gradient" | "first",
): { peer: string; time: number } | undefined {
  const times = Object.entries(answers).flatMap(([peer, answer]) =>
    "error" in answer ? [] : [{ peer, time: answer[what] }],
  );
  return times.sort((a, b) => a.time - b.time)[0];
}

const initials: Readonly<Record<string, string>> = {
  "PyTorch eager": "eager",
  "torch.compile": "compile",
  "JAX jit": "jax",
};

function cells({ program, dtype, rows, peers, ...ours }: Timing): Cell[] {
  const half = (what: "value" | "gradient"): Cell[] => {
    const peer = best(peers, what);
    const { prepared, plain } = ours[what];
    return [
      prepared,
      plain,
      peer?.time,
      peer && (initials[peer.peer] ?? peer.peer),
      peer && peer.time / prepared,
      peer && peer.time / plain,
    ];
  };
  return [program, dtype, rows, ...half("value"), ...half("gradient")];
}

const head = [
  "program",
  "dtype",
  "batch",
  ...["value", "gradient"].flatMap((what) => [what, "plain", "peer", "best", "ratio", "plain"]),
];
const widths = [14, 7, 9, ...[0, 1].flatMap(() => [9, 9, 9, 7, 6, 6])];

/** How many times as fast as the best peer, at a batch of 10,000 in float32. */
export function aimOf(program: BenchProgram): { value: number; gradient: number } {
  const isEasyForPeers = program.name === "add" || /\((sin|exp) /.test(program.source);
  return { value: isEasyForPeers ? 1.5 : 3, gradient: 5 };
}

/** Which programs reach their aim, prepared and plain. */
export function aims(timings: readonly Timing[]): string[] {
  return timings.flatMap((timing) => {
    const program = smallPrograms.find(({ name }) => name === timing.program);
    if (!program || timing.rows !== 10_000 || timing.dtype !== "float32") return [];
    const aim = aimOf(program);
    return (["value", "gradient"] as const).flatMap((what) => {
      const peer = best(timing.peers, what);
      if (!peer) return [];
      const said = (how: keyof Times) => {
        const ratio = peer.time / timing[what][how];
        return `${how} ${ratio.toFixed(1)}x ${ratio >= aim[what] ? "reached" : "missed"}`;
      };
      return [`${program.name}, ${what}, aim ${aim[what]}x: ${said("prepared")}, ${said("plain")}`];
    });
  });
}

/** Microseconds from a prepared batch to its first values. Equal programs share a kernel, so this is one like it. */
function firstRun(source: string, dtype: Dtype, variant: number): number {
  const like = source.includes("(define ") ? source : `(+ ${variant / 8} ${source})`;
  const fresh = compile(like, { dtype, iterations: 1_000_000 + variant }).prepare(100);
  const start = performance.now();
  fresh.run();
  return (performance.now() - start) * 1000;
}

async function single(programs: readonly BenchProgram[], peers: Peers | undefined, seconds: number): Promise<void> {
  console.log(
    "\nMicroseconds from source to first value, of one value, of one gradient, and of a kernel's first run; a peer's first value",
  );
  const table = new Table(
    ["program", "dtype", "compile", "evaluate", "gradient", "kernel", "peer", "best"],
    [14, 7, 9, 9, 9, 9, 9, 7],
  );
  for (const program of programs)
    for (const dtype of dtypes) {
      const { source, inputs } = program;
      const one = Object.fromEntries(Object.entries(inputs).map(([name, [low, high]]) => [name, (low + high) / 2]));
      const module = compile(source, { dtype });
      const compiled = microseconds(() => compile(source, { dtype }).evaluate(one), seconds);
      const kernel = Math.min(...[1, 2, 3].map((k) => firstRun(source, dtype, k)));
      const peer = peers && best(await peers.ask({ program, dtype, rows: 100, seconds: 0 }), "first");
      table.row([
        program.name,
        dtype,
        compiled,
        microseconds(() => module.evaluate(one), seconds),
        microseconds(() => module.gradient(one), seconds),
        kernel,
        peer?.time,
        peer && (initials[peer.peer] ?? peer.peer),
      ]);
    }
}

const usage =
  "usage: npm run bench -- exact [--python PATH] [--only PROGRAM] [--batch ROWS] [--dtype float32] [--seconds S]";

/**
 * The exact path, in microseconds: batches with and without their gradient, prepared and by the plain call, which copies;
 * loops; compile time and single evaluations. `--python` names a Python with PyTorch or JAX, which then run in turns with
 * us; ratios are the best peer's time to ours. `--batch` times one size of batch alone, `--only` one program.
 */
export async function main(args: readonly string[]): Promise<void> {
  const options = new Map<string, string>();
  for (let i = 0; i < args.length; i += 2) options.set(args[i], args[i + 1] ?? "");
  const number = (name: string, otherwise: number) => Number(options.get(name) ?? otherwise);
  const [seconds, batch] = [number("--seconds", 0.2), number("--batch", 1)];
  const isKnown = [...options.keys()].every((name) =>
    ["--python", "--only", "--batch", "--dtype", "--seconds"].includes(name),
  );
  const kinds = dtypes.filter((dtype) => !options.has("--dtype") || options.get("--dtype") === dtype);
  if (!isKnown || kinds.length === 0 || !(seconds >= 0) || !(batch >= 1) || !Number.isInteger(batch)) {
    console.error(usage);
    process.exitCode = 2;
    return;
  }
  const only = options.get("--only");
  const chosen = (programs: readonly BenchProgram[]) =>
    programs.filter(({ name }) => only === undefined || name === only);
  const sizes = options.has("--batch") ? [batch] : batches;
  const python = options.get("--python");
  let peers: Peers | undefined;
  try {
    peers = python === undefined ? undefined : await startPeers(python);
    for (const note of peers?.notes ?? []) console.log(note);
    console.log(
      "Microseconds a call: a prepared batch, the plain call, the fastest peer; how many times as long as each of ours it takes",
    );
    const table = new Table(head, widths);
    const timings: Timing[] = [];
    const add = async (program: BenchProgram, dtype: Dtype, rows: number) => {
      const timing = await timed(program, dtype, rows, peers, seconds);
      timings.push(timing);
      table.row(cells(timing));
      for (const [peer, answer] of Object.entries(timing.peers))
        if ("error" in answer) console.log(`  ${peer}: ${answer.error}`);
    };
    const straight = chosen([...smallPrograms, ...largePrograms]);
    for (const program of straight)
      for (const dtype of kinds) for (const rows of sizes) await add(program, dtype, rows);
    for (const program of chosen(loopPrograms)) for (const dtype of kinds) await add(program, dtype, 256);
    await single([...straight, ...chosen(loopPrograms)], peers, seconds);
    const reached = aims(timings);
    if (reached.length > 0) console.log(["\nAims, at a batch of 10,000 in float32", ...reached].join("\n"));
  } catch (error) {
    if (!(error instanceof SoftmachineError)) throw error;
    console.error(messageOf(error));
    process.exitCode = 1;
  } finally {
    peers?.close();
  }
}
