import { expect, it } from "vitest";
import { certaintyText } from "./certainty-text.js";
import { compileToAssembly, linkAlone } from "./machine-program.js";
import { traceOnMachines } from "./machine-trace.js";
import { readDistributions } from "./operand-distributions.js";

it("tells the certainty of a run of any length", () => {
  const program = linkAlone(compileToAssembly({ text: "(* a a)", name: "square" }, {}), { n: 4 });
  const run = traceOnMachines(program, readDistributions(["a=any"], program.entry.operands, 4), { sharpness: 3 });
  const [start] = run.soft;
  const text = certaintyText(run);
  expect(text.at(-1)).toMatch(/^Most uncertain after \d+ steps: \d+\.\d+ bits in all\.$/);
  expect(certaintyText({ ...run, soft: [...run.soft, ...new Array<typeof start>(300_000).fill(start)] })).toEqual(text);
});
