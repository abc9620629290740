import type { Binding, Block } from "../scheme/index.js";

/**
 * A block's bindings in an order that holds fewer values at a time: A-normal form computes all arguments before the first
 * is used, as in the products of `(+ (* a b) (* c d) (* e f))`. The operation of an argument moves to right before the first
 * that reads it, if there are only operations between the two.
 */
export function scheduled({ bindings }: Block): readonly Binding[] {
  const movable = movableBindings(bindings);
  if (movable.size === 0) return bindings;
  const result: Binding[] = [];
  const emit = (binding: Binding): void => {
    // A long sum is a chain of arguments as long.
    const pending = [binding];
    for (let last = pending.at(-1); last !== undefined; last = pending.at(-1)) {
      const argument = namesRead(last).find((name) => movable.has(name)) ?? "";
      const before = movable.get(argument);
      if (before === undefined) {
        result.push(last);
        pending.pop();
      } else {
        movable.delete(argument);
        pending.push(before);
      }
    }
  };
  const waiting = new Set(movable.values());
  for (const binding of bindings) if (!waiting.has(binding)) emit(binding);
  return result;
}

/** The variables that an operation reads; none for what is not an operation. */
function namesRead({ value }: Binding): string[] {
  if (value.kind !== "primitive") return [];
  return value.args.flatMap((arg) => (arg.kind === "variable" ? [arg.name] : []));
}

/** The operations of arguments that are read in the same run of operations, by name. */
function movableBindings(bindings: readonly Binding[]): Map<string, Binding> {
  const movable = new Map<string, Binding>();
  let run = new Map<string, Binding>();
  for (const binding of bindings) {
    if (binding.value.kind !== "primitive") {
      run = new Map();
      continue;
    }
    for (const name of namesRead(binding)) {
      const argument = run.get(name);
      if (argument !== undefined && isTemporary(name)) movable.set(name, argument);
    }
    run.set(binding.name, binding);
  }
  return movable;
}

/** Whether A-normal form made the name, for an argument. What the program names itself may be read far and wide. */
function isTemporary(name: string): boolean {
  return /^%[0-9]+$/.test(name);
}
