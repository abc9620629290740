import { describe, expect, it } from "vitest";
import { alu, assemble, instructions, link, mnemonics, parseAssembly } from "../assembler/index.js";
import { aNormalForm, BudgetError, evaluateReference, readProgram, SoftmachineError } from "../scheme/index.js";
import { ExactMachine, entryOf, runExact, seededRandom, tabulate, traceExact } from "./index.js";

const imageOf = (text: string, n: number, registers?: number) =>
  link([assemble(aNormalForm(readProgram(text)))], registers === undefined ? { n } : { n, registers });

/** Every tuple of `length` values 0..n-1. */
function* tuples(n: number, length: number): Generator<number[]> {
  for (let index = 0; index < n ** length; index++) {
    yield Array.from({ length }, (_, i) => Math.floor(index / n ** (length - 1 - i)) % n);
  }
}

describe("instructions", () => {
  const n = 7;

  it.each(mnemonics.filter((op) => Object.hasOwn(alu, op)))("%s computes what the ALU table says", (op) => {
    const { fields } = instructions[op];
    const operands = ["r2", "r0", "r1"].slice(0, fields.length).join(", ");
    const image = link([parseAssembly(`.operands a b\n${op} ${operands}\nmove r0, r2\nhalt`)], { n, registers: 3 });
    const meaning = Object.entries(alu).find(([name]) => name === op)?.[1];
    for (const [a, b] of tuples(n, 2)) expect(runExact(image, "main", [a, b]).result).toBe(meaning?.(a, b, n));
  });

  it.each([2 ** 32, 4294967291, 2 ** 31, 100_003, 65537])("on values modulo %i are exact", (n) => {
    const text = ".operands a b\nmul r2, r0, r1\nadd r3, r0, r1\nsub r4, r0, r1\ndiv r5, r0, r1\nhalt";
    const image = link([parseAssembly(text)], { n, memory: 1 });
    const random = seededRandom(n);
    const value = (): number => Math.floor(random() * n);
    for (const [a, b] of [
      [n - 1, n - 1],
      [n - 1, 0],
      [0, n - 1],
      ...Array.from({ length: 200 }, () => [value(), value()]),
    ]) {
      const modulo = (x: bigint): number => Number(((x % BigInt(n)) + BigInt(n)) % BigInt(n));
      const [x, y] = [BigInt(a), BigInt(b)];
      const expected = [x * y, x + y, x - y, y === 0n ? 0n : x / y].map(modulo);
      expect([...runExact(image, "main", [a, b]).registers.subarray(2, 6)]).toEqual(expected);
      expect([alu.mul, alu.add, alu.sub, alu.div].map((meaning) => meaning(a, b, n))).toEqual(expected);
    }
  });

  it("takes values beyond the label table as lines", () => {
    const image = link([parseAssembly(".operands a\nret r0\nhalt\nconst r0, #-2\nhalt")], { n: 2 ** 32, memory: 1 });
    expect(image.labels.length).toBeLessThan(100_000);
    expect(runExact(image, "main", [4 * 1_000_000 + 1]).result).toBe(4_000_001);
    expect(runExact(image, "main", [4 * 1_000_000 + 2]).result).toBe(2 ** 32 - 2);
  });

  it.each([
    ["const r0, #5", 5],
    ["const r0, #-2", 5],
    ["store r0, @main", 2],
    ["read r0, r1", 0],
    ["inc r2, r0\nwrite r0, r2\nread r0, r0", 4],
  ])("%s", (body, expected) => {
    const image = link([parseAssembly(`.operands a\n.entry main\nhalt\nhalt\nmain: ${body}\nhalt`)], { n });
    expect(runExact(image, "main", [3]).result).toBe(expected);
  });

  it("jump jumps on 1 alone", () => {
    const image = link(
      [parseAssembly(".operands a\nconst r1, @there\njump r0, r1\nconst r0, #5\nhalt\nthere: const r0, #6\nhalt")],
      { n },
    );
    expect([0, 1, 2, 6].map((a) => runExact(image, "main", [a]).result)).toEqual([5, 6, 5, 5]);
  });

  it("call stores the return value and jumps, ret comes back", () => {
    const text = ".operands a\nconst r1, @f\ncall r1, r1, @back\nback: inc r0, r0\nhalt\nf: add r0, r0, r0\nret r1";
    const image = link([parseAssembly(text)], { n: 16 });
    expect(runExact(image, "main", [3]).result).toBe(7);
    expect(runExact(image, "main", [3]).steps).toBe(6);
  });

  it("the counter wraps from the last line to the first", () => {
    const text = ".operands a\n.entry start\nhalt\nstart: inc r0, r0";
    expect(runExact(link([parseAssembly(text)], { n }), "main", [3]).result).toBe(4);
  });
});

