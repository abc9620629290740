import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { softmachineCommand } from "./command-line.js";
import { softmachine, temporaryFolder } from "./testing.js";

/** The files that examples in help texts name. */
const folder = temporaryFolder({
  "pendulum.scm": "(* (- 0 (/ g L)) (sin theta))\n",
  "gcd.scm": "(define (gcd a b) (if (= b 0) a (gcd b (modulo a b))))\n",
  "angles.csv": "theta\n0.1\n0.2\n",
  "law.scm": "(+ (* g x) k)\n",
  "measured.csv": "x,y\n0,2.1\n1,3.9\n2,6.2\n3,7.8\n",
  "swing.csv": `t,x\n${Array.from({ length: 40 }, (_, i) => `${i / 8},${Math.sin((3 * i) / 8 + 0.5)}`).join("\n")}\n`,
  "periods.csv": "L,T,dT\n0.5,1.42,0.01\n1,2.01,0.01\n2,2.84,0.02\n3,3.47,0.02\n",
});
mkdirSync(path.join(folder, "my"));
writeFileSync(
  path.join(folder, "my", "twice.scm"),
  ";;; Twice a number.\n;;;\n;;; operand a: a number\n;;; result: a + a\n;;; example: (twice 3) => 6\n\n(define (twice a) (+ a a))\n",
);

/** Examples that train a model, ask one, or need what another command has written have tests of their own. */
const elsewhere = /softmachine (train|ask|calibrate|demo|library (build|verify|add|diff)\b(?!.*--programs))/;

function helpOf(command: Command): string {
  let text = "";
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text + command.commands.map(helpOf).join("");
}

async function helpExamples(): Promise<string[]> {
  const names = (await softmachineCommand([])).commands.map((command) => command.name());
  const help = helpOf(await softmachineCommand(names));
  const examples = [...help.matchAll(/^ {2}\$ (.*)$/gm)].map(([, line]) => line);
  return [...new Set(examples)].filter((line) => !elsewhere.test(line));
}

/** A line's words as a shell has them, and what an `echo` before them pipes in. */
function parse(line: string): { words: string[]; input: string } {
  const [before, last] = line.includes(" | ") ? line.split(" | ") : ["", line];
  const wordsOf = (text: string) => [...text.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare);
  return { words: wordsOf(last).slice(1), input: wordsOf(before)[1] ?? "" };
}

describe("an example in a help text", async () => {
  const examples = await helpExamples();

  it("is there for each command", () => {
    expect(examples.length).toBeGreaterThan(15);
  });

  it("works as it is printed", async () => {
    // One after another: some read what one before them has written.
    for (const example of examples) {
      const { words, input } = parse(example);
      const { code, stderr } = await softmachine(words, { cwd: folder, input });
      expect({ example, code, stderr: code === 0 ? "" : stderr }).toEqual({ example, code: 0, stderr: "" });
    }
  });
});
