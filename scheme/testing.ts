// Arbitraries for the property tests of this room and the later ones. Never part of the package.
import fc from "fast-check";
import { type OpName, opNames, specOf } from "./ops.js";
import { printNumber } from "./print.js";
import type { Shape } from "./shapes.js";

/** Scalar operations whose meaning on whole numbers modulo n a register machine shares. */
export const integerOps = [
  "+",
  "-",
  "*",
  "quotient",
  "modulo",
  "remainder",
  "gcd",
  "lcm",
  "min",
  "max",
  "abs",
  "square",
  "=",
  "<",
  ">",
  "<=",
  ">=",
  "not",
  "zero?",
  "positive?",
  "odd?",
  "even?",
] as const satisfies readonly OpName[];

export interface RandomProgramOptions {
  /** Whole literals from 0 to 9 and `integerOps` only. */
  readonly integer?: boolean;
  /** Names of numbers that may stand free in the program; each program uses some of them. */
  readonly inputs: readonly string[];
  /** The same of arrays, with their shapes: programs then compute with arrays of these sizes too. */
  readonly arrays?: Readonly<Record<string, Shape>>;
  /** Of the program's value; a number if not given. Its sizes are among those of `arrays`. */
  readonly shape?: Shape;
  /** Whether to iterate, by loop, named let and do; true if not given. */
  readonly loops?: boolean;
  /** Whether to take derivatives, with respect to whatever is in scope; false if not given. */
  readonly derivatives?: boolean;
  /** Whether to define functions and call them, some of them recursive; true if not given. */
  readonly calls?: boolean;
}

/** A shape as a key: "" of a number, "3" of a vector, "2x3" of a matrix. */
type ShapeKey = string;
const keyOf = (shape: Shape): ShapeKey => shape.join("x");
const number: ShapeKey = "";

interface Variable {
  readonly name: string;
  readonly shape: ShapeKey;
}

interface Scope {
  readonly variables: readonly Variable[];
  readonly functions: readonly Callable[];
}

/** A function in scope. One that is `counted` recurs on its first argument, a small whole number, down to 0. */
interface Callable {
  readonly name: string;
  readonly parameters: readonly ShapeKey[];
  readonly result: ShapeKey;
  readonly counted: boolean;
}

/** A name that no input has. */
const unlike = (inputs: readonly string[], name: string): string =>
  inputs.includes(name) ? unlike(inputs, `${name}-`) : name;

/** A piece of a program, whose text depends on the names in scope where it stands. */
type Piece = (scope: Scope) => string;

const variable = (name: string, shape: ShapeKey = number): Variable => ({ name, shape });
const within = (scope: Scope, variables: readonly Variable[], functions: readonly Callable[] = []): Scope => ({
  variables: [...scope.variables.filter(({ name }) => !variables.some((other) => other.name === name)), ...variables],
  functions: [...scope.functions.filter(({ name }) => !functions.some((other) => other.name === name)), ...functions],
});
const combination = (...items: string[]) => `(${items.join(" ")})`;
const binding = (names: readonly string[], values: readonly string[]) =>
  combination(...names.map((name, i) => combination(name, values[i])));

/** The shapes of numbers, vectors and matrices of the sizes that some arrays have. */
function shapesOf(arrays: Readonly<Record<string, Shape>>): Map<ShapeKey, Shape> {
  const sizes = [...new Set(Object.values(arrays).flat())];
  const shapes: Shape[] = [[], ...sizes.map((size) => [size]), ...sizes.flatMap((m) => sizes.map((n) => [m, n]))];
  return new Map(shapes.map((shape) => [keyOf(shape), shape]));
}

/** How an operation may be applied: an argument is of a shape, or an index below a length, or a size. */
interface Application {
  readonly op: OpName;
  readonly args: readonly (ShapeKey | { readonly below: number } | { readonly size: number })[];
}

