/** A value's shape: [] for a number, [n] for a vector, [rows, columns] for a matrix. */
export type Shape = readonly number[];

/** The number of numbers in an array; 1 for a number. */
export const sizeOf = (shape: Shape): number => shape.reduce((size, length) => size * length, 1);

export type ShapeRule = (args: readonly Shape[], values?: readonly (number | undefined)[]) => Shape | string;

/** Most elements of a vector, or rows of a matrix, that a program can write down. */
export const longest = 10_000;
/** Most rows of a square matrix that a program can ask for by its size. */
const largestSquare = 1000;

const kinds = ["a number", "a vector", "a matrix"];

/** A shape in words, such as `a vector of 3`. */
export function describe(shape: Shape): string {
  if (shape.length === 0) return "a number";
  return shape.length === 1 ? `a vector of ${shape[0]}` : `a ${shape[0]}x${shape[1]} matrix`;
}

const equal = (a: Shape, b: Shape) => a.length === b.length && a.every((size, i) => size === b[i]);
const rank = (position: string, shape: Shape, wanted: number) =>
  shape.length === wanted ? undefined : `${position} must be ${kinds[wanted]}, not ${describe(shape)}`;
const positions = ["its argument", "its first argument", "its second argument"];

function ranks(args: readonly Shape[], wanted: readonly number[]): string | undefined {
  for (const [i, shape] of args.entries()) {
    const fault = rank(args.length === 1 ? positions[0] : positions[i + 1], shape, wanted[i]);
    if (fault) return fault;
  }
  return undefined;
}

/** Two vectors of one length, to a result of the given shape. */
const sameVectors =
  (result: Shape): ShapeRule =>
  (args) =>
    ranks(args, [1, 1]) ??
    (equal(args[0], args[1]) ? result : `${describe(args[0])} and ${describe(args[1])} do not match`);
/** A square matrix, to a result of the given shape or its own. */
const square =
  (result: Shape | "same"): ShapeRule =>
  (args) => {
    const fault = ranks(args, [2]);
    if (fault) return fault;
    if (args[0][0] !== args[0][1]) return `its argument must be square, not ${describe(args[0])}`;
    return result === "same" ? args[0] : result;
  };
/** A size, to an array of that size in each dimension. */
const sized =
  (dimensions: 1 | 2): ShapeRule =>
  (args, values) => {
    const size = values?.[0];
    if (args[0].length > 0 || size === undefined) return "its size must be a constant number";
    const largest = dimensions === 1 ? longest : largestSquare;
    if (!Number.isInteger(size) || size < 1 || size > largest)
      return `its size must be a whole number from 1 to ${largest}, not ${size}`;
    return dimensions === 1 ? [size] : [size, size];
  };

/** An element of a vector, or a row of a matrix, at an index. */
/** An element of a vector, or a row of a matrix, by its index. */
const item: ShapeRule = (args, values) => {
  if (args[0].length === 0) return "its first argument must be a vector or a matrix, not a number";
  const fault = rank("its index", args[1], 0);
  if (fault) return fault;
  const index = values?.[1];
  if (index !== undefined && !(Number.isInteger(index) && index >= 0 && index < args[0][0]))
    return `index ${index} is outside 0..${args[0][0] - 1}`;
  return args[0].slice(1);
};

const fixed = {
  elementwise: (args) => {
    let result: Shape = [];
    for (const shape of args) {
      if (shape.length === 0 || equal(shape, result)) continue;
      if (result.length > 0) return `${describe(result)} and ${describe(shape)} do not match`;
      result = shape;
    }
    return result;
  },
  vec: (args) => (args.every((shape) => shape.length === 0) ? [args.length] : "a vector holds numbers only"),
  mat: (args) => {
    const fault = args.map((shape) => rank("each row", shape, 1)).find((text) => text);
    if (fault) return fault;
    return args.every((shape) => equal(shape, args[0])) ? [args.length, args[0][0]] : "rows differ in length";
  },
  ref: item,
  update: (args, values) => {
    const replaced = item(args, values);
    if (typeof replaced === "string") return replaced;
    if (equal(replaced, args[2])) return args[0];
    return `its last argument must be ${describe(replaced)}, not ${describe(args[2])}`;
  },
  cross: (args) =>
    ranks(args, [1, 1]) ?? (args[0][0] === 3 && args[1][0] === 3 ? [3] : "it takes two vectors of length 3"),
  reduceVector: (args) => ranks(args, [1]) ?? [],
  keepVector: (args) => ranks(args, [1]) ?? args[0],
  scale: (args) =>
    args[0].length > 0 && args[1].length > 0 ? "one of its arguments must be a number" : [...args[0], ...args[1]],
  matmul: (args) =>
    ranks(args, [2, 2]) ??
    (args[0][1] === args[1][0]
      ? [args[0][0], args[1][1]]
      : `${describe(args[0])} and ${describe(args[1])} do not match`),
  matvec: (args) =>
    ranks(args, [2, 1]) ??
    (args[0][1] === args[1][0] ? [args[0][0]] : `${describe(args[0])} and ${describe(args[1])} do not match`),
  transpose: (args) => ranks(args, [2]) ?? [args[0][1], args[0][0]],
  outer: (args) => ranks(args, [1, 1]) ?? [args[0][0], args[1][0]],
} satisfies Record<string, ShapeRule>;

/** The shape rules that the rows of the op table name. */
export const shapes = { ...fixed, sameVectors, square, sized };
