import type { AluMnemonic } from "../assembler/index.js";
import { type Circuit, CircuitBuilder, type Wire, type Word } from "./circuit.js";

type AluCircuit = (c: CircuitBuilder, a: Word, b: Word) => Word;

/**
 * The binary-encoded meaning of each ALU instruction: the circuit that makes the result's bits from the operands', all of
 * one width w and modulo 2^w. On certain bits they compute what `alu` does. On independent bits the results' bits have
 * their exact probabilities, save those of `min`, `max`, `mul`, `div` and `mod`, which use a bit more than once.
 */
const aluCircuits: { readonly [K in AluMnemonic]: AluCircuit } = {
  zero: (c, a) => a.map(() => c.zero),
  inc: (c, a) => sum(c, a, constant(c, a, 0), c.one),
  dec: (c, a) => sum(c, a, constant(c, a, -1), c.zero),
  add: (c, a, b) => sum(c, a, b, c.zero),
  sub: (c, a, b) => difference(c, a, b).bits,
  mul: product,
  div: (c, a, b) => longDivision(c, a, b).quotient,
  mod: (c, a, b) => longDivision(c, a, b).remainder,
  min: (c, a, b) => selected(c, difference(c, a, b).borrow, a, b),
  max: (c, a, b) => selected(c, difference(c, a, b).borrow, b, a),
  eq: (c, a, b) => flag(c, a, a.map((bit, i) => c.xnor(bit, b[i])).reduce(c.and)),
  lt: (c, a, b) => flag(c, a, difference(c, a, b).borrow),
  and: (c, a, b) => flag(c, a, c.and(isTrue(c, a), isTrue(c, b))),
  or: (c, a, b) => flag(c, a, c.or(isTrue(c, a), isTrue(c, b))),
  not: (c, a) => flag(c, a, c.not(isTrue(c, a))),
  xor: (c, a, b) => flag(c, a, c.xor(isTrue(c, a), isTrue(c, b))),
  move: (_c, a) => a,
};

/**
 * The circuit of an instruction at a width: its inputs are the first operand's bits, then the second's, lowest first. Of
 * several instructions it is one circuit, with their results one after the other; gates that they have in common are one.
 */
export function aluCircuit(ops: AluMnemonic | readonly AluMnemonic[], bits: number): Circuit {
  const c = new CircuitBuilder(2 * bits);
  const word = (start: number): Word => Array.from({ length: bits }, (_, i) => start + i);
  return c.finish([ops].flat().flatMap((op) => aluCircuits[op](c, word(0), word(bits))));
}

const constant = (c: CircuitBuilder, like: Word, value: 0 | -1): Word => like.map(() => (value === 0 ? c.zero : c.one));

/** The value 1 or 0 of a flag. */
const flag = (c: CircuitBuilder, like: Word, bit: Wire): Word => like.map((_, i) => (i === 0 ? bit : c.zero));

/** Any value but 0 is true. */
const isTrue = (c: CircuitBuilder, a: Word): Wire => a.reduce(c.or);

const selected = (c: CircuitBuilder, test: Wire, a: Word, b: Word): Word =>
  a.map((bit, i) => c.select(test, bit, b[i]));

/** Ripple-carry addition. */
function sum(c: CircuitBuilder, a: Word, b: Word, carryIn: Wire): Word {
  let carry = carryIn;
  return a.map((bit, i) => {
    const half = c.xor(bit, b[i]);
    const result = c.xor(half, carry);
    carry = c.either(c.and(bit, b[i]), c.and(half, carry));
    return result;
  });
}

/** Ripple-borrow subtraction; the last borrow says that a < b. */
function difference(c: CircuitBuilder, a: Word, b: Word): { bits: Word; borrow: Wire } {
  let borrow = c.zero;
  const bits = a.map((bit, i) => {
    const half = c.xor(bit, b[i]);
    const result = c.xor(half, borrow);
    borrow = c.either(c.andNot(b[i], bit), c.andNot(borrow, half));
    return result;
  });
  return { bits, borrow };
}

/** Shift-add multiplication: of the first operand's multiples by powers of two, those that the second's bits choose. */
function product(c: CircuitBuilder, a: Word, b: Word): Word {
  let total: Word = a.map(() => c.zero);
  b.forEach((chosen, shift) => {
    const term = a.slice(0, a.length - shift).map((bit) => c.and(bit, chosen));
    total = [...total.slice(0, shift), ...sum(c, total.slice(shift), term, c.zero)];
  });
  return total;
}

/** Long division, from the highest bit: brings a bit down, and takes the divisor away where it fits. 0 by a divisor of 0. */
function longDivision(c: CircuitBuilder, a: Word, b: Word): { quotient: Word; remainder: Word } {
  const defined = isTrue(c, b);
  const quotient: Wire[] = [];
  let remainder: Word = a.map(() => c.zero);
  for (const bit of [...a].reverse()) {
    // One bit more than a value has, which is 0 again once the divisor is taken away.
    const brought = [bit, ...remainder];
    const { bits, borrow } = difference(c, brought, [...b, c.zero]);
    quotient.unshift(c.andNot(defined, borrow));
    remainder = selected(c, borrow, brought, bits).slice(0, a.length);
  }
  return { quotient, remainder: remainder.map((bit) => c.and(bit, defined)) };
}
