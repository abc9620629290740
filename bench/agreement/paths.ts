import { assemble, type Image, link, registersOf } from "../../assembler/index.js";
import { compile } from "../../direct/index.js";
import { watchKernels } from "../../direct/testing.js";
import {
  bitsOf,
  certainBits,
  type ExactResult,
  flash,
  flashBinary,
  initialBinaryState,
  initialState,
  LazyTable,
  oneHot,
  runExact,
  type SoftDtype,
  type SoftResult,
  softForward,
  tabulatedCall,
} from "../../machine/index.js";
import { aNormalForm, type CoreProgram, evaluateReference, SoftmachineError } from "../../scheme/index.js";
import { budget, kernelRows } from "../fuzz/subject.js";

/** Values of the machines are 0..n-1; a power of two, so that they are bits too. */
export const modulus = 256;

/** A program and inputs on which the reference ends, with what it then gives, plainly and modulo n. */
export interface Subject {
  readonly source: string;
  readonly program: CoreProgram;
  readonly rows: readonly {
    readonly inputs: readonly number[];
    /** Undefined where it does not end without a modulus. */
    readonly plain: number | undefined;
    readonly modular: number;
  }[];
}

/** For each row what a path gave, and whether that is right; undefined where the path did not run. */
export type Verdicts = readonly ({ readonly found: unknown; readonly right: boolean } | undefined)[];

/** One way to run a program, on rows of inputs. */
export interface Path {
  readonly name: string;
  run(subject: Subject): Verdicts;
}

/** A SoftmachineError is why there is nothing to compare. */
function attempted<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof SoftmachineError) return undefined;
    throw error;
  }
}

/** @throws what the reader throws. */
export function subjectOf(source: string, program: CoreProgram, tuples: readonly (readonly number[])[]): Subject {
  const rows = tuples.flatMap((inputs) => {
    const row = Object.fromEntries(program.inputs.map((name, i) => [name, inputs[i]]));
    const modular = attempted(() => evaluateReference(program, row, { modulus, ...budget }));
    const plain = attempted(() => evaluateReference(program, row, budget));
    if (typeof modular !== "number") return [];
    return [{ inputs, modular, plain: typeof plain === "number" ? plain : undefined }];
  });
  return { source, program, rows };
}

const exactPath = (name: string, evaluate: (subject: Subject) => readonly (number | undefined)[]): Path => ({
  name,
  run: (subject) => {
    const found = evaluate(subject);
    return subject.rows.map(({ plain }, i) =>
      plain === undefined || found[i] === undefined
        ? undefined
        : { found: found[i], right: Object.is(found[i], plain) },
    );
  },
});

const evaluated = ({ source, program, rows }: Subject) => {
  const module = attempted(() => compile(source, budget));
  return rows.map(({ inputs }) =>
    attempted(() => module?.evaluate(Object.fromEntries(program.inputs.map((name, i) => [name, inputs[i]])))),
  );
};

/** The rows whose reference ends, as often as they fill a batch; nothing where slots ran instead of the kernel. */
const inBatch = ({ source, program, rows }: Subject) => {
  const ending = rows.filter(({ plain }) => plain !== undefined);
  if (ending.length === 0) return rows.map(() => undefined);
  const filled = Array.from({ length: kernelRows }, (_, i) => ending[i % ending.length]);
  const { value, ended } = watchKernels(() =>
    attempted(() => {
      const module = compile(source, budget);
      return module.batch(
        Object.fromEntries(
          program.inputs.map((name, i) => [name, Float64Array.from(filled, ({ inputs }) => inputs[i])]),
        ),
      );
    }),
  );
  if (value === undefined || ended === 0) return rows.map(() => undefined);
  return rows.map((row) => (ending.includes(row) ? value[value.length === 1 ? 0 : ending.indexOf(row)] : undefined));
};

interface MachineRun {
  readonly image: Image;
  /** Undefined where the machine's memory or steps did not suffice. */
  readonly results: readonly (ExactResult | undefined)[];
}

const runs = new WeakMap<Subject, MachineRun | undefined>();