/** Scheme programs that the machine must compute as the reference evaluator does, modulo n. */
const programs: readonly [text: string, ...sizes: number[]][] = [
  ["(+ a b)", 16],
  ["(- (* a b) c)", 8],
  ["(- a)", 16],
  ["(+ a 1)", 5],
  ["(- 3 a)", 8],
  ["(abs a)", 5],
  ["(square (+ a b))", 13],
  ["(quotient a b)", 16],
  ["(+ (modulo a b) (remainder b a))", 16],
  ["(min a b c)", 6],
  ["(max a (min b 3))", 9],
  ["(+ (= a b) (< a b) (> a b))", 7],
  ["(+ (<= a b) (* 2 (>= a b)))", 7],
  ["(< a b c)", 5],
  ["(not a)", 5],
  ["(+ (zero? a) (* 2 (positive? a)) (* 4 (negative? a)))", 9],
  ["(+ (even? a) (* 2 (odd? a)))", 16],
  ["(gcd a b)", 16],
  ["(lcm a b)", 11],
  ["(+ (floor a) (ceiling b) (round a) (truncate b))", 5],
  ["(let ((x (+ a b)) (y (* a b))) (- (* x x) y))", 8],
  ["(let* ((x (+ a b)) (x (* x x))) (- x a))", 8],
  ["(let ((a b) (b a)) (- a b))", 8],
  ["(if a b 3)", 6],
  ["(if (= a 2) 5 (if b a 1))", 6],
  ["(if (not a) (if (not (= b 0)) 1 2) (if (<= a b) 3 4))", 6],
  ["(and a b (> a b))", 5],
  ["(or (= a 1) b 4)", 5],
  ["(cond ((< a 2) a) ((= a b) 4) (else b))", 6],
  ["(case a ((1 2) b) ((3) 4) (else 0))", 6],
  ["(+ (if a 1 2) (if b 3 (if a 0 1)))", 5],
  ["(let loop ((i n) (acc 1)) (if (= i 0) acc (loop (- i 1) (* acc i))))", 16, 7],
  ["(let loop ((a a) (b b)) (if (= b 0) a (loop b (modulo a b))))", 16],
  ["(do ((i 0 (+ i 1)) (s 0 (+ s i))) ((= i n) s))", 16],
  ["(let loop ((a a) (b b) (i 5)) (if (= i 0) (- a (* 2 b)) (loop b a (- i 1))))", 6],
  ["(let loop ((a a) (b b) (c c) (i 4)) (if (= i 0) (+ a (* 2 b) (* 3 c)) (loop b c a (- i 1))))", 5],
  ["(+ 1 (let loop ((i a)) (if (= i 0) b (loop (- i 1)))))", 6],
  [
    "(let outer ((i a) (s 0)) (if (= i 0) s (let inner ((j b) (s s)) (if (= j 0) (outer (- i 1) s) (inner (- j 1) (+ s i))))))",
    8,
  ],
  [
    "(let outer ((i a) (s 0)) (if (= i 0) s (outer (- i 1) (+ s (let inner ((j i) (t 0)) (if (= j 0) t (inner (- j 1) (+ t j))))))))",
    8,
  ],
  ["(loop ((i a) (s 1)) (if (= i 0) s (recur (- i 1) (+ s s))))", 8],
  ["(define (double x) (+ x x)) (double (double a))", 8],
  ["(define (f x y) (- x y)) (f (f a b) (f b a))", 8],
  ["(define k 3) (define (f x) (+ x k)) (* (f a) (f b))", 8],
  ["(define (f x) (* x (+ x 3))) (define (g x y) (- (f x) (f y))) (+ (g a b) (g b (f a)))", 8],
  ["(define (none) 3) (+ (none) a (none))", 8],
  ["(define (power b e) (if (= e 0) 1 (* b (power b (- e 1))))) (power b (modulo e 20))", 40],
  ["(define (fact n) (if (= n 0) 1 (* n (fact (- n 1))))) (fact (modulo n 32))", 64],
  ["(define (fib a b d) (if (= d 0) a (fib b (+ a b) (- d 1)))) (fib a b d)", 16],
  ["(define (e n) (if (= n 0) 1 (o (- n 1)))) (define (o n) (if (= n 0) 0 (e (- n 1)))) (+ (e n) (* 2 (o n)))", 16],
  ["(define (f n) (if (= n 0) 0 (+ 1 (g (- n 1) n)))) (define (g n m) (if (< n 2) m (+ m (f (- n 2))))) (f n)", 40],
  [
    "(define (swap a b d) (if (= d 0) (- a b) (other b a d))) (define (other x y d) (swap x y (- d 1))) (swap a b d)",
    7,
  ],
  [
    "(define (more a b c) (if a (fewer (+ a b)) c)) (define (fewer x) (if (< x 3) x (more (- x 3) 1 x))) (more a b 2)",
    8,
  ],
  [
    "(define (ack m n) (if (= m 0) (+ n 1) (if (= n 0) (ack (- m 1) 1) (ack (- m 1) (ack m (- n 1)))))) (ack 2 (modulo n 3))",
    64,
  ],
  ["(letrec ((down (lambda (k s) (if (= k 0) s (down (- k 1) (+ s b)))))) (down a 1))", 9],
  ["7", 8],
  ["(if -16 a b)", 16, 17],
  ["(and (- a 1) (if -7 3 a))", 7, 8],
  ["-1", 8],
  ["a", 8],
];

