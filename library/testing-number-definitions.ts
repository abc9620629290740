import type { Value } from "../scheme/index.js";

/** What a program gives, in whole numbers without end; undefined where its definition says nothing. */
export type Meaning = number | bigint | readonly Meaning[] | undefined;

/** What a program means for its operands, in its order. */
export type Definition = (operands: readonly Value[]) => Meaning;

/** A value that its type says is a number. */
export function asNumber(value: Value): number {
  if (typeof value === "number") return value;
  throw new TypeError("a definition for numbers was given an array");
}

/** Definitions by program, as functions of something else than a list of values. */
export function adapted<F>(group: Record<string, F>, adapt: (meaning: F) => Definition): Record<string, Definition> {
  return Object.fromEntries(Object.entries(group).map(([name, meaning]) => [name, adapt(meaning)]));
}

export const range = (count: number): number[] => [...new Array(count).keys()];
export const sum = (numbers: readonly number[]): number => numbers.reduce((total, x) => total + x, 0);
export const ascending = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b);
const bigSum = (numbers: readonly bigint[]) => numbers.reduce((total, x) => total + x, 0n);

const greatestDivisor = (a: number, b: number): number =>
  Math.max(0, ...range(Math.max(a, b) + 1).filter((d) => d > 0 && a % d === 0 && b % d === 0));
const divisors = (a: number) => range(a + 1).filter((d) => d > 0 && a % d === 0);
const isPrime = (a: number) => divisors(a).length === 2;
const digits = (a: number) => [...String(a)].map(Number);
const bits = (a: number) => [...a.toString(2)].map(Number);
const factorial = (a: number): bigint => range(a).reduce((product, i) => product * BigInt(i + 1), 1n);
const binomial = (n: number, k: number): bigint => (k > n ? 0n : factorial(n) / factorial(k) / factorial(n - k));

/** The numbers that the Collatz map leads through before 1 is met, at most 30 of them. */
function collatzOrbit(a: number): number[] {
  const orbit: number[] = [];
  for (let value = a; value > 1 && orbit.length < 30; orbit.push(value)) value = value % 2 ? 3 * value + 1 : value / 2;
  return orbit;
}

function nextPrime(a: number): number {
  let candidate = a + 1;
  while (!isPrime(candidate)) candidate++;
  return candidate;
}

/** The ways to write a number as a sum of positive numbers of which none is above `most`. */
function partitions(a: number, most: number): number {
  if (a === 0) return 1;
  return a < 0 || most === 0 ? 0 : partitions(a - most, most) + partitions(a, most - 1);
}

/** The ways to go on from queens in the first rows of a board, given by their columns. */
function queens(size: number, columns: readonly number[]): number {
  const row = columns.length;
  if (row === size) return 1;
  const free = range(size).filter((x) => columns.every((y, i) => y !== x && Math.abs(y - x) !== row - i));
  return sum(free.map((x) => queens(size, [...columns, x])));
}

