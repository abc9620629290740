import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileProgram, readPrograms } from "../library/index.js";
import { certainBits, seededRandom, unitToBinary } from "../machine/index.js";
import { useBackend } from "../tensor/index.js";
import { BitMachine } from "./bit-machine.js";
import { addDigitGradient, DIGITS, prefixDistributions, readDigits } from "./digit-numbers.js";

const certain = Float64Array.from({ length: DIGITS * DIGITS }, (_, i) => (i % (DIGITS + 1) === 0 ? 1 : 0));
const n = 128;

/** How digits are read by someone who is sure of nothing. */
function uncertain(seed: number): Float64Array {
  const random = seededRandom(seed);
  const table = Float64Array.from({ length: DIGITS * DIGITS }, () => random() ** 3);
  for (let digit = 0; digit < DIGITS; digit++) {
    const row = table.subarray(digit * DIGITS, (digit + 1) * DIGITS);
    const sum = row.reduce((total, p) => total + p, 0);
    row.forEach((p, d) => {
      row[d] = p / sum;
    });
  }
  return table;
}

/** A number of one to ten digits below 2^32. */
const number = fc
  .integer({ min: 1, max: 10 })
  .chain((digits) => fc.integer({ min: 0, max: Math.min(10 ** digits, 2 ** 32) - 1 }));

const programs = await readPrograms();
const machine = new BitMachine(
  ["add", "subtract", "multiply", "quotient", "remainder", "max", "min", "gcd"].flatMap((name) =>
    programs.filter((program) => program.name === name).map((program) => compileProgram(program, 16)),
  ),
);

describe("a number's distribution from its digits'", () => {
  it("is certain of the number modulo n where the digits are certain", () => {
    fc.assert(
      fc.property(number, fc.constantFrom(2, 7, 100, 128), (value, modulus) => {
        const distribution = prefixDistributions(certain, String(value), modulus).at(-1);
        expect(distribution?.[value % modulus]).toBe(1);
      }),
    );
    expect(prefixDistributions(certain, "0047", n).at(-1)?.[47]).toBe(1);
  });

  it("is that of all readings of its digits", () => {
    const table = uncertain(1);
    const expected = new Float64Array(n);
    for (let d = 0; d < 1000; d++) {
      const digits = [Math.floor(d / 100), Math.floor(d / 10) % 10, d % 10];
      expected[d % n] += digits.reduce((product, digit, i) => product * table[[4, 0, 4][i] * DIGITS + digit], 1);
    }
    const found = prefixDistributions(table, "404", n).at(-1) ?? [];
    expected.forEach((p, value) => {
      expect(found[value]).toBeCloseTo(p, 12);
    });
  });

  it("has the gradient that central differences show", () => {
    const table = uncertain(2);
    const random = seededRandom(3);
    const cotangent = Float64Array.from({ length: n }, () => random() - 0.5);
    for (const text of ["7", "31", "303", "4294967295"]) {
      const loss = () => {
        const value = prefixDistributions(table, text, n).at(-1) ?? [];
        return cotangent.reduce((sum, g, v) => sum + g * value[v], 0);
      };
      const gradient = new Float64Array(DIGITS * DIGITS);
      addDigitGradient(table, text, n, prefixDistributions(table, text, n), cotangent, gradient);
      gradient.forEach((found, i) => {
        const h = 1e-5;
        const kept = table[i];
        table[i] = kept + h;
        const up = loss();
        table[i] = kept - h;
        const down = loss();
        table[i] = kept;
        expect(found).toBeCloseTo((up - down) / (2 * h), 8);
      });
    }
  });

  it("is an operation of tensors, with its gradient", async () => {
    const tf = await useBackend("wasm");
    const table = tf.tensor(Float32Array.from(uncertain(4)), [DIGITS, DIGITS]);
    const numbers = ["12", "5", "127"];
    const values = readDigits(tf, table, numbers, n);
    expect(values.shape).toEqual([3, n]);
    const weights = tf.tensor(
      Float32Array.from({ length: 3 * n }, (_, i) => Math.sin(i)),
      [3, n],
    );
    const gradient = tf
      .grad((t) => tf.sum(tf.mul(readDigits(tf, t, numbers, n), weights)))(table)
      .dataSync();
    const expected = new Float64Array(DIGITS * DIGITS);
    numbers.forEach((text, i) => {
      const prefixes = prefixDistributions(uncertain(4), text, n);
      addDigitGradient(
        uncertain(4),
        text,
        n,
        prefixes,
        weights.dataSync<"float32">().subarray(i * n, (i + 1) * n),
        expected,
      );
    });
    gradient.forEach((found, i) => {
      expect(found).toBeCloseTo(expected[i], 4);
    });
  });
});

