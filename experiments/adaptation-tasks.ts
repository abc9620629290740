import { link, parseAssembly } from "../assembler/index.js";
import type { AdaptationOptions, AdaptationTask, Choose, Example } from "../machine/index.js";

/** The instructions of the paper's machine. */
const operations = ["halt", "zero", "inc", "add", "sub", "dec", "min", "max", "read", "write", "jez"] as const;

/** A task of "Adaptive Neural Compilation" (Bunel et al., 2016), and what the paper has found. */
export interface PaperTask extends AdaptationTask {
  readonly description: string;
  /** How the descent is set, where not by the defaults. */
  readonly training: AdaptationOptions;
  /** The paper's figures, as remembered from its table: it counts the states of a run, one more than its steps. */
  readonly paper: { readonly generic: number; readonly learned: number; readonly success: number };
}

/** The programs, initial registers and inputs of the authors' code, in our assembly. */
export const adaptationTasks: readonly PaperTask[] = [
  task({
    program: "access",
    description: "The element of a list that the first cell names; it is always the fourth.",
    paper: { generic: 6, learned: 4, success: 0.37 },
    n: 10,
    constants: [0, 0, 0],
    text: ["read r1, r0", "inc r1, r1", "read r1, r1", "write r0, r1", "halt"],
    steps: 10,
    training: { iterations: 15_000, rest: 1500, horizon: [8, 10] },
    example: () => ({
      memory: [3, ...Array.from({ length: 9 }, () => ({ low: 0, high: 9 }))],
      cells: [[0, { of: 4 }]],
    }),
  }),
  task({
    program: "increment",
    description: "One added to each element of a list that 0 ends; its six elements are always equal.",
    paper: { generic: 40, learned: 16, success: 0.84 },
    n: 7,
    constants: [0, 0, 6, 0, 0, 0],
    text: ["read r1, r0", "jez r1, r2", "inc r1, r1", "write r0, r1", "inc r0, r0", "jez r4, r3", "halt"],
    steps: 50,
    training: { iterations: 80_000, rest: 2000, batch: 5, proposals: 4000 },
    example: equalElements,
  }),
  task({
    program: "incrementLong",
    description:
      "The same task with room for 16 lines, of which all but seven halt at first; jumps reach the first seven.",
    paper: { generic: 40, learned: 16, success: 0.84 },
    n: 7,
    constants: [0, 0, 0, 1, 0, 0],
    text: [
      ...["halt", "begin:", "read r1, r0", "jez r1, r2", "inc r1, r1", "write r0, r1", "inc r0, r0", "jez r4, r3"],
      ...Array.from({ length: 9 }, () => "halt"),
    ],
    entry: "begin",
    steps: 50,
    training: { iterations: 12_000, rest: 3000, batch: 5 },
    example: equalElements,
  }),
  task({
    program: "swap",
    description:
      "Two elements of a list, which the first two cells name, swapped; they are always the first and the third.",
    paper: { generic: 10, learned: 6, success: 0.27 },
    n: 10,
    constants: [0, 1, 0, 0, 2],
    text: [
      ...["read r0, r0", "add r0, r0, r4", "read r1, r1", "add r1, r1, r4", "read r2, r0", "read r3, r1"],
      ...["write r0, r3", "write r1, r2", "halt"],
    ],
    steps: 15,
    training: { iterations: 5000, rest: 1500 },
    example: (choose) => {
      const list = Array.from({ length: choose(3, 7) }, () => ({ low: 1, high: 9 }));
      return {
        memory: [0, 2, ...list],
        cells: [
          [2, { of: 4 }],
          [4, { of: 2 }],
        ],
      };
    },
  }),
  task({
    program: "listK",
    description: "The k-th element of a linked list; its elements are always one after the other in memory.",
    paper: { generic: 18, learned: 11, success: 0.19 },
    n: 20,
    constants: [0, 1, 2, 6, 0, 2, 0],
    text: [
      ...["read r1, r1", "read r2, r2", "read r0, r0", "dec r1, r1", "jez r1, r3", "jez r4, r5"],
      ...["inc r0, r0", "read r0, r0", "write r2, r0", "halt"],
    ],
    steps: 40,
    training: { iterations: 30_000, rest: 15_000, hardness: [5, 8] },
    example: linkedList,
  }),
  task({
    program: "addition",
    description: "The sum of two numbers, by counting.",
    paper: { generic: 20, learned: 9, success: 0.12 },
    n: 15,
    constants: [6, 2, 0, 1, 0, 0],
    text: [
      ...["read r4, r4", "read r3, r3", "jez r3, r0", "dec r3, r3", "inc r4, r4", "jez r2, r1"],
      ...["write r2, r4", "halt"],
    ],
    steps: 65,
    training: { iterations: 8000, rest: 1500 },
    example: (choose) => {
      const first = choose(0, 12);
      const second = choose(0, 13 - first);
      return { memory: [first, second], cells: [[0, first + second]] };
    },
  }),
  task({
    program: "sort",
    description: "Bubble sort of a list that 0 ends; of its three elements only the first two may be in disorder.",
    paper: { generic: 38, learned: 18, success: 0.74 },
    n: 21,
    constants: [18, 16, 8, 0, 0, 0, 0, 1, 0, 0],
    text: [
      ...["read r5, r8", "inc r8, r8", "read r4, r8", "jez r4, r1", "min r3, r5, r4", "sub r3, r4, r3", "jez r3, r2"],
      ...["jez r6, r6", "sub r3, r5, r4", "jez r3, r6", "write r8, r5", "dec r8, r8", "write r8, r4", "inc r8, r8"],
      ...["zero r7", "jez r6, r6", "jez r7, r0", "halt", "zero r8", "inc r7, r7", "jez r6, r6"],
    ],
    steps: 75,
    training: { iterations: 5000, rest: 1500 },
    example: (choose) => {
      const [first, second] = [choose(1, 10), choose(1, 10)];
      const [low, high] = [Math.min(first, second), Math.max(first, second)];
      const third = choose(high, 20);
      return { memory: [first, second, third], cells: [low, high, third].map((value, cell) => [cell, value]) };
    },
  }),
];

function equalElements(choose: Choose): Example {
  const value = choose(1, 5);
  const list = (each: number) => [...Array.from({ length: 6 }, () => each), 0];
  return { memory: list(value), cells: list(value + 1).map((wanted, cell) => [cell, wanted]) };
}

function linkedList(choose: Choose): Example {
  const length = choose(2, 7);
  const element = choose(1, length - 1);
  const nodes = Array.from({ length }, (_, i) => [5 + 2 * i, { low: 1, high: 19 }] as const);
  return { memory: [3, element, 2, ...nodes.flat()], cells: [[2, { of: 2 + 2 * element }]] };
}

interface TaskText {
  readonly program: string;
  readonly description: string;
  readonly training: AdaptationOptions;
  readonly paper: PaperTask["paper"];
  readonly n: number;
  readonly constants: readonly number[];
  readonly text: readonly string[];
  /** The label where it begins, where not at its first line. */
  readonly entry?: string;
  readonly steps: number;
  readonly example: AdaptationTask["example"];
}

function task({ program, n, constants, text, entry, ...rest }: TaskText): PaperTask {
  const operands = constants.map((_, i) => `c${i}`).join(" ");
  const head = [`.program ${program}`, `.operands ${operands}`, ...(entry === undefined ? [] : [`.entry ${entry}`])];
  const assembly = parseAssembly([...head, ...text].join("\n"), program);
  return { program, constants, operations, image: link([assembly], { n, registers: constants.length }), ...rest };
}