/** The applications of an operation to arguments of some shapes that its shape rule allows, by the result's shape. */
function applications(op: OpName, shapes: ReadonlyMap<ShapeKey, Shape>): Map<ShapeKey, Application[]> {
  const found = new Map<ShapeKey, Application[]>();
  const add = (result: Shape | string, args: Application["args"]) => {
    if (typeof result === "string" || !shapes.has(keyOf(result))) return;
    found.set(keyOf(result), [...(found.get(keyOf(result)) ?? []), { op, args }]);
  };
  const { arity, shape: rule, spread } = specOf(op);
  const all = [...shapes];
  const sizes = new Set([...shapes.values()].flat());
  if (arity[0] === 0) add([], []);
  if (arity[1] === 1 && rule([[]], [1]) !== rule([[]])) for (const size of sizes) add(rule([[]], [size]), [{ size }]);
  // Of the spread forms those of one and three arguments, or as many as an array is long, have arguments of one shape.
  const most = spread?.kind === "list" ? Math.max(...sizes) : Math.min(3, arity[1]);
  for (let count = Math.max(1, arity[0]); count <= most; count++) {
    if (count === 2) continue;
    for (const [key, shape] of all) {
      if (spread?.kind === "chain" && shape.length > 0) continue;
      add(rule(new Array(count).fill(shape)), new Array(count).fill(key));
    }
  }
  if (op === "update") {
    for (const [key, shape] of all) if (shape.length > 0) add(shape, [key, { below: shape[0] }, keyOf(shape.slice(1))]);
  }
  if (arity[0] > 2 || arity[1] < 2) return found;
  for (const [a, first] of all) {
    for (const [b, second] of all) {
      if (spread?.kind === "list" && a !== b) continue;
      if (op === "ref" && first.length > 0) add(first.slice(1), [a, { below: first[0] }]);
      else add(rule([first, second]), [a, b]);
    }
  }
  return found;
}

