import { type AnfProgram, type Block, specOf } from "../scheme/index.js";

/** Functions that can reach themselves by calls: those on a cycle of the call graph (Kosaraju's algorithm, as in Sharir 1981). */
export function recursiveFunctions(program: AnfProgram): Set<string> {
  const callees = new Map<string, Set<string>>();
  const callers = new Map<string, Set<string>>();
  for (const name of program.functions.keys()) callers.set(name, new Set());
  for (const f of program.functions.values()) {
    const names = new Set<string>();
    collectCalls(f.body, names);
    callees.set(f.name, names);
    for (const name of names) callers.get(name)?.add(f.name);
  }
  const recursive = new Set<string>();
  const seen = new Set<string>();
  const finished = [...callees.keys()].flatMap((name) => finishingOrder(callees, name, seen));
  seen.clear();
  for (const name of finished.reverse()) {
    const component = finishingOrder(callers, name, seen);
    if (component.length > 1 || callees.get(name)?.has(name)) for (const member of component) recursive.add(member);
  }
  return recursive;
}

/** What can be reached from a node and was not seen before, each after all that it leads to. */
function finishingOrder(edges: ReadonlyMap<string, Set<string>>, start: string, seen: Set<string>): string[] {
  const order: string[] = [];
  const path: { name: string; rest: Iterator<string> }[] = [];
  const enter = (name: string) => {
    if (seen.has(name)) return;
    seen.add(name);
    path.push({ name, rest: (edges.get(name) ?? new Set<string>()).values() });
  };
  enter(start);
  for (let top = path.at(-1); top; top = path.at(-1)) {
    const next = top.rest.next();
    if (!next.done) enter(next.value);
    else {
      path.pop();
      order.push(top.name);
    }
  }
  return order;
}

function collectCalls(body: Block, into: Set<string>): void {
  const work = [body];
  for (let block = work.pop(); block; block = work.pop())
    for (const node of [...block.bindings.map((binding) => binding.value), block.tail]) {
      if (node.kind === "call") into.add(node.callee);
      else if (node.kind === "if") work.push(node.alternative, node.consequent);
      else if (node.kind === "loop" || node.kind === "derivative") work.push(node.body);
    }
}

/** Whether a program has an operation on vectors or matrices anywhere. */
export function usesArrays(program: AnfProgram): boolean {
  const work: Block[] = [program.body, ...[...program.functions.values()].map((f) => f.body)];
  for (let block = work.pop(); block; block = work.pop())
    for (const node of [...block.bindings.map((binding) => binding.value), block.tail]) {
      if (node.kind === "primitive" && specOf(node.op).group !== "scalar") return true;
      if (node.kind === "if") work.push(node.consequent, node.alternative);
      else if (node.kind === "loop" || node.kind === "derivative") work.push(node.body);
    }
  return false;
}
