import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { threads } from "../kernel/index.js";
import { buildLibrary, findPrograms } from "../library/index.js";
import {
  BASIC_PROGRAMS,
  DEFAULT_OPTIONS,
  llama3Tokenizer,
  Model,
  type ModelSizes,
  type Sentence,
  SentenceSource,
  type Tokenizer,
} from "../lm/index.js";
import { seededRandom } from "../machine/index.js";
import { messageOf, SoftmachineError } from "../scheme/index.js";
import { isBackendName, type TensorFlowModule, useBackend } from "../tensor/index.js";
import { Table } from "./table.js";

const classes = 128;
const batch = 64;
const tokens = 16;
const vocabularies = [4096, 128_256];
/** The sizes of the peer's transformer; its heads share no keys. */
const sizes: ModelSizes = {
  ...DEFAULT_OPTIONS,
  hidden: 128,
  layers: 2,
  heads: 4,
  keyValueHeads: 4,
  feedForward: 384,
  operandHeads: "free",
  objective: "direct",
};
const settings = { rate: 1e-3, numeralRate: 1e-3, clipNorm: 1 };

interface Times {
  readonly best: number;
  readonly median: number;
}

/** Milliseconds of each run, after some that only set things up. */
function timesOf(run: () => void, seconds: number): Times {
  const times: number[] = [];
  const end = performance.now() + 1000 * seconds;
  while (performance.now() < end || times.length < 6) {
    const start = performance.now();
    run();
    times.push(performance.now() - start);
  }
  return summary(times.slice(3));
}

function summary(times: readonly number[]): Times {
  const sorted = [...times].sort((a, b) => a - b);
  return { best: sorted[0], median: sorted[Math.floor(sorted.length / 2)] };
}

/** Words that are the numbers of their tokens. */
const numberedTokens = (vocabularySize: number): Tokenizer => ({
  name: "numbered",
  sha256: "",
  vocabularySize,
  encode: (text) => text.trim().split(" ").map(Number),
  tokenText: (id) => `t${id}`,
  vocabularyIds: (id) => [id],
});

/** A step of the transformer that PyTorch runs too: random tokens in, one of some classes out. */
function plainStep(tf: TensorFlowModule, vocabulary: number): { readonly model: Model; readonly step: () => void } {
  const identity = {
    name: "answer",
    operands: 1,
    n: classes,
    values: Uint16Array.from({ length: classes }).map(index),
  };
  const model = new Model(tf, numberedTokens(vocabulary), [identity], sizes, 1);
  const random = seededRandom(1);
  const below = (limit: number) => Math.floor(random() * limit);
  const sentences: Sentence[] = Array.from({ length: batch }, () => ({
    text: Array.from({ length: tokens }, () => below(vocabulary)).join(" "),
    answer: below(classes),
  }));
  return { model, step: () => model.train(sentences, settings) };
}

const index = (_: number, i: number) => i;

/** A step of training in earnest: the library's basic programs, pointing heads, other sentences each time. */
async function libraryStep(tf: TensorFlowModule, hidden: number): Promise<() => void> {
  const found = (await findPrograms()).filter(({ name }) => BASIC_PROGRAMS.includes(name));
  const { library } = await buildLibrary({ programs: found, n: classes, checkN: 4 });
  const programs = library.callable.map(({ name }) => library.table(name));
  const wide: ModelSizes =
    hidden === DEFAULT_OPTIONS.hidden
      ? DEFAULT_OPTIONS
      : { ...sizes, operandHeads: "pointing", objective: "answers", hidden };
  const model = new Model(tf, await llama3Tokenizer(), programs, wide, 1);
  const source = new SentenceSource(programs);
  const random = seededRandom(2);
  return () => {
    const sentences = Array.from({ length: batch }, () => source.draw(random, "train", programs));
    model.train(sentences, settings);
  };
}

interface PeerRow {
  readonly vocabulary: number;
  readonly threads: number;
  readonly best_ms: number;
  readonly median_ms: number;
  readonly version: string;
}

/** @throws SoftmachineError where the peer can't be run. */
function peerRows(python: string, seconds: number): PeerRow[] {
  // The build leaves Python files where they are: beside this file's source.
  const file = fileURLToPath(new URL("../../bench/lm_peer.py", import.meta.url));
  const { hidden, layers, heads, feedForward } = sizes;
  const told = {
    vocabulary: vocabularies,
    threads: [1, 2],
    ...{ seconds, hidden, layers, heads, feed_forward: feedForward, classes, batch, tokens },
  };
  const words = Object.entries(told).flatMap(([name, value]) => [`--${name}`, ...[value].flat().map(String)]);
  const { stdout, stderr, status, error } = spawnSync(python, [file, ...words], { encoding: "utf8" });
  if (status !== 0) throw new SoftmachineError(`${python} can't run the peer: ${error?.message ?? stderr}`);
  return stdout
    .trim()
    .split("\n")
    .map((line): PeerRow => JSON.parse(line));
}

/** What the kernels of TensorFlow.js and ours are for. */
const groups: readonly (readonly [name: string, kernels: readonly string[]])[] = [
  ["matrix products", ["BatchMatMul"]],
  ["gather and scatter", ["GatherV2", "UnsortedSegmentSum"]],
  ["softmax", ["Softmax", "LogSoftmax", "Exp", "Max"]],
  ["sums", ["Sum", "Mean"]],
  ["layout", ["Transpose", "Slice", "Concat", "Reshape", "Identity", "Cast"]],
];
const otherKernels = "pointwise and others";