/** The exact machine's runs of a program, once for all paths that are compared with it. */
function machineRun(subject: Subject): MachineRun | undefined {
  if (runs.has(subject)) return runs.get(subject);
  const run = attempted(() => {
    const assembly = assemble(aNormalForm(subject.program));
    const image = link([assembly], { n: modulus, registers: registersOf(assembly) });
    const results = subject.rows.map(({ inputs }) => attempted(() => runExact(image, "main", inputs)));
    return { image, results };
  });
  runs.set(subject, run);
  return run;
}

const none = ({ rows }: Subject): Verdicts => rows.map(() => undefined);

const exactMachine: Path = {
  name: "exact machine",
  run: (subject) =>
    machineRun(subject)?.results.map((result, i) =>
      result === undefined ? undefined : { found: result.result, right: result.result === subject.rows[i].modular },
    ) ?? none(subject),
};

/** A soft machine in one encoding: every register and memory cell must be certain of what the exact machine has there. */
const softMachine = (
  name: string,
  mostSteps: number,
  run: (image: Image, operands: readonly number[], batch: number, steps: number) => SoftResult,
  certain: (values: ArrayLike<number>) => Float64Array,
): Path => ({
  name,
  run: (subject) => {
    const exact = machineRun(subject);
    if (exact === undefined) return none(subject);
    const { image, results } = exact;
    const chosen = results.flatMap((result, row) =>
      result === undefined || result.steps > mostSteps ? [] : [{ result, row }],
    );
    if (chosen.length === 0) return none(subject);
    const operands = chosen.flatMap(({ row }) => subject.rows[row].inputs);
    const steps = Math.max(...chosen.map(({ result }) => result.steps));
    const soft = run(image, operands, chosen.length, steps);
    const verdicts: Verdicts[number][] = subject.rows.map(() => undefined);
    chosen.forEach(({ result, row }, i) => {
      const parts = [
        [soft.registers, certain(result.registers)],
        [soft.memory, certain(result.memory)],
      ] as const;
      const same = parts.every(([all, wanted]) => wanted.every((p, j) => all[i * wanted.length + j] === p));
      const right = same && soft.halted[i] === 1 && result.result === subject.rows[row].modular;
      verdicts[row] = { found: right ? result.result : "another state than the exact machine's", right };
    });
    return verdicts;
  },
});

const onDistributions = (dtype: SoftDtype) =>
  softMachine(
    `soft machine, distributions, ${dtype}`,
    2000,
    (image, operands, batch, steps) =>
      // Recorded, since a run without a record would run what is certain on the exact machine itself.
      softForward(flash(image), initialState(image, "main", oneHot(operands, modulus), batch), { steps, dtype }).result,
    (values) => oneHot(Array.from(values), modulus),
  );

const onBits = softMachine(
  "soft machine, bits",
  200,
  (image, operands, batch, steps) => {
    const state = initialBinaryState(image, "main", certainBits(operands, bitsOf(modulus)), batch);
    return softForward(flashBinary(image), state, { steps }).result;
  },
  (values) => certainBits(values, bitsOf(modulus)),
);

const tabulated: Path = {
  name: "tabulated call",
  run: (subject) => {
    const exact = machineRun(subject);
    if (exact === undefined) return none(subject);
    const table = attempted(() => new LazyTable(exact.image, "main"));
    return subject.rows.map(({ inputs, modular }, i) => {
      if (table === undefined || exact.results[i] === undefined) return undefined;
      const answers = tabulatedCall(table, oneHot(inputs, modulus), 1);
      return { found: answers.indexOf(1), right: answers.every((p, y) => p === (y === modular ? 1 : 0)) };
    });
  },
};

/** Every path but the reference, which they are compared with: exactly, and the machines modulo n. */
export const paths: readonly Path[] = [
  exactPath("exact path, slots", evaluated),
  exactPath("exact path, kernel", inBatch),
  exactMachine,
  onDistributions("float64"),
  onDistributions("float32"),
  onBits,
  tabulated,
];
