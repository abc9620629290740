import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AluMnemonic, alu, fieldsOf, instructionCount, instructions } from "../assembler/index.js";
import { compile } from "../direct/index.js";
import {
  aluCircuit,
  aluMnemonics,
  binaryToUnit,
  type Circuit,
  CircuitAlu,
  certainBits,
  type Gate,
  gateNames,
  likeliestValue,
  randomDistributions,
  type SoftAlu,
  seededRandom,
  TableAlu,
  unitToBinary,
} from "./index.js";
import { expectClose } from "./testing.js";

/** [rows, |A|]: certain of one operation. */
function certainOf(op: AluMnemonic, rows = 1): Float64Array {
  const weights = new Float64Array(rows * instructionCount);
  for (let row = 0; row < rows; row++) weights[row * instructionCount + instructions[op].number] = 1;
  return weights;
}

const uniform = (count: number, random: () => number): Float64Array => Float64Array.from({ length: count }, random);

/** The gates as the paper writes them (equations 12 and 13). */
const paperGates: Record<Gate, (a: number, b: number) => number> = {
  zero: () => 0,
  one: () => 1,
  not: (a) => 1 - a,
  and: (a, b) => a * b,
  andNot: (a, b) => a * (1 - b),
  or: (a, b) => a * b + (1 - a) * b + a * (1 - b),
  either: (a, b) => a + b,
  xor: (a, b) => (1 - a) * b + a * (1 - b),
  xnor: (a, b) => a * b + (1 - a) * (1 - b),
};

function byDefinition({ kinds, left, right, outputs }: Circuit, inputs: readonly number[]): number[] {
  const wires = [...inputs];
  kinds.forEach((kind, i) => {
    wires.push(paperGates[gateNames[kind]](wires[left[i]], wires[right[i]]));
  });
  return [...outputs].map((wire) => wires[wire]);
}

/** Checks an ALU's gradients against differences: the mixture is a polynomial, linear in the weights and in each number. */
function expectGradients(
  given: SoftAlu,
  rows: number,
  seed: number,
  draw: (random: () => number) => Float64Array,
): void {
  const random = seededRandom(seed);
  const { width } = given;
  const weights = randomDistributions(rows, instructionCount, random, 0.5);
  const [a, b] = [draw(random), draw(random)];
  const cotangent = Float64Array.from({ length: rows * width }, () => random() - 0.5);
  const gradient = given.backward(weights, a, b, cotangent, rows);
  const loss = () => given.forward(weights, a, b, rows).reduce((sum, value, i) => sum + value * cotangent[i], 0);
  for (const [part, slopes] of [
    [weights, gradient.weights],
    [a, gradient.a],
    [b, gradient.b],
  ]) {
    const found = part.map((value, i) => {
      part[i] = value + 1e-5;
      const above = loss();
      part[i] = value - 1e-5;
      const slope = (above - loss()) / 2e-5;
      part[i] = value;
      return slope;
    });
    expectClose(slopes, found, 1e-8);
  }
}

