// Arbitraries for the property tests of this room and the later ones. Never part of the package.
import fc from "fast-check";
import { type OpName, opNames, specOf } from "./ops.js";
import { printNumber } from "./print.js";

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
  /** Names that may stand free in the program; each program uses some of them. */
  readonly inputs: readonly string[];
  /** Whether to iterate, by loop, named let and do; true if not given. */
  readonly loops?: boolean;
  /** Whether to take derivatives, with respect to whatever is in scope; false if not given. */
  readonly derivatives?: boolean;
  /** Whether to define functions and call them, some of them recursive; true if not given. */
  readonly calls?: boolean;
}

interface Scope {
  readonly variables: readonly string[];
  readonly functions: readonly Callable[];
}

/** A function in scope. One that is `counted` recurs on its first argument, a small whole number, down to 0. */
interface Callable {
  readonly name: string;
  readonly arity: number;
  readonly counted: boolean;
}

/** A name that no input has. */
const unlike = (inputs: readonly string[], name: string): string =>
  inputs.includes(name) ? unlike(inputs, `${name}-`) : name;

/** A piece of a program, whose text depends on the names in scope where it stands. */
type Piece = (scope: Scope) => string;

const within = (scope: Scope, variables: readonly string[], functions: readonly Callable[] = []): Scope => ({
  variables: [...scope.variables, ...variables],
  functions: [...scope.functions, ...functions],
});
const combination = (...items: string[]) => `(${items.join(" ")})`;
const binding = (names: readonly string[], values: readonly string[]) =>
  combination(...names.map((name, i) => combination(name, values[i])));

function expressions(options: RandomProgramOptions): fc.Arbitrary<Piece> {
  const { integer = false, inputs, loops = true, calls = true, derivatives = false } = options;
  const [next, outer, local] = ["next", "outer", "local"].map((name) => unlike(inputs, name));
  // Locals share the inputs' names, so that programs shadow.
  const pool = [...inputs.filter((name) => name !== "i" && name !== "j"), "a", "b", "c"];
  const small = fc.nat({ max: 3 });
  const names = (count: number) =>
    fc.uniqueArray(fc.constantFrom(...new Set(pool)), { minLength: count, maxLength: count }) as fc.Arbitrary<string[]>;
  const literal = integer
    ? fc.nat({ max: 9 })
    : fc.oneof(
        fc.integer({ min: -9, max: 9 }),
        fc.integer({ min: -400, max: 400 }).map((hundredths) => hundredths / 100),
      );
  const ops: readonly OpName[] = integer ? integerOps : opNames.filter((op) => specOf(op).group === "scalar");

  const { expression } = fc.letrec<{ expression: Piece }>((tie) => {
    const expression = tie("expression");
    const some = (minLength: number, maxLength: number) => fc.array(expression, { minLength, maxLength });
    const leaf: fc.Arbitrary<Piece> = fc.oneof(
      { withCrossShrink: true },
      literal.map(
        (value): Piece =>
          () =>
            printNumber(value),
      ),
      fc.nat().map(
        (pick): Piece =>
          ({ variables }) =>
            variables.length > 0 ? variables[pick % variables.length] : "1",
      ),
    );
    const operation: fc.Arbitrary<Piece> = fc.constantFrom(...ops).chain((op) => {
      const [fewest, most] = specOf(op).arity;
      return some(fewest, Math.min(most, 3)).map((args) => (s) => combination(op, ...args.map((arg) => arg(s))));
    });
    const conditional: fc.Arbitrary<Piece> = fc
      .tuple(fc.constantFrom("if", "cond", "and", "or", "when", "unless", "case"), small, some(4, 4))
      .map(([form, key, pieces]) => (s) => {
        const [a, b, c, d] = pieces.map((piece) => piece(s));
        if (form === "if") return combination(form, a, b, c);
        if (form === "cond") return combination(form, combination(a, b), combination(c), combination("else", d));
        if (form === "case") {
          const clauses = [combination(`(${key} ${key + 2})`, b), combination(`(${key + 1})`, c)];
          return combination(form, a, ...clauses, combination("else", d));
        }
        return combination(form, a, b, ...(form === "and" || form === "or" ? [c] : []));
      });
    const letting: fc.Arbitrary<Piece> = fc
      .tuple(fc.constantFrom("let", "let*"), names(2), some(3, 3))
      .map(([form, [x, y], [first, second, body]]) => (s) => {
        const inner = within(s, [x]);
        const bound = binding([x, y], [first(s), second(form === "let" ? s : inner)]);
        return combination(form, bound, body(within(inner, [y])));
      });
    const iteration: fc.Arbitrary<Piece> = fc
      .tuple(fc.constantFrom("loop", "let", "do"), small, names(1), some(3, 3))
      .map(([form, count, [a], [start, step, result]]) => (s) => {
        const inner = within(s, ["i", a]);
        const [first, again, last] = [start(s), step(inner), result(inner)];
        if (form === "do")
          return combination(form, `((i 0 (+ i 1)) (${a} ${first} ${again}))`, `((= i ${count}) ${last})`);
        const back = combination(form === "loop" ? "recur" : next, "(+ i 1)", again);
        const body = combination("if", `(< i ${count})`, back, last);
        return combination(form === "loop" ? form : `let ${next}`, binding(["i", a], ["0", first]), body);
      });
    /** An iteration in another's tail, which goes on with the outer one when it ends. */
    const nested: fc.Arbitrary<Piece> = fc
      .tuple(small, small, names(2), some(4, 4))
      .map(([count, innerCount, [a, b], [start, step, outerStep, result]]) => (s) => {
        const around = within(s, ["i", a]);
        const inside = within(around, ["j", b]);
        const last = combination(outer, "(+ i 1)", outerStep(inside));
        const back = combination(next, "(+ j 1)", step(inside));
        const inner = combination("if", `(< j ${innerCount})`, back, last);
        const body = combination(`let ${next}`, binding(["j", b], ["0", a]), inner);
        const test = combination("if", `(< i ${count})`, body, result(around));
        return combination(`let ${outer}`, binding(["i", a], ["0", start(s)]), test);
      });
    /** A named let with something left to do after it calls itself. */
    const recursion: fc.Arbitrary<Piece> = fc
      .tuple(small, names(1), some(4, 4))
      .map(([count, [a], [start, step, base, rest]]) => (s) => {
        const inner = within(s, ["i", a]);
        const more = combination("+", rest(inner), combination(next, "(- i 1)", step(inner)));
        const body = combination("if", "(= i 0)", base(inner), more);
        return combination(`let ${next}`, binding(["i", a], [String(count), start(s)]), body);
      });
    const closure: fc.Arbitrary<Piece> = fc.tuple(names(1), some(2, 2)).map(([[a], [body, rest]]) => (s) => {
      const lambda = combination("lambda", `(${a})`, body(within(s, [a])));
      const inner = within(s, [], [{ name: local, arity: 1, counted: false }]);
      return combination("let", binding([local], [lambda]), rest(inner));
    });
    const call: fc.Arbitrary<Piece> = fc.tuple(fc.nat(), small, some(2, 2)).map(([pick, count, args]) => (s) => {
      if (s.functions.length === 0) return args[0](s);
      const { name, arity, counted } = s.functions[pick % s.functions.length];
      const given = args.slice(0, arity).map((arg) => arg(s));
      return combination(name, ...(counted ? [String(count)] : []), ...given);
    });
    const derivative: fc.Arbitrary<Piece> = fc.tuple(fc.nat(), expression).map(([pick, body]) => (s) => {
      if (s.variables.length === 0) return body(s);
      const variable = s.variables[pick % s.variables.length];
      // An input that nothing else is said of can't be one.
      return combination("begin", variable, combination("derivative", body(s), variable));
    });
    const forms = [operation, operation, operation, operation, conditional, letting];
    if (derivatives) forms.push(derivative, derivative);
    if (loops) forms.push(iteration, nested);
    if (calls) forms.push(closure, call, call);
    if (loops && calls) forms.push(recursion);
    return { expression: fc.oneof({ maxDepth: 3, depthSize: "small", withCrossShrink: true }, leaf, ...forms) };
  });
  return expression;
}