const ofNumbers: Record<string, (...operands: number[]) => Meaning> = {
  // arithmetic
  "absolute-difference": (a, b) => Math.abs(a - b),
  add: (a, b) => a + b,
  average: (a, b) => Math.floor((a + b) / 2),
  binomial,
  catalan: (a) => binomial(2 * a, a) / BigInt(a + 1),
  "collatz-length": (a) => collatzOrbit(a).length,
  decrement: (a) => a - 1,
  "digit-count": (a) => digits(a).length,
  "digit-sum": (a) => sum(digits(a)),
  "digital-root": (a) => (a === 0 ? 0 : 1 + ((a - 1) % 9)),
  double: (a) => 2 * a,
  increment: (a) => a + 1,
  "integer-square-root": (a) => Math.floor(Math.sqrt(a)),
  "is-square": (a) => Number(Number.isInteger(Math.sqrt(a))),
  "modular-power": (a, b, m) => BigInt(a) ** BigInt(b) % BigInt(m),
  multiply: (a, b) => a * b,
  power: (a, b) => BigInt(a) ** BigInt(b),
  quotient: (a, b) => (b === 0 ? 0 : Math.floor(a / b)),
  remainder: (a, b) => (b === 0 ? 0 : a % b),
  "reverse-digits": (a) => Number(digits(a).reverse().join("")),
  subtract: (a, b) => a - b,
  "triangle-number": (a) => sum(range(a + 1)),

  // bits
  "bit-at": (a, b) => bits(a).reverse()[b] ?? 0,
  "bit-length": (a) => (a === 0 ? 0 : bits(a).length),
  "bitwise-and": (a, b) => a & b,
  "bitwise-or": (a, b) => a | b,
  "bitwise-xor": (a, b) => a ^ b,
  "gray-code": (a) => a ^ (a >> 1),
  "gray-decode": (a) => range(2 * a + 1).find((code) => (code ^ (code >> 1)) === a),
  parity: (a) => sum(bits(a)) % 2,
  popcount: (a) => sum(bits(a)),
  "shift-left": (a, b) => BigInt(a) << BigInt(b),
  "shift-right": (a, b) => BigInt(a) >> BigInt(b),
  "trailing-zeros": (a) => (a === 0 ? 0 : bits(a).reverse().indexOf(1)),

  // comparison
  clamp: (a, low, high) => (low > high ? undefined : Math.max(low, Math.min(high, a))),
  compare: (a, b) => 1 + Math.sign(a - b),
  "is-between": (a, low, high) => Number(low <= a && a <= high),
  majority: (a, b, c) => Number(a + b + c >= 2),
  max: (a, b) => Math.max(a, b),
  min: (a, b) => Math.min(a, b),
  "median-of-three": (a, b, c) => ascending([a, b, c])[1],

  // number theory
  bezout: (a, b) => {
    if (b === 0) return a === 0 ? undefined : 1;
    return range(b).find((x) => (a * x - greatestDivisor(a, b)) % b === 0);
  },
  "divisor-count": (a) => divisors(a).length,
  "divisor-sum": (a) => sum(divisors(a).filter((d) => d < a)),
  factorial,
  fibonacci: (a, b, count) => {
    let [last, next] = [BigInt(a), BigInt(b)];
    for (let i = 0; i < count; i++) [last, next] = [next, last + next];
    return last;
  },
  gcd: greatestDivisor,
  "is-coprime": (a, b) => Number(greatestDivisor(a, b) === 1),
  "is-multiple": (a, b) => Number(b === 0 ? a === 0 : a % b === 0),
  "is-perfect": (a) => Number(a > 0 && sum(divisors(a)) === 2 * a),
  "is-prime": (a) => Number(isPrime(a)),
  lcm: (a, b) => (a === 0 || b === 0 ? 0 : (a * b) / greatestDivisor(a, b)),
  "modular-inverse": (a, m) => range(m).find((x) => (a * x - 1) % m === 0) ?? 0,
  "next-prime": nextPrime,
  "prime-count": (a) => range(a + 1).filter(isPrime).length,
  "smallest-factor": (a) => (a < 2 ? a : divisors(a)[1]),
  totient: (a) => range(a + 1).filter((d) => d > 0 && greatestDivisor(a, d) === 1).length,

  // recursion
  ackermann: (a, b) => [b + 1, b + 2, 2 * b + 3][a],
  "hanoi-moves": (a) => 2n ** BigInt(a) - 1n,
  "is-even": (a) => Number(a % 2 === 0),
  partitions: (a) => partitions(a, a),
  queens: (a) => queens(a, []),
  "sum-of-powers": (a, b) => bigSum(range(b + 1).map((i) => BigInt(a) ** BigInt(i))),
};

/** The programs that take numbers alone, as mathematics defines them: by formula or enumeration, apart from the programs. */
export const numberDefinitions = adapted(ofNumbers, (meaning) => (operands) => meaning(...operands.map(asNumber)));

const onTheWay: Record<string, (...operands: number[]) => number> = {
  "collatz-length": (a) => Math.max(a, ...collatzOrbit(a)),
  "modular-power": (_a, _b, m) => (m - 1) ** 2,
  "next-prime": (a) => nextPrime(a),
};

/**
 * The greatest number that a program computes with on the way, for those where the machine's answer is right modulo n only
 * if that is a value of the machine; 0 for the others.
 */
export const greatestOnTheWay = (name: string, operands: readonly Value[]): number =>
  onTheWay[name]?.(...operands.map(asNumber)) ?? 0;