describe("the circuit ALU", () => {
  it.each(aluMnemonics)("computes %s on certain bits as the exact ALU does: every pair of up to 5 bits", (op) => {
    for (let bits = 1; bits <= 5; bits++) {
      const n = 2 ** bits;
      const pairs = Array.from({ length: n * n }, (_, i) => [Math.floor(i / n), i % n]);
      const [a, b] = [0, 1].map((side) =>
        certainBits(
          pairs.map((pair) => pair[side]),
          bits,
        ),
      );
      const result = new CircuitAlu(bits).forward(certainOf(op, pairs.length), a, b, pairs.length);
      expect(result).toEqual(
        certainBits(
          pairs.map(([x, y]) => alu[op](x, y, n)),
          bits,
        ),
      );
    }
  });

  it.each([8, 16, 31, 32])("computes every operation exactly on values of %i bits", (bits) => {
    const circuits = new CircuitAlu(bits);
    const random = seededRandom(bits);
    const most = 2 ** bits - 1;
    const value = (): number => Math.floor(random() * 2 ** Math.ceil(random() * bits));
    const a = [0, most, most, 1, ...Array.from({ length: 28 }, value)];
    const b = [most, 0, most, most, ...Array.from({ length: 28 }, value)];
    for (const op of aluMnemonics) {
      const result = circuits.forward(certainOf(op, 32), certainBits(a, bits), certainBits(b, bits), 32);
      expect([op, result]).toEqual([
        op,
        certainBits(
          a.map((x, i) => alu[op](x, b[i], 2 ** bits)),
          bits,
        ),
      ]);
      expect(likeliestValue(result, 0, bits)).toBe(alu[op](a[0], b[0], 2 ** bits));
    }
  });

  it("is made of the paper's gates", () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(...aluMnemonics), fc.integer({ min: 1, max: 12 }), (seed, op, bits) => {
        const random = seededRandom(seed);
        const [a, b] = [uniform(11 * bits, random), uniform(11 * bits, random)];
        const result = new CircuitAlu(bits).forward(certainOf(op, 11), a, b, 11);
        const circuit = aluCircuit(op, bits);
        for (let row = 0; row < 11; row++) {
          const word = (array: Float64Array) => array.subarray(row * bits, (row + 1) * bits);
          expectClose(word(result), byDefinition(circuit, [...word(a), ...word(b)]), 1e-12);
        }
      }),
      { numRuns: 40 },
    );
  });

  it.each([1, 3, 6])("mixes operations, with the gradients of that, on %i bits", (bits) => {
    expectGradients(new CircuitAlu(bits), 3, bits, (random) => uniform(3 * bits, random));
  });

  it("has the value and the gradient that the exact path gives to the circuit written as a program", () => {
    const bits = 3;
    const circuits = new CircuitAlu(bits);
    const random = seededRandom(3);
    for (const op of ["div", "mul", "max"] as const) {
      const circuit = aluCircuit(op, bits);
      const name = (wire: number): string => `w${wire}`;
      const gate = { not: "(- 1 a)", and: "(* a b)", andNot: "(* a (- 1 b))", either: "(+ a b)", zero: "0", one: "1" };
      const written: Record<Gate, string> = {
        ...gate,
        or: "(- (+ a b) (* a b))",
        xor: "(- (+ a b) (* 2 a b))",
        xnor: "(- (+ 1 (* 2 a b)) (+ a b))",
      };
      const bindings = [...circuit.kinds].map((kind, i) => {
        const text = written[gateNames[kind]].replace(/[ab]/g, (side) =>
          name(side === "a" ? circuit.left[i] : circuit.right[i]),
        );
        return `(${name(circuit.inputs + i)} ${text})`;
      });
      const cotangent = Float64Array.from(uniform(bits, random));
      const weighted = [...circuit.outputs].map((wire, i) => `(* ${cotangent[i]} ${name(wire)})`);
      const module = compile(`(let* (${bindings.join(" ")}) (+ ${weighted.join(" ")}))`);
      const [a, b] = [uniform(bits, random), uniform(bits, random)];
      const inputs = Object.fromEntries([...a, ...b].map((p, wire) => [name(wire), p] as const));
      const { value, gradient } = module.gradient(inputs);
      const result = circuits.forward(certainOf(op), a, b, 1);
      expectClose([result.reduce((sum, p, i) => sum + p * cotangent[i], 0)], [Number(value)], 1e-12);
      const back = circuits.backward(certainOf(op), a, b, cotangent, 1);
      expectClose(
        [...back.a, ...back.b],
        Object.keys(inputs).map((wire) => Number(gradient[wire] ?? 0)),
        1e-12,
      );
    }
  });

  it("gives results whose bits have their exact probabilities, where each bit of the operands is used once", () => {
    const bits = 4;
    const random = seededRandom(8);
    const [a, b] = [uniform(bits, random), uniform(bits, random)];
    const [tables, circuits] = [new TableAlu(2 ** bits), new CircuitAlu(bits)];
    const inexact = new Set<AluMnemonic>(["min", "max", "mul", "div", "mod"]);
    for (const op of aluMnemonics) {
      const weights = certainOf(op);
      const exact = tables.forward(weights, binaryToUnit(a, bits, 1), binaryToUnit(b, bits, 1), 1);
      const difference = unitToBinary(exact, 2 ** bits, 1).map((p, i) => p - circuits.forward(weights, a, b, 1)[i]);
      const worst = Math.max(...difference.map(Math.abs));
      expect([op, worst < 1e-12]).toEqual([op, !inexact.has(op)]);
    }
  });

  it("takes gates in proportion to the square of the width at most", () => {
    const gatesOf = (op: AluMnemonic, bits: number): number => aluCircuit(op, bits).kinds.length;
    for (const op of aluMnemonics) expect(gatesOf(op, 32)).toBeLessThan(12 * 32 ** 2);
    expect(gatesOf("add", 32)).toBeLessThan(5 * 32);
    expect([gatesOf("move", 8), gatesOf("zero", 8)]).toEqual([0, 1]);
  });

  it("refuses widths and arrays that do not fit", () => {
    expect(() => new CircuitAlu(33)).toThrow("the bits of a value must be a whole number from 1 to 32; got 33");
    const circuits = new CircuitAlu(4);
    const operand = new Float64Array(4);
    expect(() => circuits.forward(new Float64Array(2), operand, operand, 1)).toThrow(
      `the weights of the operations must be [1, ${instructionCount}]; got 2 numbers`,
    );
    expect(() => circuits.forward(certainOf("add"), operand, new Float64Array(5), 1)).toThrow(
      "the second operands must be [1, 4]; got 5 numbers",
    );
  });
});

