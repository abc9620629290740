import fc from "fast-check";

/** A name in scope: of a number, of a vector of 3, or of a 2x3 matrix. */
interface Scope {
  readonly number: readonly string[];
  readonly vector: readonly string[];
  readonly matrix: readonly string[];
}
type Kind = keyof Scope;

const known = (scope: Scope, kind: Kind, ...names: string[]): Scope => ({
  ...scope,
  [kind]: [...scope[kind], ...names],
});

/** Text of an expression of a kind; `functions` may be called in it. */
function expression(
  kind: Kind,
  scope: Scope,
  functions: Readonly<Record<Kind, readonly string[]>>,
  depth: number,
): fc.Arbitrary<string> {
  const constant = fc.integer({ min: -2, max: 6 }).map(String);
  const names = scope[kind];
  const written: Record<Kind, fc.Arbitrary<string>> = {
    number: constant,
    vector: fc.tuple(constant, constant, constant).map((items) => `[${items.join(" ")}]`),
    matrix: fc.constantFrom("(mat [1 2 0] [3 1 4])", "(mat [0 0 1] [1 0 0])"),
  };
  const leaf = names.length === 0 ? written[kind] : fc.oneof(fc.constantFrom(...names), written[kind]);
  if (depth === 0) return leaf;
  const sub = (wanted: Kind, inner = scope) => expression(wanted, inner, functions, depth - 1);
  const binary = (...ops: string[]) =>
    fc.tuple(fc.constantFrom(...ops), sub(kind), sub(kind)).map(([op, a, b]) => `(${op} ${a} ${b})`);
  const own: Record<Kind, readonly fc.Arbitrary<string>[]> = {
    number: [
      binary("+", "-", "*", "quotient", "modulo", "min", "max", "=", "<", ">="),
      fc.tuple(sub("vector"), sub("number")).map(([v, i]) => `(ref ${v} (modulo ${i} 3))`),
      fc.tuple(sub("vector"), fc.integer({ min: 0, max: 2 })).map(([v, i]) => `(ref ${v} ${i})`),
      fc.tuple(sub("vector"), sub("vector")).map(([v, w]) => `(dot ${v} ${w})`),
      sub("vector").map((v) => `(vsum ${v})`),
      sub("matrix").map((m) => `(trace (matmul ${m} (transpose ${m})))`),
    ],
    vector: [
      binary("+", "-", "*", "max", "cross"),
      fc.tuple(sub("number"), sub("vector")).map(([s, v]) => `(scale ${s} ${v})`),
      fc.tuple(sub("number"), sub("vector")).map(([s, v]) => `(- ${s} ${v})`),
      fc.tuple(sub("number"), sub("number"), sub("number")).map((items) => `[${items.join(" ")}]`),
      fc.tuple(sub("matrix"), sub("number")).map(([m, i]) => `(ref ${m} (modulo ${i} 2))`),
      sub("matrix").map((m) => `(ref ${m} 1)`),
      fc.tuple(sub("vector"), sub("number"), sub("number")).map(([v, i, x]) => `(update ${v} (modulo ${i} 3) ${x})`),
      fc.tuple(sub("vector"), fc.nat(2), sub("number")).map(([v, i, x]) => `(update ${v} ${i} ${x})`),
      fc.tuple(sub("matrix"), sub("vector")).map(([m, v]) => `(matvec (transpose ${m}) (matvec ${m} ${v}))`),
    ],
    matrix: [
      binary("+", "*"),
      fc.tuple(sub("vector"), sub("vector")).map((rows) => `(mat ${rows.join(" ")})`),
      fc.tuple(sub("number"), sub("number"), sub("vector")).map(([a, b, v]) => `(outer [${a} ${b}] ${v})`),
      fc.tuple(sub("matrix"), sub("number"), sub("vector")).map(([m, i, v]) => `(update ${m} (modulo ${i} 2) ${v})`),
    ],
  };
  const name = (letter: string) => `${letter}${depth}`;
  const bound = (of: Kind) =>
    fc
      .tuple(sub(of), sub(kind, known(scope, of, name("x"))))
      .map(([value, body]) => `(let ((${name("x")} ${value})) ${body})`);
  const inLoop = known(known(scope, "number", name("i")), kind, name("s"));
  const choices = [
    leaf,
    ...own[kind],
    fc.tuple(sub("number"), sub(kind), sub(kind)).map(([test, a, b]) => `(if ${test} ${a} ${b})`),
    bound("number"),
    bound("vector"),
    bound("matrix"),
    fc
      .tuple(sub("number"), sub(kind), sub(kind), sub(kind, inLoop))
      .map(
        ([count, first, second, next]) =>
          `(let ${name("go")} ((${name("i")} (modulo ${count} 3)) (${name("s")} ${first}) (${name("t")} ${second})) ` +
          `(if (= ${name("i")} 0) ${name("s")} (${name("go")} (- ${name("i")} 1) ${name("t")} ${next})))`,
      ),
  ];
  if (functions[kind].length > 0) {
    const called = fc.tuple(fc.constantFrom(...functions[kind]), sub("number"), sub("vector"), sub("matrix"));
    choices.push(called.map((parts) => `(${parts.join(" ")})`));
  }
  return fc.oneof(...choices);
}

