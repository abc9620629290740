import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assemble, link, parseAssembly, printAssembly } from "../assembler/index.js";
import { aNormalForm, BudgetError, evaluateReference, readProgram, type Value } from "../scheme/index.js";
import { flash, initialState, oneHot, runExact, softRun } from "./index.js";
import { arrayPrograms, updatingPrograms } from "./testing-arrays.js";

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
        const checked = assemble(aNormalForm(core), { registers, inputs: { v: [3], m: [2, 3] }, checkedIndices: true });
        const operands = [a, b, ...rest];
        const expected = evaluateReference(core, { a, b, ...arrays }, { modulus: n });
        try {
          expect(runExact(image, "main", operands).result).toBe(expected);
          expect(runExact(link([checked], { n, registers }), "main", operands).result).toBe(expected);
        } catch (error) {
          // The frames of deep recursion may be more than n cells.
          if (!(error instanceof BudgetError)) throw error;
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("random programs that update arrays", () => {
  it.each([5, 8, 16])("never change, on %i registers, what may still be read", (registers) => {
    fc.assert(
      fc.property(
        updatingPrograms,
        fc.nat(30),
        fc.nat(30),
        fc.tuple(fc.nat(30), fc.nat(30), fc.nat(30)),
        (text, a, b, v) => {
          const core = readProgram(text);
          const assembly = assemble(aNormalForm(core), { registers, inputs: { v: [3] } });
          const expected = evaluateReference(core, { a, b, v }, { modulus: 127 });
          const operands = [...assembly.operands.map((name) => (name === "a" ? a : b)), ...v];
          expect(runExact(link([assembly], { n: 127, registers }), "main", operands).result).toBe(expected);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("arrays in memory", () => {
  const n = 32;
  const compiled = (text: string, inputs: Record<string, readonly number[]>) =>
    link([assemble(aNormalForm(readProgram(text)), { inputs })], { n });

  it.each<[text: string, operands: readonly number[]]>([
    ["(+ (ref v (modulo i 3)) (vsum v))", [4, 5, 7, 9]],
    [
      "(let go ((w v) (k i)) (if (= k 0) (ref w (ref v 0)) (go [(ref w 2) (ref w 0) (ref w 1)] (- k 1))))",
      [5, 2, 1, 0],
    ],
  ])("are the same to the soft machine: %s", (text, operands) => {
    const image = compiled(text, { v: [3] });
    expect(image.entries.get("main")).toMatchObject({ operands: ["i", "v[0]", "v[1]", "v[2]"], cells: [0, 1, 2] });
    const exact = runExact(image, "main", operands);
    const soft = softRun(flash(image), initialState(image, "main", oneHot(operands, n), 1), { steps: exact.steps });
    expect([...soft.registers]).toEqual([...oneHot([...exact.registers], n)]);
    expect([...soft.memory]).toEqual([...oneHot([...exact.memory], n)]);
  });

  it("give what lies at an index that is outside, and is not checked, modulo the memory", () => {
    const inputs = { v: [3], w: [2] };
    const image = compiled("(ref v (+ i (* 0 (ref w 0))))", inputs);
    const at = (i: number) => runExact(image, "main", [i, 4, 5, 6, 7, 8]).result;
    expect([0, 1, 2, 3, 4, 5, 31].map(at)).toEqual([4, 5, 6, 7, 8, 0, 0]);
    const short = link([assemble(aNormalForm(readProgram("(+ (ref v i) (vsum w))")), { inputs })], { n, memory: 5 });
    expect(runExact(short, "main", [11, 4, 5, 6, 7, 8]).result).toBe(5 + 15);
  });

  it("that are checked never halt outside, on the soft machine neither", () => {
    const core = readProgram("(+ (ref v i) (vsum (ref m (- i 1))) (vsum (update v (+ i 0) 2)))");
    const assembly = assemble(aNormalForm(core), { inputs: { v: [3], m: [2, 1] }, checkedIndices: true });
    expect(parseAssembly(printAssembly(assembly))).toEqual(assembly);
    const image = link([assembly], { n: 16 });
    const arrays = [1, 2, 3, 3, 4];
    for (let i = 0; i < 16; i++) {
      const run = () => runExact(image, "main", [i, ...arrays], { steps: 100 }).result;
      if (i === 1 || i === 2)
        expect(run()).toBe(evaluateReference(core, { i, v: [1, 2, 3], m: [[3], [4]] }, { modulus: 16 }));
      else expect(run).toThrow(BudgetError);
    }
    for (const i of [0, 1, 2, 3, 7]) {
      const state = initialState(image, "main", oneHot([i, ...arrays], 16), 1);
      expect(softRun(flash(image), state, { steps: 100 }).halted[0]).toBe(i === 1 || i === 2 ? 1 : 0);
    }
  });

  it("are updated in place where nothing else reads them", () => {
    const sort = `(let outer ((v v) (i 1))
       (if (= i (vlen v))
           v
           (let ((x (ref v i)))
             (let inner ((v v) (j i))
               (if (or (= j 0) (<= (ref v (- j 1)) x))
                   (outer (update v j x) (+ i 1))
                   (inner (update v j (ref v (- j 1))) (- j 1)))))))`;
    const assembly = assemble(aNormalForm(readProgram(sort)), { inputs: { v: [6] } });
    expect(runExact(link([assembly], { n }), "main", [5, 2, 9, 1, 7, 3]).value).toEqual([1, 2, 3, 5, 7, 9]);
    // One write for each update, and one for each element of the result.
    expect(assembly.instructions.filter(({ op }) => op === "write")).toHaveLength(2 + 6);
  });

  it("are where r0 says when they are the result", () => {
    const run = runExact(compiled("(transpose m)", { m: [2, 3] }), "main", [1, 2, 3, 4, 5, 6]);
    expect(run.value).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
    expect([...run.memory.slice(run.result, run.result + 6)]).toEqual([1, 4, 2, 5, 3, 6]);
  });
});