/** Arbitrary pieces of each shape. */
function expressions(options: RandomProgramOptions): (shape: ShapeKey) => fc.Arbitrary<Piece> {
  const { integer = false, inputs, arrays = {}, loops = true, calls = true, derivatives = false } = options;
  const free = [...inputs, ...Object.keys(arrays)];
  const [next, outer, local] = ["next", "around", "local"].map((name) => unlike(free, name));
  // Locals share the inputs' names, so that programs shadow.
  const pool = [...free.filter((name) => name !== "i" && name !== "j"), "a", "b", "c"];
  const small = fc.nat({ max: 3 });
  const names = (count: number) =>
    fc.uniqueArray(fc.constantFrom(...new Set(pool)), { minLength: count, maxLength: count }) as fc.Arbitrary<string[]>;
  const literal = integer
    ? fc.nat({ max: 9 })
    : fc.oneof(
        fc.integer({ min: -9, max: 9 }),
        fc.integer({ min: -400, max: 400 }).map((hundredths) => hundredths / 100),
      );
  const shapes = shapesOf(arrays);
  const keys = [...shapes.keys()];
  const shape = fc.constantFrom(...keys);
  const ops: readonly OpName[] = integer
    ? integerOps
    : opNames.filter((op) => shapes.size > 1 || specOf(op).group === "scalar");
  const table = ops.map((op) => applications(op, shapes));

  const variableOr = (key: ShapeKey, pick: number, otherwise: (scope: Scope) => string) => (scope: Scope) => {
    const candidates = scope.variables.filter((one) => one.shape === key);
    return candidates.length > 0 ? candidates[pick % candidates.length].name : otherwise(scope);
  };
  const literalOf = ([size, ...inner]: Shape): fc.Arbitrary<string> =>
    size === undefined
      ? literal.map(printNumber)
      : fc
          .array(literalOf(inner), { minLength: size, maxLength: size })
          .map((items) => (inner.length > 0 ? combination("mat", ...items) : `[${items.join(" ")}]`));
  const leaves = new Map(
    [...shapes].map(([key, of]) => {
      const written = literalOf(of).map(
        (text): Piece =>
          () =>
            text,
      );
      const named = fc.tuple(fc.nat(), literalOf(of)).map(([pick, text]) => variableOr(key, pick, () => text));
      return [key, fc.oneof({ withCrossShrink: true }, written, { weight: 3, arbitrary: named })];
    }),
  );
  const get = <T>(map: ReadonlyMap<ShapeKey, T>, key: ShapeKey): T => {
    const found = map.get(key);
    if (found === undefined) throw new Error(`no shape ${key}`);
    return found;
  };

  const depthIdentifier = fc.createDepthIdentifier();
  const { ...byShape } = fc.letrec<Record<ShapeKey, Piece>>((tie) => {
    const some = (key: ShapeKey, count: number) =>
      fc.tuple(...new Array(count).fill(tie(key))) as fc.Arbitrary<Piece[]>;
    const formsOf = (key: ShapeKey): fc.Arbitrary<Piece>[] => {
      // Operations on arrays are few, so each is drawn more often.
      const usable = table.flatMap((one, i) => {
        const list = one.get(key);
        return list ? new Array<Application[]>(specOf(ops[i]).group === "scalar" ? 1 : 8).fill(list) : [];
      });
      const operation: fc.Arbitrary<Piece> = fc
        .constantFrom(...usable)
        .chain((list) => fc.constantFrom(...list))
        .chain(({ op, args }) => {
          const pieces = args.map((arg): fc.Arbitrary<Piece> => {
            if (typeof arg === "string") return tie(arg);
            if ("size" in arg) return fc.constant(() => String(arg.size));
            const index = fc.nat({ max: arg.below - 1 }).map(
              (i): Piece =>
                () =>
                  String(i),
            );
            const computed = tie(number).map(
              (piece): Piece =>
                (s) =>
                  combination("modulo", combination("floor", piece(s)), String(arg.below)),
            );
            return fc.oneof({ withCrossShrink: true }, { weight: 3, arbitrary: index }, computed);
          });
          return fc.tuple(...pieces).map((parts) => (s) => combination(op, ...parts.map((part) => part(s))));
        });
      // What gives 0 or a test's value is a number.
      const conditionals =
        key === number ? ["if", "cond", "and", "or", "when", "unless", "case"] : ["if", "cond", "case"];
      const conditional: fc.Arbitrary<Piece> = fc
        .tuple(fc.constantFrom(...conditionals), small, some(number, 2), some(key, 3))
        .map(([form, label, tests, pieces]) => (s) => {
          const [test, other] = tests.map((piece) => piece(s));
          const [a, b, c] = pieces.map((piece) => piece(s));
          if (form === "if") return combination(form, test, a, b);
          if (form === "cond") {
            const clause = key === number ? combination(other) : combination(other, c);
            return combination(form, combination(test, a), clause, combination("else", b));
          }
          if (form === "case") {
            const clauses = [combination(`(${label} ${label + 2})`, a), combination(`(${label + 1})`, b)];
            return combination(form, test, ...clauses, combination("else", c));
          }
          return combination(form, test, a, ...(form === "and" || form === "or" ? [b] : []));
        });
      const letting: fc.Arbitrary<Piece> = fc
        .tuple(fc.constantFrom("let", "let*"), names(2), shape, shape)
        .chain(([form, [x, y], first, second]) =>
          fc.tuple(tie(first), tie(second), tie(key)).map(([a, b, body]) => (s: Scope) => {
            const inner = within(s, [variable(x, first)]);
            const bound = binding([x, y], [a(s), b(form === "let" ? s : inner)]);
            return combination(form, bound, body(within(inner, [variable(y, second)])));
          }),
        );
      const iteration: fc.Arbitrary<Piece> = fc
        .tuple(fc.constantFrom("loop", "let", "do"), small, names(1), shape)
        .chain(([form, count, [a], carried]) =>
          fc.tuple(tie(carried), tie(carried), tie(key)).map(([start, step, result]) => (s: Scope) => {
            const inner = within(s, [variable("i"), variable(a, carried)]);
            const [first, again, last] = [start(s), step(inner), result(inner)];
            if (form === "do")
              return combination(form, `((i 0 (+ i 1)) (${a} ${first} ${again}))`, `((= i ${count}) ${last})`);
            const back = combination(form === "loop" ? "recur" : next, "(+ i 1)", again);
            const body = combination("if", `(< i ${count})`, back, last);
            return combination(form === "loop" ? form : `let ${next}`, binding(["i", a], ["0", first]), body);
          }),
        );
      /** An iteration in another's tail, which goes on with the outer one when it ends. */
      const nested: fc.Arbitrary<Piece> = fc
        .tuple(small, small, names(2), shape)
        .chain(([count, innerCount, [a, b], carried]) =>
          fc.tuple(some(carried, 3), tie(key)).map(([[start, step, outerStep], result]) => (s: Scope) => {
            const around = within(s, [variable("i"), variable(a, carried)]);
            const inside = within(around, [variable("j"), variable(b, carried)]);
            const last = combination(outer, "(+ i 1)", outerStep(inside));
            const back = combination(next, "(+ j 1)", step(inside));
            const inner = combination("if", `(< j ${innerCount})`, back, last);
            const body = combination(`let ${next}`, binding(["j", b], ["0", a]), inner);
            const test = combination("if", `(< i ${count})`, body, result(around));
            return combination(`let ${outer}`, binding(["i", a], ["0", start(s)]), test);
          }),
        );
      /** A named let with something left to do after it calls itself. */
      const recursion: fc.Arbitrary<Piece> = fc.tuple(small, names(1), shape).chain(([count, [a], carried]) =>
        fc.tuple(some(carried, 2), some(key, 2)).map(([[start, step], [base, rest]]) => (s: Scope) => {
          const inner = within(s, [variable("i"), variable(a, carried)]);
          const more = combination("+", rest(inner), combination(next, "(- i 1)", step(inner)));
          const body = combination("if", "(= i 0)", base(inner), more);
          return combination(`let ${next}`, binding(["i", a], [String(count), start(s)]), body);
        }),
      );
      const closure: fc.Arbitrary<Piece> = fc.tuple(names(1), shape, shape).chain(([[a], parameter, result]) =>
        fc.tuple(tie(result), tie(key)).map(([body, rest]) => (s: Scope) => {
          const lambda = combination("lambda", `(${a})`, body(within(s, [variable(a, parameter)])));
          const inner = within(s, [], [{ name: local, parameters: [parameter], result, counted: false }]);
          return combination("let", binding([local], [lambda]), rest(inner));
        }),
      );
      const argument = fc.record({ any: tie(number), arrays: fc.record(Object.fromEntries(leaves)) });
      const call: fc.Arbitrary<Piece> = fc
        .tuple(fc.nat(), small, fc.tuple(argument, argument), tie(key))
        .map(([pick, count, args, otherwise]) => (s) => {
          const callable = s.functions.filter(({ result }) => result === key);
          if (callable.length === 0) return otherwise(s);
          const { name, parameters, counted } = callable[pick % callable.length];
          const given = parameters.map((parameter, i) =>
            (parameter === number ? args[i].any : args[i].arrays[parameter])(s),
          );
          return combination(name, ...(counted ? [String(count)] : []), ...given);
        });
      // The dimensions of the expression, then those of the variable.
      const of = get(shapes, key);
      const derivative: fc.Arbitrary<Piece> = fc.nat({ max: of.length }).chain((rank) =>
        fc.tuple(fc.nat(), tie(keyOf(of.slice(0, rank))), tie(key)).map(([pick, body, otherwise]) => (s: Scope) => {
          const candidates = s.variables.filter((one) => one.shape === keyOf(of.slice(rank)));
          if (candidates.length === 0) return otherwise(s);
          const { name } = candidates[pick % candidates.length];
          // An input that nothing else is said of can't be one.
          return combination("begin", name, combination("derivative", body(s), name));
        }),
      );
      const forms = [...new Array<fc.Arbitrary<Piece>>(8).fill(operation), conditional, letting];
      if (derivatives) forms.push(derivative, derivative);
      if (loops) forms.push(iteration, nested);
      if (calls) forms.push(closure, call, call);
      if (loops && calls) forms.push(recursion);
      return forms;
    };
    const depth = { maxDepth: 3, depthSize: "small", depthIdentifier, withCrossShrink: true } as const;
    return Object.fromEntries(keys.map((key) => [key, fc.oneof(depth, get(leaves, key), ...formsOf(key))]));
  });
  return (key) => byShape[key];
}

