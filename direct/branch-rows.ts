import type { Atom, Block, Computation, Tail } from "../scheme/index.js";

type Branch = Extract<Tail, { kind: "if" }>;

/** A row of more branches than this, one in another's tail, is cut into pieces. */
const longestRow = 400;
/** Branches of a piece, unless what they bind is used beyond them. Derivatives of few are quicker to write than of many. */
const leastPiece = 30;

/** A branch of a row. */
interface Link {
  readonly block: Block;
  readonly branch: Branch;
  /** The side that the row goes on in, if it does. */
  readonly next: "consequent" | "alternative" | undefined;
}

/** The branches that stand in one another's tails, as those of `cond`, `case`, `and` and `or` do. */
function rowOf(first: Branch): Link[] {
  const row: Link[] = [];
  let block: Block | undefined = { bindings: [], tail: first };
  while (block?.tail.kind === "if") {
    const branch: Branch = block.tail;
    const sides = ["alternative", "consequent"] as const;
    const next = sides.find((side) => branch[side].tail.kind === "if");
    row.push({ block, branch, next });
    block = next && branch[next];
  }
  return row;
}

const atomsOf = (node: Computation | Tail): readonly Atom[] => {
  switch (node.kind) {
    case "return":
      return [node.value];
    case "if":
      return [node.test];
    case "loop":
      return node.initial;
    case "derivative":
      return [node.at];
    default:
      return node.args;
  }
};

const blocksOf = (node: Computation | Tail): readonly Block[] => {
  if (node.kind === "if") return [node.consequent, node.alternative];
  return node.kind === "loop" || node.kind === "derivative" ? [node.body] : [];
};

/** Calls `use` with each variable that a block reads, that of `without` in it left out. */
function visitNames(block: Block, without: Block | undefined, use: (name: string) => void): void {
  const work = [block];
  for (let next = work.pop(); next; next = work.pop()) {
    if (next === without) continue;
    for (const node of [...next.bindings.map((binding) => binding.value), next.tail]) {
      for (const atom of atomsOf(node)) if (atom.kind === "variable") use(atom.name);
      for (const inner of blocksOf(node)) work.push(inner);
    }
  }
}

/**
 * A long row of branches in pieces, each of which but the last ends, where none of its branches is taken, in a `recur` to
 * `label`: then the next piece follows. No piece uses what another one binds. Undefined for a row that is short enough.
 */
export function piecesOf(first: Branch, label: string): readonly Block[] | undefined {
  const row = rowOf(first);
  if (row.length <= longestRow) return undefined;
  const lastUses = new Map<string, number>();
  for (const [i, { block, branch, next }] of row.entries())
    visitNames(block, next && branch[next], (name) => lastUses.set(name, i));
  const pieces: Block[] = [];
  let start = 0;
  let lastUse = 0;
  for (const [i, { block, next }] of row.entries()) {
    for (const { name } of block.bindings) lastUse = Math.max(lastUse, lastUses.get(name) ?? 0);
    const isEnd = next !== undefined && i + 1 - start >= leastPiece && lastUse <= i;
    if (!isEnd && i < row.length - 1) continue;
    const { span } = first;
    const rest: Block = { bindings: [], tail: { kind: "recur", label, args: [], span } };
    pieces.push(
      row.slice(start, i + 1).reduceRight<Block>(
        (inner, { block, branch, next }) => ({
          bindings: block.bindings,
          tail: next ? { ...branch, [next]: inner } : branch,
        }),
        rest,
      ),
    );
    start = i + 1;
    lastUse = 0;
  }
  return pieces.length > 1 ? pieces : undefined;
}