describe("the machine of bits", () => {
  it("reads certain digits of numbers of all lengths", () => {
    fc.assert(
      fc.property(fc.array(number, { minLength: 1, maxLength: 4 }), (values) => {
        expect(machine.numbers(certain, values.map(String))).toEqual(certainBits(values, 32));
      }),
      { numRuns: 20 },
    );
    expect(() => machine.numbers(certain, ["12345678901"])).toThrow('"12345678901" has more digits than can be read');
  });

  it("gives each bit of a digit's value the probability that its distribution has", () => {
    const table = uncertain(5);
    const texts = Array.from({ length: DIGITS }, (_, digit) => String(digit));
    const found = machine.numbers(table, texts);
    const distributions = texts.flatMap((text) => Array.from(prefixDistributions(table, text, n).at(-1) ?? []));
    const expected = unitToBinary(Float64Array.from(distributions), n, DIGITS);
    expected.forEach((p, i) => {
      expect(found[Math.floor(i / 7) * 32 + (i % 7)]).toBeCloseTo(p, 12);
    });
  });

  it("does so with longer numbers where the readings differ in one bit", () => {
    const table = certain.slice();
    // A 2 may be a 3.
    table[2 * DIGITS + 2] = 0.7;
    table[2 * DIGITS + 3] = 0.3;
    for (const text of ["12", "92", "902"]) {
      const found = machine.numbers(table, [text]);
      const expected = unitToBinary(prefixDistributions(table, text, 1024).at(-1) ?? new Float64Array(), 1024, 1);
      expected.forEach((p, bit) => {
        expect(found[bit]).toBeCloseTo(p, 12);
      });
    }
  });

  const meanings: Record<string, (a: bigint, b: bigint) => bigint> = {
    add: (a, b) => a + b,
    subtract: (a, b) => a - b,
    multiply: (a, b) => a * b,
    quotient: (a, b) => (b === 0n ? 0n : a / b),
    remainder: (a, b) => (b === 0n ? 0n : a % b),
    max: (a, b) => BigInt(Math.max(Number(a), Number(b))),
    min: (a, b) => BigInt(Math.min(Number(a), Number(b))),
    gcd: (a, b) => {
      let [x, y] = [a, b];
      while (y !== 0n) [x, y] = [y, x % y];
      return x;
    },
  };

  // A division of 32 bits makes the least doubt large: each of its steps multiplies it.
  const divisions = ["quotient", "remainder", "gcd"];

  it.each(Object.entries(meanings))("computes %s of 32 bits, exactly and in circuits", (name, meaning) => {
    fc.assert(
      fc.property(number, number, (a, b) => {
        const expected = Number(BigInt.asUintN(32, meaning(BigInt(a), BigInt(b))));
        expect(machine.exact(name, [a, b])).toBe(expected);
        const doubt = divisions.includes(name) ? 0 : 1e-12;
        const operands = certainBits([a, b], 32).map((p) => p + (p === 0 ? doubt : -doubt));
        const found = machine.call(name, operands, [[a, b]]);
        certainBits([expected], 32).forEach((p, bit) => {
          expect(found[bit]).toBeCloseTo(p, 5);
        });
      }),
      { numRuns: 10 },
    );
  });
});