/**
 * Source texts of well-typed programs, which end within a few thousand iterations and recur a few frames deep. They use
 * every form of the language and every operation on the shapes at hand, with names that shadow one another. Values may be
 * infinite or NaN, and an index may be NaN, which is an error.
 */
export function randomProgram(options: RandomProgramOptions): fc.Arbitrary<string> {
  const { inputs, arrays = {}, shape = [], calls = true } = options;
  const expression = expressions(options);
  const free = [...inputs, ...Object.keys(arrays)];
  const anyShape = fc.constantFrom(...shapesOf(arrays).keys());
  const kind = fc.constantFrom("function", "recursion", "tail recursion", "constant");
  const definition = fc
    .record({ kind, parameters: fc.array(anyShape, { minLength: 1, maxLength: 2 }), result: anyShape })
    .chain(({ kind, parameters, result }) =>
      fc
        .tuple(expression(result), expression(result))
        .map(([body, rest]) => ({ kind, parameters, result, body, rest })),
    );
  const main = expression(keyOf(shape));
  return fc.tuple(calls ? fc.array(definition, { maxLength: 2 }) : fc.constant([]), main).map(([definitions, main]) => {
    const given = [
      ...inputs.map((name) => variable(name)),
      ...Object.entries(arrays).map(([name, of]) => variable(name, keyOf(of))),
    ];
    let scope: Scope = { variables: given, functions: [] };
    const lines: string[] = [];
    for (const [i, { kind, parameters, result, body, rest }] of definitions.entries()) {
      const name = unlike(free, "fg"[i]);
      if (kind === "constant") {
        lines.push(combination("define", name, body(scope)));
        scope = within(scope, [variable(name, result)]);
        continue;
      }
      const names = ["a", "b"].slice(0, parameters.length);
      const inner = within(
        scope,
        names.map((one, k) => variable(one, parameters[k])),
      );
      const counted = kind !== "function";
      if (counted) {
        // The second parameter, if any, is passed on as it is.
        const again = combination(name, "(- n 1)", "(+ a n)", ...names.slice(1));
        const more = kind === "recursion" ? combination("+", rest(within(inner, [variable("n")])), again) : again;
        const test = combination("if", "(= n 0)", body(inner), more);
        lines.push(combination("define", combination(name, "n", ...names), test));
      } else lines.push(combination("define", combination(name, ...names), body(inner)));
      scope = within(scope, [], [{ name, parameters, result, counted }]);
    }
    return [...lines, main(scope)].join("\n");
  });
}

