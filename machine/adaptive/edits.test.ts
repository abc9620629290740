import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { link, parseAssembly } from "../../assembler/index.js";
import {
  decompileWithConfidence,
  genericProgram,
  hardProgramText,
  prove,
  seededRandom,
  taskOnInputs,
  trainedMask,
  withoutIdleLines,
} from "../index.js";
import { operationNumbers, redrawnProgram, reorderedProgram } from "./edits.js";

const text = `.program countdown
.operands a b
  const r2, @again
again:
  not   r3, r0
  const r4, @end
  jump  r3, r4
  dec   r0, r0
  inc   r1, r1
  ret   r2
end:
  move  r0, r1
  halt
  halt`;
const image = link([parseAssembly(text)], { n: 16, registers: 5 });
const values = [
  [0, 1, 2, 3],
  [4, 5],
];
const task = taskOnInputs(image, "countdown", { values });
const generic = genericProgram(task);
const line = fc.integer({ min: 0, max: image.lines - 1 });

describe("a task on inputs", () => {
  it("is to do what the program does, in as many steps", () => {
    expect(task.steps).toBe(1 + 3 * 6 + 3 + 2);
    expect(prove(task, generic)).toMatchObject({ proved: true, exhaustive: true, runs: 8, mostSteps: task.steps });
    expect(task.example((low) => low)).toEqual({ operands: [0, 4], memory: [], result: 4 });
    expect(task.operations).not.toContain("call");
    expect(task.operations).toContain("ret");
  });

  it("may name other results", () => {
    const rows = [{ operands: [1, 2], result: 9 }, { operands: [0, 7] }];
    const other = taskOnInputs(image, "countdown", { rows });
    expect(prove(other, generic).counterexample?.wrong).toBe("r0 holds 3, not 9");
  });

  it("refuses what is impossible", () => {
    expect(() => taskOnInputs(image, "countdown", { values: [[16], [1]] })).toThrow("from 0 to 15; got 16");
    expect(() => taskOnInputs(image, "countdown", { values }, { steps: 5 })).toThrow(
      /has not halted after 5 steps from a=\d b=\d/,
    );
  });
});

describe("programs near a program", () => {
  it("are as long as it, and differ in three choices at most", () => {
    const open = { operations: operationNumbers(task), mask: trainedMask(image, {}), trained: {} };
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const near = redrawnProgram(task, generic, open, seededRandom(seed));
        const all = (of: typeof generic) => [
          ...Object.values(of.image.instructions).flatMap((field) => [...field]),
          of.image.entries.get("countdown")?.line,
        ];
        const before = all(generic);
        expect(all(near).filter((choice, i) => choice !== before[i]).length).toBeLessThanOrEqual(3);
      }),
    );
  });

  it("leave what is frozen as it is", () => {
    const trained = { lines: [1], fields: ["op"], constants: false, entry: false } as const;
    const open = { operations: operationNumbers(task), mask: trainedMask(image, trained), trained };
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const { image: near } = redrawnProgram(task, generic, open, seededRandom(seed));
        const changed = [...near.instructions.op].flatMap((op, i) => (op === image.instructions.op[i] ? [] : [i]));
        expect(changed.every((i) => i === 1)).toBe(true);
        expect([near.instructions.a, near.instructions.k]).toEqual([image.instructions.a, image.instructions.k]);
      }),
    );
  });

  it("jump to the lines that they jumped to when one line is moved", () => {
    // Lines that do nothing may stand anywhere: moved around, the program is as right as before.
    const idle = link([parseAssembly(text.replace("  dec ", "  move  r4, r4\n  dec "))], { n: 16, registers: 5 });
    const idleTask = taskOnInputs(idle, "countdown", { values });
    let [right, all] = [0, 0];
    for (let seed = 0; seed < 300; seed++) {
      const { program, lines } = reorderedProgram(idleTask, genericProgram(idleTask), seededRandom(seed));
      expect(lines.every((place) => place >= 0 && place < idle.lines)).toBe(true);
      if (prove(idleTask, program).proved) right++;
      all++;
    }
    expect(right / all).toBeGreaterThan(0.1);
  });
});

describe("idle lines", () => {
  it("are left out, and what remains reads back, right and no slower", () => {
    fc.assert(
      fc.property(line, (at) => {
        const lines = text.split("\n");
        // A line that is no label has an idle one put before it.
        const place = lines.findIndex((one, i) => i > at && one.startsWith(" "));
        lines.splice(place, 0, "  zero  r4");
        const assembly = parseAssembly(lines.join("\n"));
        const size = { n: 16, registers: 5 };
        const kept = withoutIdleLines({ ...task, steps: 60 }, assembly, size);
        expect(kept.instructions.length).toBeLessThanOrEqual(image.lines - 1);
        const again = link([kept], size);
        const verdict = prove({ ...task, image: again }, { image: again, constants: [] });
        expect(verdict.proved).toBe(true);
        expect(verdict.meanSteps).toBeLessThanOrEqual(prove(task, generic).meanSteps + 1);
      }),
      { numRuns: 6 },
    );
  });
});

describe("confidence", () => {
  it("is high in the lines that matter, and low where another choice is better", () => {
    const { confidence } = decompileWithConfidence(task, generic);
    expect(confidence).toHaveLength(image.lines);
    expect(Math.min(...confidence.slice(1, 7))).toBeGreaterThan(0.9);
    const broken = { ...image.instructions, op: image.instructions.op.slice() };
    // zero for inc: the result is wrong.
    broken.op[5] = 1;
    const wrong = decompileWithConfidence(task, { image: { ...image, instructions: broken }, constants: [] });
    expect(wrong.confidence[5]).toBeLessThan(confidence[5] - 0.05);
  });
});

describe("a program's text", () => {
  it("has labels for the values that name lines, and reads back to the same program with more lines than n", () => {
    const small = link([parseAssembly(text)], { n: 6, registers: 5 });
    const smallTask = taskOnInputs(small, "countdown", { values: [[0, 1, 2], [3]] });
    const printed = hardProgramText(smallTask, genericProgram(smallTask));
    expect(printed).toContain("@line");
    const again = link([parseAssembly(printed)], { n: 6, registers: 5 });
    expect(prove({ ...smallTask, image: again }, { image: again, constants: [] })).toEqual(
      prove(smallTask, genericProgram(smallTask)),
    );
  });
});
