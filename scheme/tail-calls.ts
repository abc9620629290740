import type { Atom, Block, Tail } from "./a-normal-form.js";
import type { FunctionDefinition } from "./core.js";

type AnfFunction = FunctionDefinition<Block>;

/** The tails of a block that end its function: its own, and those within a tail's branches and loops. */
function* finalTails(block: Block): Iterable<Tail> {
  const { tail } = block;
  yield tail;
  if (tail.kind === "if") {
    yield* finalTails(tail.consequent);
    yield* finalTails(tail.alternative);
  } else if (tail.kind === "loop") yield* finalTails(tail.body);
}

function mapFinalTails(block: Block, change: (tail: Tail) => Tail): Block {
  const { bindings, tail } = block;
  if (tail.kind === "if") {
    const consequent = mapFinalTails(tail.consequent, change);
    return { bindings, tail: { ...tail, consequent, alternative: mapFinalTails(tail.alternative, change) } };
  }
  if (tail.kind === "loop") return { bindings, tail: { ...tail, body: mapFinalTails(tail.body, change) } };
  return { bindings, tail: change(tail) };
}

/**
 * Makes the tail calls of a function to itself into a loop around its body. Parameters that every such call passes on
 * unchanged stay parameters.
 */
export function tailCallsToLoops(f: AnfFunction): AnfFunction {
  const selfCalls = [...finalTails(f.body)].filter((tail) => tail.kind === "call" && tail.callee === f.name);
  if (selfCalls.length === 0) return f;
  const unchanged = f.parameters.map((parameter, i) =>
    selfCalls.every((tail) => {
      const arg: Atom | undefined = tail.kind === "call" ? tail.args[i] : undefined;
      return arg?.kind === "variable" && arg.name === parameter;
    }),
  );
  const label = `%${f.name}`;
  const { span } = f;
  const kept = <T>(items: readonly T[]) => items.filter((_, i) => !unchanged[i]);
  const body = mapFinalTails(f.body, (tail) =>
    tail.kind === "call" && tail.callee === f.name
      ? { kind: "recur", label, args: kept(tail.args), span: tail.span }
      : tail,
  );
  const parameters = f.parameters.map((parameter, i) => (unchanged[i] ? parameter : `%${parameter}`));
  const initial = kept(parameters).map((name): Atom => ({ kind: "variable", name, span }));
  const tail: Tail = { kind: "loop", label, variables: kept(f.parameters), initial, body, span };
  return { ...f, parameters, body: { bindings: [], tail } };
}