/**
 * Source texts of well-typed programs on numbers, which end within a few thousand iterations and recur a few frames deep.
 * They use every scalar form of the language, with names that shadow one another. Values may be infinite or NaN.
 */
export function randomProgram(options: RandomProgramOptions): fc.Arbitrary<string> {
  const { inputs, calls = true } = options;
  const body = expressions(options);
  const kind = fc.constantFrom("function", "recursion", "tail recursion", "constant");
  const definition = fc.record({ kind, arity: fc.integer({ min: 1, max: 2 }), body, rest: body });
  return fc.tuple(calls ? fc.array(definition, { maxLength: 2 }) : fc.constant([]), body).map(([definitions, main]) => {
    let scope: Scope = { variables: inputs, functions: [] };
    const lines: string[] = [];
    for (const [i, { kind, arity, body, rest }] of definitions.entries()) {
      const name = unlike(inputs, "fg"[i]);
      const parameters = ["a", "b"].slice(0, arity);
      const inner = within(scope, parameters);
      if (kind === "constant") {
        lines.push(combination("define", name, body(scope)));
        scope = within(scope, [name]);
        continue;
      }
      const counted = kind !== "function";
      if (counted) {
        // The second parameter, if any, is passed on as it is.
        const again = combination(name, "(- n 1)", "(+ a n)", ...parameters.slice(1));
        const more = kind === "recursion" ? combination("+", rest(within(inner, ["n"])), again) : again;
        const test = combination("if", "(= n 0)", body(inner), more);
        lines.push(combination("define", combination(name, "n", ...parameters), test));
      } else lines.push(combination("define", combination(name, ...parameters), body(inner)));
      scope = within(scope, [], [{ name, arity, counted }]);
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
