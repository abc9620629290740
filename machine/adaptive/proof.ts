/** Whether a hard program is right on every input that a task has. */
import { checkWholeNumber, instructions } from "../../assembler/index.js";
import { ExactMachine, entryOf } from "../exact.js";
import { seededRandom } from "../random-soft-program.js";
import { type Choose, everyOutcome, randomly, replay, shrink } from "./choices.js";
import type { AdaptationTask, Example, HardProgram } from "./task.js";

/** An input that a program gets wrong. */
export interface Counterexample {
  readonly operands: readonly number[];
  /** What memory holds at first; undefined for a cell that makes no difference. */
  readonly memory: readonly (number | undefined)[];
  /** What is wrong, such as `cell 0 holds 3, not 7`. */
  readonly wrong: string;
}

/** What a proof has found. */
export interface Verdict {
  readonly proved: boolean;
  /** Whether every input was covered, rather than some at random. */
  readonly exhaustive: boolean;
  /** Runs done. One stands for all inputs that differ only in cells that it never reads. */
  readonly runs: number;
  /** The expected number of steps, `halt` included, over the task's inputs; of those tried where it failed. */
  readonly meanSteps: number;
  readonly mostSteps: number;
  /** The smallest one: no choice that leads to it can be lowered alone. */
  readonly counterexample?: Counterexample;
}

export interface ProofOptions {
  /** The most runs of an exhaustive proof; beyond it inputs are drawn at random. Default a million. */
  readonly mostRuns?: number;
  /** How many are drawn then. Default 100,000. */
  readonly samples?: number;
  readonly seed?: number;
}

/**
 * Runs a program on the exact machine from every input that its task has, or where these are too many from some at
 * random. Cells that hold any value of a range are chosen only when a run reads them, so that a few runs can cover more
 * inputs than could be counted.
 */
export function prove(task: AdaptationTask, program: HardProgram, options: ProofOptions = {}): Verdict {
  const { mostRuns = 1_000_000, samples = 100_000, seed = 1 } = options;
  checkWholeNumber("the runs of a proof", mostRuns, 1);
  checkWholeNumber("the samples of a proof", samples, 1);
  const run = runner(task, program);
  const all = exhaustively(run, mostRuns);
  return all ?? atRandom(run, samples, seed);
}

/** How a run ended. */
interface Ending {
  readonly steps: number;
  readonly failure: Counterexample | undefined;
}

/** A run of a program from an example of a task, in each way to choose. */
export function runner(task: AdaptationTask, { image, constants }: HardProgram): (choose: Choose) => Ending {
  const machine = new ExactMachine(image);
  const entry = entryOf(image, task.program);
  return (choose) => {
    const example = task.example(choose);
    const { operands = [], memory = [] } = example;
    const cells = new LazyMemory(memory, choose);
    machine.start(entry, [...operands, ...constants]);
    memory.forEach((cell, i) => {
      machine.memory[i] = typeof cell === "number" ? cell : 0;
    });
    advance(machine, image, cells, task.steps);
    const wrong = wrongness(machine, example, cells);
    const failure = wrong === undefined ? undefined : { operands, memory: cells.first, wrong };
    return { steps: machine.steps, failure };
  };
}

/** What memory holds at first, chosen when it is first asked for. */
class LazyMemory {
  readonly first: (number | undefined)[];
  /** Cells yet to be chosen, and not written to. */
  readonly open: Set<number>;

  constructor(
    private readonly cells: NonNullable<Example["memory"]>,
    private readonly choose: Choose,
  ) {
    this.first = cells.map((cell) => (typeof cell === "number" ? cell : undefined));
    this.open = new Set(cells.flatMap((cell, i) => (typeof cell === "number" ? [] : [i])));
  }

  /** What a cell held at first. */
  at(cell: number): number {
    const given = this.cells[cell] ?? 0;
    if (typeof given === "number") return given;
    const value = this.first[cell] ?? this.choose(given.low, given.high);
    this.first[cell] = value;
    return value;
  }
}

function advance(machine: ExactMachine, image: HardProgram["image"], cells: LazyMemory, steps: number): void {
  const { op, a } = image.instructions;
  while (cells.open.size > 0 && !machine.halted && machine.steps < steps) {
    const { line } = machine;
    if (op[line] === instructions.read.number || op[line] === instructions.write.number) {
      const cell = machine.registers[a[line]] % image.memorySize;
      if (cells.open.delete(cell)) machine.memory[cell] = op[line] === instructions.read.number ? cells.at(cell) : 0;
    }
    machine.advance(1);
  }
  machine.advance(steps - machine.steps);
}

/** What is wrong about a run's end, if anything. */
function wrongness(machine: ExactMachine, { cells = [], result }: Example, memory: LazyMemory): string | undefined {
  if (!machine.halted) return `it has not halted after ${machine.steps} steps`;
  for (const [cell, value] of cells) {
    // What was neither read nor written is as it was.
    if (typeof value !== "number" && value.of === cell && memory.open.has(cell)) continue;
    const wanted = typeof value === "number" ? value : memory.at(value.of);
    const holds = memory.open.has(cell) ? memory.at(cell) : machine.memory[cell];
    if (holds !== wanted) return `cell ${cell} holds ${holds}, not ${wanted}`;
  }
  if (result !== undefined && machine.registers[0] !== result) {
    return `r0 holds ${machine.registers[0]}, not ${result}`;
  }
  return undefined;
}

function exhaustively(run: (choose: Choose) => Ending, mostRuns: number): Verdict | undefined {
  let [runs, mean, most, covered] = [0, 0, 0, 0];
  for (const { result, choices, probability } of everyOutcome(run)) {
    if (++runs > mostRuns) return undefined;
    mean += probability * result.steps;
    covered += probability;
    most = Math.max(most, result.steps);
    if (result.failure !== undefined) return refuted(run, choices, runs, mean / covered, most);
  }
  return { proved: true, exhaustive: true, runs, meanSteps: mean, mostSteps: most };
}

function atRandom(run: (choose: Choose) => Ending, samples: number, seed: number): Verdict {
  const choose = randomly(seededRandom(seed));
  let [sum, most] = [0, 0];
  for (let runs = 1; runs <= samples; runs++) {
    const choices: number[] = [];
    const { steps, failure } = run((low, high) => {
      choices.push(choose(low, high));
      return choices[choices.length - 1];
    });
    sum += steps;
    most = Math.max(most, steps);
    if (failure !== undefined) return refuted(run, choices, runs, sum / runs, most);
  }
  return { proved: true, exhaustive: false, runs: samples, meanSteps: sum / samples, mostSteps: most };
}

function refuted(
  run: (choose: Choose) => Ending,
  choices: readonly number[],
  runs: number,
  meanSteps: number,
  mostSteps: number,
): Verdict {
  const smallest = shrink(choices, (choose) => run(choose).failure !== undefined);
  const { failure } = run(replay(smallest));
  return {
    ...{ proved: false, exhaustive: false, runs, meanSteps, mostSteps },
    ...(failure === undefined ? {} : { counterexample: failure }),
  };
}
