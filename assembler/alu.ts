import type { Mnemonic } from "./instructions.js";

/** The instructions whose result is a function of the two registers read and of n alone. */
export type AluMnemonic = Extract<
  Mnemonic,
  | "zero"
  | "inc"
  | "dec"
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "mod"
  | "min"
  | "max"
  | "eq"
  | "lt"
  | "and"
  | "or"
  | "not"
  | "xor"
  | "move"
>;

type AluFunction = (a: number, b: number, n: number) => number;

/** a * b mod n of values below n <= 2^32, whose product may be more than a number holds exactly. */
export function productModulo(a: number, b: number, n: number): number {
  if (n <= 65536) return (a * b) % n;
  const high = (a * Math.floor(b / 65536)) % n;
  return (high * 65536 + a * (b % 65536)) % n;
}

/**
 * What each ALU instruction computes on values 0..n-1: the meaning that every machine agrees with. Unary instructions
 * ignore `b`.
 */
export const alu: { readonly [K in AluMnemonic]: AluFunction } = {
  zero: () => 0,
  inc: (a, _b, n) => (a + 1) % n,
  dec: (a, _b, n) => (a + n - 1) % n,
  add: (a, b, n) => (a + b) % n,
  sub: (a, b, n) => (a - b + n) % n,
  mul: productModulo,
  div: (a, b) => (b === 0 ? 0 : Math.floor(a / b)),
  mod: (a, b) => (b === 0 ? 0 : a % b),
  min: (a, b) => Math.min(a, b),
  max: (a, b) => Math.max(a, b),
  eq: (a, b) => (a === b ? 1 : 0),
  lt: (a, b) => (a < b ? 1 : 0),
  and: (a, b) => (a !== 0 && b !== 0 ? 1 : 0),
  or: (a, b) => (a !== 0 || b !== 0 ? 1 : 0),
  not: (a) => (a === 0 ? 1 : 0),
  xor: (a, b) => ((a !== 0) !== (b !== 0) ? 1 : 0),
  move: (a) => a,
};
