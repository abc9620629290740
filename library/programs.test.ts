import { beforeAll, describe, expect, test } from "vitest";
import { type Image, link } from "../assembler/index.js";
import { runExact, seededRandom } from "../machine/index.js";
import type { Value } from "../scheme/index.js";
import { readPrograms } from "./catalog.js";
import { compileProgram } from "./compile-program.js";
import { countOfTuples, operandTuples } from "./operand-tuples.js";
import { isForMachine, machineOperands, rangesOf, valuesOf } from "./operands.js";
import type { LibraryProgram } from "./program-file.js";
import { arrayDefinitions } from "./testing-array-definitions.js";
import { ascending, greatestOnTheWay, type Meaning, numberDefinitions } from "./testing-number-definitions.js";
import { faultOf } from "./value-type.js";

const n = 64;
const definitions = new Map(Object.entries({ ...numberDefinitions, ...arrayDefinitions }));
const programs = (await readPrograms()).filter(isForMachine);

/** Up to so many inputs all are run, so all pairs of numbers; else a sample. */
const most = n ** 2;
const sampled = 300;

/** All inputs, or a sample: every other one of small numbers, and each third as drawn, ordered and mirrored. */
function inputsFor({ operands }: LibraryProgram): (readonly Value[])[] {
  const ranges = rangesOf(operands, n);
  if (countOfTuples(ranges) <= most)
    return operandTuples(ranges, most).tuples.map((tuple) => valuesOf(operands, tuple));
  const random = seededRandom(5);
  const draw = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
  return Array.from({ length: sampled }, (_, t) => {
    const above = t % 2 === 0 ? Number.POSITIVE_INFINITY : draw(1, 5);
    const tuple = ranges.map(({ low, high }) => draw(low, Math.min(high, low + above)));
    return valuesOf(operands, tuple).map([(value: Value) => value, ordered, mirrored][t % 3]);
  });
}

const isVector = (value: Exclude<Value, number>): value is readonly number[] => typeof value[0] === "number";

/** What random arrays seldom are: a vector in order; edges that lead to later vertices only. */
function ordered(value: Value): Value {
  if (typeof value === "number") return value;
  if (isVector(value)) return ascending(value);
  return value.map((row, i) => row.map((x, j) => (i < j ? x : 0)));
}

/** Nor are they often the same from both ends, as a palindrome and edges that lead both ways are. */
function mirrored(value: Value): Value {
  if (typeof value === "number") return value;
  if (isVector(value)) return value.map((x, i) => (2 * i < value.length ? x : value[value.length - 1 - i]));
  return value.map((row, i) => row.map((x, j) => (i < j ? x : value[j][i])));
}

/** A meaning on a machine of values 0..n-1. */
function modulo(meaning: Meaning): unknown {
  if (typeof meaning === "object") return meaning.map(modulo);
  return meaning === undefined ? undefined : Number(((BigInt(meaning) % BigInt(n)) + BigInt(n)) % BigInt(n));
}

const isOnMachine = (meaning: Meaning): boolean =>
  typeof meaning === "object" ? meaning.every(isOnMachine) : meaning !== undefined && meaning >= 0 && meaning < n;

describe("what the programs of whole numbers compute", () => {
  test("is defined for each of them, and for nothing else", () => {
    expect([...definitions.keys()].sort()).toEqual(programs.map(({ name }) => name).sort());
  });

  describe.each(programs.map((program) => ({ name: program.name, program })))("$name", ({ name, program }) => {
    let image: Image;
    beforeAll(() => {
      image = link([compileProgram(program, 16)], { n, registers: 16, memory: 64 });
    });

    test("is on the machine what its definition says, modulo n, and of its type", () => {
      const inputs = inputsFor(program);
      const results = new Set<string>();
      const wrong: string[] = [];
      let compared = 0;
      for (const values of inputs) {
        const meaning = definitions.get(name)?.(values);
        if (meaning === undefined || greatestOnTheWay(name, values) >= n) continue;
        compared++;
        const { value } = runExact(image, name, machineOperands(values), { steps: 1e6 });
        const [found, expected] = [JSON.stringify(value), JSON.stringify(modulo(meaning))];
        const call = `${name} of ${JSON.stringify(values)}`;
        if (found !== expected) wrong.push(`${call} is ${expected} by definition, ${found} on the machine`);
        const fault = isOnMachine(meaning) ? faultOf(value, program.result.type) : undefined;
        if (fault !== undefined) wrong.push(`${call} is ${found}: ${fault}`);
        results.add(found);
      }
      expect(wrong.slice(0, 5)).toEqual([]);
      expect(compared).toBeGreaterThan(inputs.length / 4);
      expect(results.size).toBeGreaterThan(1);
    });
  });
});