describe("the table ALU", () => {
  it("mixes results over all pairs of values, with the gradients of that", () => {
    const n = 6;
    const rows = 3;
    const random = seededRandom(2);
    const tables = new TableAlu(n);
    const weights = randomDistributions(rows, instructionCount, random);
    const [a, b] = [randomDistributions(rows, n, random), randomDistributions(rows, n, random)];
    const expected = new Float64Array(rows * n);
    for (let row = 0; row < rows; row++) {
      for (const op of aluMnemonics) {
        const weight = weights[row * instructionCount + instructions[op].number];
        for (let x = 0; x < n; x++)
          for (let y = 0; y < n; y++) expected[row * n + alu[op](x, y, n)] += weight * a[row * n + x] * b[row * n + y];
      }
    }
    expectClose(tables.forward(weights, a, b, rows), expected, 1e-12);
    // Instructions that read no second operand have weight one there, so the slopes hold for distributions.
    const gradient = tables.backward(weights, a, b, expected, rows);
    const binary = new Set(aluMnemonics.filter((op) => fieldsOf(op).some((field) => field === "b")));
    for (let row = 0; row < rows; row++) {
      for (const op of aluMnemonics) {
        let slope = 0;
        for (let x = 0; x < n; x++)
          for (let y = 0; y < n; y++) slope += a[row * n + x] * b[row * n + y] * expected[row * n + alu[op](x, y, n)];
        const place = row * instructionCount + instructions[op].number;
        expect(gradient.weights[place]).toBeCloseTo(slope, 12);
      }
      for (let y = 0; y < n; y++) {
        let slope = 0;
        for (const op of binary) {
          const weight = weights[row * instructionCount + instructions[op].number];
          for (let x = 0; x < n; x++) slope += weight * a[row * n + x] * expected[row * n + alu[op](x, y, n)];
        }
        expect(gradient.b[row * n + y]).toBeCloseTo(slope, 12);
      }
    }
    expectGradients(tables, 2, 5, (generator) => randomDistributions(2, n, generator));
  });
});