describe("compiled programs", () => {
  it.each(programs)("%s equals the reference on every input", (text, ...sizes) => {
    const core = readProgram(text);
    for (const n of sizes) {
      const image = imageOf(text, n);
      const machine = new ExactMachine(image);
      const entry = entryOf(image, "main");
      for (const tuple of tuples(n, core.inputs.length)) {
        const inputs = Object.fromEntries(core.inputs.map((name, i) => [name, tuple[i]]));
        machine.start(entry, tuple);
        machine.advance(100_000);
        expect(machine.halted).toBe(true);
        expect([tuple, machine.registers[0]]).toEqual([tuple, evaluateReference(core, inputs, { modulus: n })]);
      }
    }
  });

  it("computes Fibonacci by double recursion at n = 64", () => {
    const text = "(define (fib n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2))))) (fib n)";
    const core = readProgram(text);
    const image = imageOf(text, 64);
    for (let n = 0; n <= 16; n++) {
      expect(runExact(image, "main", [n]).result).toBe(evaluateReference(core, { n }, { modulus: 64 }));
    }
  });
});

describe("runs that fail", () => {
  const sum = "(define (sum n) (if (= n 0) 0 (+ n (sum (- n 1))))) (sum n)";

  it.each([
    [() => runExact(imageOf("(+ a b)", 16), "main", [1]), '"main" takes 2 operands (a, b); got 1'],
    [
      () => runExact(imageOf("(+ a b)", 16), "main", [1, 16]),
      '"main": operand b must be a whole number from 0 to 15 (n = 16); got 16',
    ],
    [() => runExact(imageOf("a", 16), "mai", [1]), 'no program "mai" in the image (did you mean "main"?)'],
    [() => runExact(imageOf("a", 16), "main", [1], { steps: 0 }), "the step budget must be a whole number"],
    [() => tabulate(imageOf("a", 16), "main", { steps: 1.5 }), "the step budget must be a whole number"],
    [() => new ExactMachine(imageOf("a", 16)).advance(1), "start a program before the machine advances"],
    [() => new ExactMachine(imageOf("a", 16)).advance(Number.NaN), "the steps to advance must be a whole number"],
  ])("says what is wrong: %#", (run, message) => {
    expect(run).toThrow(SoftmachineError);
    expect(run).toThrow(message);
  });

  it("stops at the step budget", () => {
    const image = imageOf("(let loop ((i a)) (loop (+ i 1)))", 8);
    expect(() => runExact(image, "main", [3], { steps: 5000 })).toThrow(BudgetError);
    expect(() => runExact(image, "main", [3], { steps: 5000 })).toThrow(
      '"main" with a = 3 did not halt within 5,000 steps',
    );
    expect(() => tabulate(image, "main", { steps: 500 })).toThrow('"main" with a = 0 did not halt within 500 steps');
  });

  it("notices a stack that outgrows the memory", () => {
    const image = imageOf(sum, 16);
    expect(runExact(image, "main", [8]).result).toBe(4);
    expect(() => runExact(image, "main", [9])).toThrow(BudgetError);
    expect(() => runExact(image, "main", [9])).toThrow("recursion needs more than n = 16 memory cells");
    expect(() => tabulate(image, "main")).toThrow("recursion needs more than n = 16 memory cells");
    expect(() => tabulate(image, "main")).toThrow('"main" with n = 9 (line');
  });
});

describe("tracing", () => {
  it("gives each step of a run, and ends as the run does", () => {
    const image = imageOf("(define (f n) (if (= n 0) 0 (+ n (f (- n 1))))) (f n)", 40);
    const steps = [...traceExact(image, "main", [5])];
    const run = runExact(image, "main", [5]);
    expect(steps).toHaveLength(run.steps);
    expect(steps[steps.length - 1]).toMatchObject({ halted: true, op: "halt", registers: run.registers });
    steps.slice(1).forEach(({ line }, i) => {
      expect(line).toBe(steps[i].next);
    });
  });

  it("holds to the step budget", () => {
    const image = imageOf("(let loop ((i a)) (loop (+ i 1)))", 8);
    expect(() => [...traceExact(image, "main", [3], { steps: 50 })]).toThrow("did not halt within 50 steps");
  });
});

describe("tabulating", () => {
  it("lists the answers with the first operand slowest", () => {
    const table = tabulate(imageOf("(- (* 2 a) b)", 5), "main");
    expect(table).toMatchObject({ name: "main", operands: 2, n: 5 });
    expect([...table.values]).toEqual([...tuples(5, 2)].map(([a, b]) => (2 * a - b + 5) % 5));
  });

  it("refuses a table too large to hold", () => {
    expect(() => tabulate(imageOf("(+ a b c d)", 128), "main")).toThrow('a table of "main" needs 128^4 answers');
    expect(() => tabulate(imageOf("(+ a 1)", 65537), "main")).toThrow(
      'a table of "main" holds values of n up to 65536, not 65537',
    );
  });
});
