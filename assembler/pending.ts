import type { Atom, Binding, Block, Computation, Tail } from "../scheme/index.js";
import { isArray, type MachineValue } from "./machine-arrays.js";
import type { Location } from "./virtual-code.js";

/** Code that is still to run: the rest of a block, or the body of a loop, from its beginning. */
interface Pending {
  readonly bindings: readonly Binding[];
  /** The bindings before it are done. */
  next: number;
  tail: Tail | undefined;
  /** Variables that have another value before this code reads them. */
  readonly renewed: ReadonlySet<string>;
}

const none: ReadonlySet<string> = new Set();

/** The function at hand, or one in which it stands in the place of its call. */
interface Scope {
  readonly variables: Iterable<readonly [string, MachineValue]>;
  readonly pending: Pending[];
}

/** Knows which variables the code that is still to come may read. */
export class PendingCode {
  private readonly scopes: Scope[] = [];

  /** Lowers a function's body. */
  within(variables: Iterable<readonly [string, MachineValue]>, lower: () => void): void {
    this.scopes.push({ variables, pending: [] });
    lower();
    this.scopes.pop();
  }

  /** Lowers a block's bindings in the order given, then its tail. */
  block(bindings: readonly Binding[], tail: Tail, bind: (binding: Binding) => void, last: () => void): void {
    const pending: Pending = { bindings, next: 0, tail, renewed: none };
    this.during(pending, () => {
      for (const binding of bindings) {
        pending.next++;
        bind(binding);
      }
      // What a tail reads itself, and not in blocks of its own, it reads at once.
      pending.tail = undefined;
      last();
    });
  }

  /** Lowers the body of a loop. */
  loop(variables: readonly string[], body: Block, lower: () => void): void {
    this.during({ ...body, next: 0, renewed: new Set([...variables, ...namesIn(body)]) }, lower);
  }

  /** Whether some variable whose value lies in these cells may still be read. */
  reads(location: Location): boolean {
    return this.scopes.some(({ variables, pending }) => {
      const names = new Set<string>();
      for (const [name, value] of variables) if (isArray(value) && value.memory?.location === location) names.add(name);
      return pending.some(({ bindings, next, tail, renewed }) => {
        const reads = (node: Computation | Tail) => {
          for (const atom of atomsOf(node))
            if (atom.kind === "variable" && names.has(atom.name) && !renewed.has(atom.name)) return true;
          return false;
        };
        return bindings.slice(next).some(({ value }) => reads(value)) || (tail !== undefined && reads(tail));
      });
    });
  }

  private during(pending: Pending, lower: () => void): void {
    const scope = this.scopes.at(-1);
    scope?.pending.push(pending);
    lower();
    scope?.pending.pop();
  }
}

/** What a computation takes, and all within it. */
function* atomsOf(node: Computation | Tail): Generator<Atom> {
  switch (node.kind) {
    case "primitive":
    case "call":
    case "recur":
      yield* node.args;
      break;
    case "return":
      yield node.value;
      break;
    case "if":
      yield node.test;
      yield* atomsIn(node.consequent);
      yield* atomsIn(node.alternative);
      break;
    case "loop":
      yield* node.initial;
      yield* atomsIn(node.body);
      break;
    case "derivative":
      yield* atomsIn(node.body);
  }
}

/** The names that a block gives, and all within it. */
function* namesIn({ bindings, tail }: Block): Generator<string> {
  for (const { name, value } of bindings) {
    yield name;
    yield* namesWithin(value);
  }
  yield* namesWithin(tail);
}

function* namesWithin(node: Computation | Tail): Generator<string> {
  if (node.kind === "if") {
    yield* namesIn(node.consequent);
    yield* namesIn(node.alternative);
  } else if (node.kind === "loop") {
    yield* node.variables;
    yield* namesIn(node.body);
  }
}

function* atomsIn({ bindings, tail }: Block): Generator<Atom> {
  for (const { value } of bindings) yield* atomsOf(value);
  yield* atomsOf(tail);
}
