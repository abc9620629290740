/**
 * Fibonacci's sequence from two given terms to a fixed depth, a program a depth: the recursion of table 2 in "Algorithmic
 * Language Models with Neurally Compiled Libraries" (2024). A depth takes eight steps of the machine.
 */
import { buildLibrary, findPrograms, type Library, type ProgramText } from "../library/index.js";
import { SoftmachineError } from "../scheme/index.js";

/** What the programs are made from. */
const recursion = "fibonacci";

const namePattern = /^fibonacci-of-depth-(0|[1-9][0-9]*)$/;

/** The name of the program of a depth. */
export const fibonacciName = (depth: number): string => `${recursion}-of-depth-${depth}`;

/** The depth of a program of this family, or undefined. */
export function fibonacciDepth(name: string): number | undefined {
  const depth = namePattern.exec(name)?.[1];
  return depth === undefined ? undefined : Number(depth);
}

/**
 * The program of a depth: the library's `fibonacci`, which it calls, with the depth as a constant.
 *
 * @throws SoftmachineError when the depth is not a whole number from 0.
 */
export function fibonacciOfDepth(depth: number): ProgramText {
  if (!Number.isSafeInteger(depth) || depth < 0)
    throw new SoftmachineError(`a depth of fibonacci's is a whole number from 0, not ${depth}`);
  const name = fibonacciName(depth);
  let [first, second] = [3, 5];
  for (let i = 0; i < depth; i++) [first, second] = [second, first + second];
  const text = `;;; The term at depth ${depth} of the sequence that begins with two given numbers and in which each further term is
;;; the sum of the two before it.
;;;
;;; operand a (0..): the first term
;;; operand b (0..): the second term
;;; result (0..): the term at depth ${depth}
;;; example: (${name} 3 5) => ${first}

(define (${name} a b) (${recursion} a b ${depth}))
`;
  return { name, subject: "recursion", file: `${name}.scm`, text };
}

/** What a library of Fibonacci by depth holds. */
export interface FibonacciOptions {
  /** Values are 0..n-1. Default 128, as in the paper. */
  readonly n?: number;
  readonly depths: readonly number[];
  /** Programs of softmachine's own beside them: by default those of one operand that teach numerals. */
  readonly others?: readonly string[];
}

/**
 * A library of the programs of some depths, built and verified; `fibonacci` itself is in it too.
 *
 * @throws SoftmachineError for an unknown program, or one that does not pass.
 */
export async function fibonacciLibrary({
  n = 128,
  depths,
  others = ["increment", "decrement", "double"],
}: FibonacciOptions): Promise<Library> {
  const found = await findPrograms();
  const own = [recursion, ...others].map((name) => {
    const program = found.find((each) => each.name === name);
    if (program === undefined) throw new SoftmachineError(`softmachine has no program "${name}"`);
    return program;
  });
  const { library, reports } = await buildLibrary({ n, programs: [...own, ...depths.map(fibonacciOfDepth)] });
  for (const report of reports)
    if (!report.ok) throw new SoftmachineError(`"${report.name}" failed: ${report.failure.message}`);
  return library;
}
