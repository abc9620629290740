import { type Node, type Region, regionsOf, usedBy } from "./graph.js";

type LoopNode = Extract<Node, { kind: "loop" }>;
export type ReverseNode = Extract<Node, { kind: "reverse" }>;

/** Bytes that a loop's record takes before it is thinned, if that leaves it a few iterations: so many stay in a cache. */
const unthinned = 131_072;

/**
 * How many iterations the record of a loop holds at first, of `bytes` each. When it is full, every second iteration is
 * dropped, or the record doubles if that is less than what lies between two of its iterations: so it grows with the square
 * root of the number of iterations. Always even.
 */
export const firstCapacity = (bytes: number): number => 2 * Math.max(8, Math.floor(unthinned / bytes / 2));

/** Numbers recorded with an iteration: the loop's variables, and what is saved with them. */
export const recordWidth = ({ body, outputs }: LoopNode): number => body.results.length - 1 - outputs.length;

/** The parts of what a phase of a `reverse` node takes. */
export function phaseParameters({ step, seeds, phases, outputs }: ReverseNode, phase: number) {
  const { parameters, nodes, results } = phases[phase];
  const used = usedBy(nodes);
  for (const id of results) used.add(id);
  const variables = step.parameters.length;
  const width = phase === 0 ? variables : step.results.length;
  // A sum for each seed, or each variable's adjoint, then the totals, which are in all phases.
  const totals = phases[0].parameters.length - variables - seeds.length;
  return {
    /** Those of the record that are used, by their places in it. */
    recorded: new Map([...parameters.slice(0, width).entries()].filter(([, id]) => used.has(id))),
    adjoints: parameters.slice(width, parameters.length - totals),
    totals: parameters.slice(parameters.length - totals),
    /** How many of the outputs are adjoints of variables. */
    count: outputs.length - totals,
  };
}

/** Whether a node iterates or calls, or one within it does. */
export function runs(node: Node): boolean {
  return (
    node.kind === "loop" ||
    node.kind === "call" ||
    node.kind === "reverse" ||
    regionsOf(node).some(({ nodes }) => nodes.some(runs))
  );
}

/** Whether a region records loops, those within other loops left out. */
export const records = ({ nodes }: Region): boolean =>
  nodes.some(
    (node) =>
      (node.kind === "loop" && node.tape !== undefined) ||
      (node.kind === "if" && regionsOf(node).some((side) => records(side))),
  );
