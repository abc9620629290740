import { describeShape, type Shape, type Span, sizeOf, type Tail } from "../scheme/index.js";
import type { RegionBuilder } from "./builder.js";
import type { ValueId } from "./graph.js";
import { type Shaped, sameShape } from "./shaped-values.js";

// How control leaves a block of A-normal form: with a value, or for another round of a loop around it. In the graph both are
// numbers that the block's region gives.

/** The loops that a tail position lies in, innermost first. */
export interface Chain {
  readonly label: string;
  readonly shapes: readonly Shape[];
  /** How many numbers the loop's variables are. */
  readonly width: number;
  readonly outer: Chain | undefined;
}

/** What ends a block in a chain. */
export interface Ending {
  /** For each loop a flag and its variables' next values, innermost first. */
  readonly state: readonly ValueId[];
  /** The block's value; undefined where it goes round some loop in any case. */
  readonly value: Shaped | undefined;
}

/** Says what is wrong with a program, and where. */
export type Fail = (what: string, span: Span) => never;

const widthOf = (chain: Chain | undefined): number => (chain ? 1 + chain.width + widthOf(chain.outer) : 0);
export const widthOfShapes = (shapes: readonly Shape[]) => shapes.reduce((width, shape) => width + sizeOf(shape), 0);
export const number = (id: ValueId): Shaped => ({ shape: [], elements: [id] });

export function zeros(builder: RegionBuilder, count: number): readonly ValueId[] {
  return new Array<ValueId>(count).fill(builder.constant(0));
}

/** Every loop of the chain ends with this value, or, of none, with whatever the block beside this one gives. */
export function leave(builder: RegionBuilder, chain: Chain | undefined, value: Shaped | undefined): Ending {
  return { state: zeros(builder, widthOf(chain)), value };
}

/** The loop of that label goes on; those within it end. */
export function again(
  builder: RegionBuilder,
  chain: Chain | undefined,
  tail: Extract<Tail, { kind: "recur" }>,
  next: readonly Shaped[],
  fail: Fail,
): readonly ValueId[] {
  if (!chain) throw new Error(`no loop ${tail.label} around its recur`);
  if (chain.label !== tail.label)
    return [...zeros(builder, 1 + chain.width), ...again(builder, chain.outer, tail, next, fail)];
  for (const [i, { shape }] of next.entries())
    if (!sameShape(shape, chain.shapes[i]))
      fail(
        `a loop's variable is ${describeShape(chain.shapes[i])} at first and ${describeShape(shape)} here`,
        tail.args[i].span,
      );
  const values = next.flatMap((value) => value.elements);
  return [builder.constant(1), ...values, ...zeros(builder, widthOf(chain.outer))];
}

/** The outputs of a node that ends a block. */
export function endingOf(outputs: readonly ValueId[], chain: Chain | undefined, shape: Shape | undefined): Ending {
  const width = widthOf(chain);
  return { state: outputs.slice(0, width), value: shape && { shape, elements: outputs.slice(width) } };
}

/** A side of a branch, and the region that it is written into. */
export interface Side extends Ending {
  readonly inner: RegionBuilder;
}

/** The ending of a branch, from those of its sides. */
export function branchOf(
  builder: RegionBuilder,
  test: ValueId,
  sides: readonly [Side, Side],
  chain: Chain | undefined,
  fail: (what: string) => never,
): Ending {
  const [first, second] = sides.map(({ value }) => value);
  const shape = first?.shape ?? second?.shape;
  if (first && second && !sameShape(first.shape, second.shape))
    fail(`the branches differ in shape: ${describeShape(first.shape)} and ${describeShape(second.shape)}`);
  const [consequent, alternative] = sides.map(({ inner, state, value }) =>
    inner.finish([], [...state, ...(value?.elements ?? zeros(inner, shape ? sizeOf(shape) : 0))]),
  );
  return endingOf(builder.branchRegions(test, consequent, alternative), chain, shape);
}