/** Arguments of a scalar operation from its sampling domain, two where it takes any number. */
export function sampleArguments(op: OpName): fc.Arbitrary<number[]> {
  const { arity, sample, spread } = specOf(op);
  const count = spread ? 2 : arity[0];
  const whole = op === "gcd" || op === "lcm" || op === "odd?" || op === "even?";
  const argument = (i: number) => {
    const [min, max] = sample[Math.min(i, sample.length - 1)];
    if (whole) return fc.integer({ min, max });
    // fc.double would draw nearly all of them close to 0.
    return fc.nat({ max: 2 ** 30 }).map((part) => min + (max - min) * (part / 2 ** 30));
  };
  return fc.tuple(...Array.from({ length: count }, (_, i) => argument(i)));
}

/** Programs on `x`, a value of it that is outside the domain of one of their operations, and what strict mode says. */
export const outsideDomain: readonly (readonly [source: string, x: number, message: string])[] = [
  ["(sqrt x)", -1, '"sqrt" at 1:1: square root of a negative number, in (sqrt -1)'],
  ["(+ 1 (log x))", 0, '"log" at 1:6: logarithm of a number that is not positive, in (log 0)'],
  ["(/ 3 x)", 0, '"/" at 1:1: division by zero, in (/ 3 0)'],
  ["(/ 8 2 x)", 0, '"/" at 1:1: division by zero, in (/ 4 0)'],
  ["(/ x)", 0, '"/" at 1:1: division by zero, in (/ 1 0)'],
  ["(modulo 1 x)", 0, '"modulo" at 1:1: division by zero, in (modulo 1 0)'],
  ["(remainder 1 x)", 0, '"remainder" at 1:1: division by zero, in (remainder 1 0)'],
  ["(quotient 1 x)", 0, '"quotient" at 1:1: division by zero, in (quotient 1 0)'],
  ["(expt x 0.5)", -2, '"expt" at 1:1: fractional power of a negative number, in (expt -2 0.5)'],
  ["(pow x -1)", 0, '"expt" at 1:1: negative power of zero, in (expt 0 -1)'],
  ["(asin x)", 1.5, '"asin" at 1:1: argument outside [-1, 1], in (asin 1.5)'],
  ["(acos x)", -2, '"acos" at 1:1: argument outside [-1, 1], in (acos -2)'],
  ["(gcd x 2)", 1.5, '"gcd" at 1:1: arguments must be whole numbers, in (gcd 1.5 2)'],
  ["(lcm 2 x)", 1.5, '"lcm" at 1:1: arguments must be whole numbers, in (lcm 2 1.5)'],
  ["(normalize [0 x])", 0, '"normalize" at 1:1: a vector of length 0 has no direction'],
  ["(+ (inv (mat [1 2] [2 x])) 1)", 4, '"inv" at 1:4: singular matrix'],
  ["(inv (mat [x 1] [0 1]))", 0, '"inv" at 1:1: singular matrix'],
  ["(inv (mat [x]))", 0, '"inv" at 1:1: singular matrix'],
  ["(sqrt [4 x])", -1, '"sqrt" at 1:1: square root of a negative number, in (sqrt -1)'],
  ["(log 2 x)", 1, '"/" at 1:1: division by zero, in (/ 0.6931471805599453 0)'],
];
