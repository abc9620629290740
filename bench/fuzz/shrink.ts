/** A program's text as nested lists; brackets are read as `(vec …)`. */
type Tree = string | readonly Tree[];

function parse(source: string): Tree[] {
  const open: Tree[][] = [[]];
  for (const [token] of source.matchAll(/[()[\]]|[^\s()[\]]+/g)) {
    if (token === "(" || token === "[") open.push(token === "(" ? [] : ["vec"]);
    else if (token === ")" || token === "]") {
      const list = open.pop() ?? [];
      open[open.length - 1].push(list);
    } else open[open.length - 1].push(token);
  }
  return open[0];
}

const print = (tree: Tree): string => {
  if (typeof tree === "string") return tree;
  const items = tree.map(print);
  return tree[0] === "vec" ? `[${items.slice(1).join(" ")}]` : `(${items.join(" ")})`;
};

/** A tree's smaller forms: a part in its place, a number in its place, a part left out, or one of its parts made smaller. */
function* smaller(tree: Tree, leaves: readonly string[]): Generator<Tree> {
  if (typeof tree === "string") {
    if (/^[-+.]?\d/.test(tree)) for (const simple of ["0", "1", "2"]) if (tree.length > simple.length) yield simple;
    return;
  }
  for (const part of tree.slice(1)) yield part;
  yield* leaves;
  for (const [i, part] of tree.entries()) {
    yield [...tree.slice(0, i), ...tree.slice(i + 1)];
    for (const one of smaller(part, leaves)) yield [...tree.slice(0, i), one, ...tree.slice(i + 1)];
  }
}

/**
 * The smallest program found, by taking parts away as long as it still fails.
 *
 * @param leaves what may stand in the place of an expression.
 * @param most how many programs to try.
 * @param seconds how long to try.
 */
export function shrink(
  source: string,
  leaves: readonly string[],
  fails: (source: string) => boolean,
  most = 3000,
  seconds = 60,
): string {
  let best: Tree = ["program", ...parse(source)];
  let tries = 0;
  const end = performance.now() + 1000 * seconds;
  const text = (tree: Tree) => (typeof tree === "string" ? tree : tree.slice(1).map(print).join("\n"));
  for (let found = true; found; ) {
    found = false;
    for (const candidate of smaller(best, leaves)) {
      if (typeof candidate === "string" || candidate[0] !== "program" || text(candidate).length >= text(best).length)
        continue;
      if (++tries > most || performance.now() > end) return text(best);
      if (!fails(text(candidate))) continue;
      best = candidate;
      found = true;
      break;
    }
  }
  return text(best);
}
