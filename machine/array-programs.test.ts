import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assemble, link, parseAssembly, printAssembly } from "../assembler/index.js";
import { aNormalForm, BudgetError, evaluateReference, readProgram, type Value } from "../scheme/index.js";
import { runExact } from "./index.js";
import { arrayPrograms } from "./testing-arrays.js";

describe("random programs on arrays", () => {
  it.each([4, 5, 6, 8, 16])("compute on %i registers what the reference says", (registers) => {
    fc.assert(
      fc.property(arrayPrograms, fc.constantFrom(61, 97, 128), ({ text, inputs }, n) => {
        const [a, b, ...rest] = inputs;
        const arrays: Record<string, Value> = { v: rest.slice(0, 3), m: [rest.slice(3, 6), rest.slice(6, 9)] };
        const core = readProgram(text);
        const assembly = assemble(aNormalForm(core), { registers, inputs: { v: [3], m: [2, 3] } });
        expect(parseAssembly(printAssembly(assembly))).toEqual(assembly);
        const image = link([assembly], { n, registers });
        const operands = [a, b, ...rest];
        const expected = evaluateReference(core, { a, b, ...arrays }, { modulus: n });
        try {
          expect(runExact(image, "main", operands).result).toBe(expected);
        } catch (error) {
          // The frames of deep recursion may be more than n cells.
          if (!(error instanceof BudgetError)) throw error;
        }
      }),
      { numRuns: 60 },
    );
  });
});