const none = { number: [], vector: [], matrix: [] };
const parameters: Scope = { number: ["p"], vector: ["q"], matrix: ["r"] };
const inner = { number: ["f"], vector: ["g"], matrix: ["h"] };

/** Programs of functions that take a number, a vector and a matrix, some of which recur, on inputs of each kind. */
export const arrayPrograms = fc
  .record({
    f: expression("number", parameters, none, 2),
    g: expression("vector", parameters, none, 2),
    h: expression("matrix", parameters, none, 1),
    step: expression("vector", parameters, inner, 1),
    body: expression(
      "number",
      { number: ["a", "b"], vector: ["v"], matrix: ["m"] },
      {
        number: ["f", "deep", "even"],
        vector: ["g", "turn"],
        matrix: ["h"],
      },
      3,
    ),
    inputs: fc.array(fc.nat(30), { minLength: 11, maxLength: 11 }),
  })
  .map(({ f, g, h, step, body, inputs }) => ({
    text: `(define (f p q r) ${f})
(define (g p q r) ${g})
(define (h p q r) ${h})
(define (deep p q r) (if (= (modulo p 4) 0) (vsum q) (+ p (deep (- (modulo p 4) 1) ${step} r) (vsum q))))
(define (even p q r) (if (= (modulo p 4) 0) (f p q r) (odd (- (modulo p 4) 1) r q)))
(define (odd p r q) (if (= (modulo p 4) 0) (dot q q) (even (- (modulo p 4) 1) (+ q 1) r)))
(define (turn p q r) (if (= (modulo p 3) 0) q (turn (- (modulo p 3) 1) [(ref q 1) (ref q (modulo (ref q 0) 3)) p] r)))
(+ a b (vsum v) (trace (matmul m (transpose m))) ${body})`,
    inputs,
  }));

/** Programs that update arrays which other names may still read, in straight lines, in loops and in functions. */
export const updatingPrograms: fc.Arbitrary<string> = fc
  .array(
    fc.record({
      kind: fc.constantFrom("update", "twice", "loop", "nested", "swap", "branch", "call", "row", "again"),
      source: fc.nat(20),
      other: fc.nat(20),
      index: fc.nat(2),
      item: fc.nat(9),
    }),
    { minLength: 1, maxLength: 7 },
  )
  .chain((steps) => fc.tuple(fc.constant(steps), fc.array(fc.nat(20), { minLength: 1, maxLength: 3 })))
  .map(([steps, read]) => {
    const name = (i: number, below: number) => (i % below === 0 ? "v" : `x${i % below}`);
    const bindings = steps.map(({ kind, source, other, index, item }, i) => {
      const [s, o] = [name(source, i + 1), name(other, i + 1)];
      const at = `(modulo (+ a ${index}) 3)`;
      const forms = {
        update: `(update ${s} ${at} ${item})`,
        twice: `(update (update ${s} ${at} (ref ${o} ${index})) (modulo b 3) ${item})`,
        loop: `(let go ((i 4) (s ${s})) (if (= i 0) s (go (- i 1) (update s (modulo i 3) (+ (ref s ${index}) (ref ${o} (modulo i 3)))))))`,
        nested: `(let go ((i 3) (s ${s})) (if (= i 0) s (let to ((j i) (t s)) (if (= j 0) (go (- i 1) (update t ${at} (ref ${o} ${index}))) (to (- j 1) (update t (modulo (+ i j) 3) (+ j (ref t (modulo j 3)))))))))`,
        swap: `(let go ((i 3) (s ${s}) (t ${o})) (if (= i 0) (+ s t) (go (- i 1) (update t (modulo i 3) (ref s ${index})) s)))`,
        branch: `(if (odd? (ref ${o} ${at})) (update ${s} ${at} (ref ${o} ${index})) ${o})`,
        call: `(f ${s} (modulo b 3) (vsum ${o}))`,
        row: `(ref (update (mat ${s} ${o}) (modulo a 2) (update ${s} ${at} ${item})) (modulo b 2))`,
        again: `(g ${s} ${o} 2)`,
      };
      return `(x${i + 1} ${forms[kind as keyof typeof forms]})`;
    });
    const sums = read.map((i, k) => `(dot ${name(i, steps.length + 1)} [1 ${k + 2} 5])`).join(" ");
    return `(define (f p i x) (let ((q (update p i x))) (+ q (update q i (ref p i)))))
(define (g p q k) (if (= k 0) p (+ (g (update q k (ref p k)) p (- k 1)) (update p (modulo (ref q 0) 3) k))))
(let* (${bindings.join("\n")}) (+ (dot v [3 1 2]) a b ${sums}))`;
  });
