import type { Atom, Block, Tail } from "./a-normal-form.js";
import type { FunctionDefinition } from "./core.js";

type AnfFunction = FunctionDefinition<Block>;

/** The tails of a block that end its function: its own, and those within a tail's branches and loops. */
function finalTails(block: Block): Tail[] {
  const tails: Tail[] = [];
  const work = [block];
  for (let next = work.pop(); next; next = work.pop()) {
    const { tail } = next;
    if (tail.kind === "if") work.push(tail.alternative, tail.consequent);
    else if (tail.kind === "loop") work.push(tail.body);
    else tails.push(tail);
  }
  return tails;
}

/** Replaces the final tails of a block, without recursion on the length of a row of `if`. */
function mapFinalTails(block: Block, change: (tail: Tail) => Tail): Block {
  const row: ((rest: Block) => Block)[] = [];
  let { bindings, tail } = block;
  while (tail.kind === "if") {
    const [outer, branch] = [bindings, tail];
    const onlyReturns = branch.alternative.bindings.length === 0 && branch.alternative.tail.kind === "return";
    const [rest, other] = onlyReturns
      ? [branch.consequent, branch.alternative]
      : [branch.alternative, branch.consequent];
    const mapped = mapFinalTails(other, change);
    row.push((inner) => {
      const [consequent, alternative] = onlyReturns ? [inner, mapped] : [mapped, inner];
      return { bindings: outer, tail: { ...branch, consequent, alternative } };
    });
    ({ bindings, tail } = rest);
  }
  const end = tail.kind === "loop" ? { ...tail, body: mapFinalTails(tail.body, change) } : change(tail);
  return row.reduceRight<Block>((inner, wrap) => wrap(inner), { bindings, tail: end });
}

/**
 * Makes the tail calls of a function to itself into a loop around its body. Parameters that every such call passes on
 * unchanged stay parameters.
 */
export function tailCallsToLoops(f: AnfFunction): AnfFunction {
  const selfCalls = finalTails(f.body).filter((tail) => tail.kind === "call" && tail.callee === f.name);
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
  const start = (parameter: string): string => {
    const name = `%${parameter}`;
    return f.parameters.includes(name) ? start(name) : name;
  };
  const parameters = f.parameters.map((parameter, i) => (unchanged[i] ? parameter : start(parameter)));
  const initial = kept(parameters).map((name): Atom => ({ kind: "variable", name, span }));
  const tail: Tail = { kind: "loop", label, variables: kept(f.parameters), initial, body, span };
  return { ...f, parameters, body: { bindings: [], tail } };
}
