import type { AnfProgram, Block, Computation, Tail } from "../scheme/index.js";

/** Who calls whom in a program, once functions with a single call are put in the place of that call. */
export class CallGraph {
  private readonly calls = new Map<string, number>();

  constructor(private readonly program: AnfProgram) {
    const seen = new Set<string>();
    const work = [program.body];
    for (let block = work.pop(); block !== undefined; block = work.pop()) {
      for (const callee of callsIn(block)) {
        this.calls.set(callee, (this.calls.get(callee) ?? 0) + 1);
        const f = program.functions.get(callee);
        if (f === undefined || seen.has(callee)) continue;
        seen.add(callee);
        work.push(f.body);
      }
    }
  }

  /**
   * Whether a function stands in the place of its only call. A function that recurs has a second one: that from outside.
   */
  isInlined(name: string): boolean {
    return this.calls.get(name) === 1;
  }

  /** The functions that a block calls as such, in the order of the text. */
  calleesOf(block: Block): Set<string> {
    const callees = new Set<string>();
    for (const callee of callsIn(block)) {
      const inlined = this.isInlined(callee) ? this.program.functions.get(callee) : undefined;
      if (inlined === undefined) callees.add(callee);
      else for (const further of this.calleesOf(inlined.body)) callees.add(further);
    }
    return callees;
  }

  /** The functions that a function calls as such. */
  calleesOfFunction(name: string): Set<string> {
    const f = this.program.functions.get(name);
    return f === undefined ? new Set() : this.calleesOf(f.body);
  }

  /**
   * The functions that the program's body reaches, in groups that call each other, callees before callers (Tarjan,
   * "Depth-first search and linear graph algorithms", 1972). Functions that nothing calls are left out.
   */
  order(): string[][] {
    const groups: string[][] = [];
    const indices = new Map<string, number>();
    const stack: string[] = [];
    const visit = (name: string): number => {
      const index = indices.size;
      indices.set(name, index);
      stack.push(name);
      let low = index;
      for (const callee of this.calleesOfFunction(name)) {
        if (!indices.has(callee)) low = Math.min(low, visit(callee));
        else if (stack.includes(callee)) low = Math.min(low, indices.get(callee) ?? low);
      }
      if (low === index) groups.push(stack.splice(stack.indexOf(name)));
      return low;
    };
    for (const callee of this.calleesOf(this.program.body)) if (!indices.has(callee)) visit(callee);
    return groups;
  }
}

/** The callee of each call in a block. */
function callsIn(block: Block): string[] {
  const callees: string[] = [];
  const work: Block[] = [block];
  const visit = (node: Computation | Tail): void => {
    if (node.kind === "call") callees.push(node.callee);
    else if (node.kind === "if") work.push(node.alternative, node.consequent);
    else if (node.kind === "loop") work.push(node.body);
  };
  for (let next = work.pop(); next !== undefined; next = work.pop()) {
    for (const { value } of next.bindings) visit(value);
    visit(next.tail);
  }
  return callees;
}