/** Milliseconds of a step's kernels by what they are for. TensorFlow.js times each of them. */
async function profileOf(tf: TensorFlowModule, step: () => void): Promise<Map<string, number>> {
  const best = new Map<string, number>();
  for (let round = 0; round < 5; round++) {
    const { kernels } = await tf.profile(() => {
      step();
      return [];
    });
    const total = new Map<string, number>();
    for (const { name, kernelTimeMs } of kernels) {
      const group = groups.find(([, names]) => names.includes(name))?.[0] ?? otherKernels;
      total.set(group, (total.get(group) ?? 0) + Number(await kernelTimeMs));
    }
    for (const [name, ms] of total) best.set(name, Math.min(best.get(name) ?? Number.POSITIVE_INFINITY, ms));
  }
  return best;
}

/** @throws SoftmachineError for an option that there is not, or whose value can't be. */
function optionsOf(args: readonly string[]) {
  const usage = "usage: npm run bench -- lm [--python PATH] [--seconds S] [--backend NAME] [--profile]";
  let values: { python?: string; backend: string; seconds: string; profile: boolean };
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        python: { type: "string" },
        backend: { type: "string", default: "wasm" },
        seconds: { type: "string", default: "3" },
        profile: { type: "boolean", default: false },
      },
    }));
  } catch (error) {
    throw new SoftmachineError(`${messageOf(error)}; ${usage}`);
  }
  const { backend, python, profile } = values;
  const seconds = Number(values.seconds);
  if (!isBackendName(backend)) throw new SoftmachineError(`there is no backend "${backend}"; ${usage}`);
  if (!(seconds > 0 && Number.isFinite(seconds))) throw new SoftmachineError(`--seconds is no time; ${usage}`);
  return { backend, seconds, python, profile };
}

/**
 * A training step with Adam beside PyTorch's, where `--python` names a Python that has it: 2 layers 128 wide with 4 heads, 64
 * texts of 16 tokens, a head of 128 classes at the last position, vocabularies of 4,096 and 128,256. Then a step of training
 * on the library's basic programs. `--profile` says where the time goes, `--seconds S` how long to time each (3),
 * `--backend` on which backend (wasm).
 */
export async function main(args: readonly string[]): Promise<void> {
  const { backend, seconds, python, profile } = optionsOf(args);
  const tf = await useBackend(backend);
  const steps = vocabularies.map((vocabulary) => ({ vocabulary, ...plainStep(tf, vocabulary) }));
  // Before and after the peer, so that what else the machine does falls on both.
  const before = steps.map(({ step }) => timesOf(step, seconds / 2));
  const peer = python === undefined ? [] : peerRows(python, seconds);
  const after = steps.map(({ step }) => timesOf(step, seconds / 2));
  if (peer.length > 0) console.log(`PyTorch ${peer[0].version}; ours: ${backend}, ${threads()} threads at most\n`);
  const table = new Table(
    ["step", "vocabulary", "best ms", "median ms", "PyTorch 1 thread", "2 threads", "ratio to 1", "to 2"],
    [8, 10, 7, 9, 16, 9, 10, 5],
  );
  for (const [i, { vocabulary }] of steps.entries()) {
    const best = Math.min(before[i].best, after[i].best);
    const [one, two] = [1, 2].map(
      (count) => peer.find((row) => row.vocabulary === vocabulary && row.threads === count)?.best_ms,
    );
    const ratio = (ms: number | undefined) => (ms === undefined ? undefined : best / ms);
    const name = vocabulary.toLocaleString("en-US");
    table.row(["plain", name, best, after[i].median, one, two, ratio(one), ratio(two)]);
  }
  const real = await Promise.all(
    [DEFAULT_OPTIONS.hidden, sizes.hidden].map(async (hidden) => ({ hidden, step: await libraryStep(tf, hidden) })),
  );
  for (const { hidden, step } of real) {
    const { best, median } = timesOf(step, seconds);
    table.row([`library, ${hidden} wide`, "128,256", best, median]);
  }
  console.log(
    "\nBest of each. PyTorch's Adam updates every row of the embedding table, ours those of the batch's tokens; PyTorch computes the last layer at every position, ours at the last.",
  );
  if (!profile) return;
  for (const [name, step] of [
    ["plain, 4,096", steps[0].step],
    ...real.map(({ hidden, step: run }) => [`library, ${hidden} wide`, run] as const),
  ] as const) {
    const { best } = timesOf(step, seconds);
    const parts = [...(await profileOf(tf, step))].sort(([, a], [, b]) => b - a);
    const inKernels = parts.reduce((sum, [, ms]) => sum + ms, 0);
    console.log(`\n${name}: where ${best.toFixed(1)} ms go`);
    const shares = new Table(["part", "ms", "%"], [28, 7, 5]);
    for (const [part, ms] of [...parts, ["outside kernels", Math.max(0, best - inKernels)] as const])
      shares.row([part, Number(ms.toFixed(2)), (100 * ms) / best]);
  }
}
