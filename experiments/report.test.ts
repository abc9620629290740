import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SoftmachineError } from "../scheme/index.js";
import { type ReportContent, reportPage, writeReport } from "./index.js";
import { hostile, parseMarkup } from "./testing.js";

/** Content of every kind, with one text wherever a text may stand. */
function content(text: string): ReportContent {
  const steps = [0, 1, 2].map((at) => Float64Array.from([0, 1, 2], (v) => (v === at ? 0.75 : 0.125)));
  return {
    title: `Title ${text}`,
    summary: `Summary ${text}`,
    figures: [
      { label: `Figure ${text}`, value: 1234567 },
      { label: "Held out", value: `99.1 % ${text}`, note: `note ${text}` },
    ],
    library: {
      n: 32,
      description: `Library ${text}`,
      programs: [
        {
          name: `gcd${text}`,
          operands: ["a", `b${text}`],
          description: `Divisor ${text}`,
          instructions: 12,
          registers: 4,
          worstSteps: 99,
          meanSteps: 41.256,
          inputsChecked: 256,
          verified: true,
        },
        {
          name: "bad",
          operands: [],
          description: "",
          instructions: 1,
          registers: 1,
          verified: false,
          note: `why ${text}`,
        },
      ],
    },
    comparisons: [
      {
        name: `Compared ${text}`,
        source: `(+ x 1) ; ${text}`,
        inputs: { [`x${text}`]: 0.5 },
        description: `described ${text}`,
        paths: [
          { path: `reference ${text}`, value: 1.5, difference: 0, seconds: 2.5e-6 },
          {
            path: "float32",
            value: 1.5000001,
            gradient: { [`x${text}`]: 1 },
            difference: 1.19e-7,
            seconds: 8e-8,
            note: text,
          },
          { path: "machine", note: `no fractions ${text}` },
        ],
      },
    ],
    training: {
      description: `Trained ${text}`,
      loss: [{ name: `loss ${text}`, x: Array.from({ length: 200 }, (_, i) => i), y: new Float64Array(200).fill(0.5) }],
      accuracy: [
        { name: `held out ${text}`, x: [0, 100], y: [0, 1] },
        { name: "batch", x: [0, 100], y: [0, 1] },
      ],
      programAccuracy: [{ label: `add ${text}`, value: 0.997 }],
      figures: [{ label: `Steps ${text}`, value: 200 }],
    },
    asked: [
      {
        text: `What is 3 plus 4? ${text}`,
        programs: [
          { choice: `add ${text}`, probability: 0.9 },
          { choice: `max ${text}`, probability: 0.1 },
        ],
        operands: [
          { choice: 3, probability: 0.99 },
          { choice: `4 ${text}`, probability: 0.98 },
        ],
        exactAnswer: 7,
        softAnswer: { choice: 7, probability: 0.97 },
        expected: 7,
        answers: [0, 0.5, 0.5],
      },
    ],
    softRuns: [
      {
        name: `Run ${text}`,
        description: `run of ${text}`,
        assembly: [{ text: `loop: ${text}` }, { line: 0, text: `inc r0 ${text}` }, { line: 1, text: "halt" }],
        counter: steps,
        exactCounter: [0, 1],
        counterLost: 1,
        certainty: [`Lost at step 1 ${text}`],
        registers: [
          { name: `r0 ${text}`, steps, exact: [0, 1, 1], lost: 2 },
          { name: "r1", steps: [steps[0], steps[0], steps[0]] },
        ],
        memory: [{ name: `M[0] ${text}`, steps }],
        halted: [0, 0.5, 1],
      },
    ],
  };
}

describe("the page", () => {
  test("is well-formed and holds every section, linked by name", async () => {
    const page = await reportPage(content(""));
    expect(page.startsWith("<!doctype html>")).toBe(true);
    const elements = parseMarkup(page);
    const sections = elements.filter(({ name }) => name === "section").map(({ attributes }) => attributes.get("id"));
    expect(sections).toEqual(["library", "paths", "training", "sentences", "soft-run"]);
    const links = elements.filter(({ name }) => name === "a").map(({ attributes }) => attributes.get("href"));
    expect(links).toEqual(sections.map((id) => `#${id}`));
    // Loss, accuracy, programs; answers; a run, in it entropies, counter, one register and one cell that change.
    expect(elements.filter(({ name }) => name === "svg")).toHaveLength(9);
    const ids = elements.flatMap(({ attributes }) => attributes.get("id") ?? []);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("says what was measured", async () => {
    const page = await reportPage(content(""));
    for (const text of [
      "1,234,567",
      "1 of 2 programs verified, values 0 to 31.",
      "<code>gcd a b</code>",
      "41.3",
      "∂/∂x",
      "2.5 µs",
      "80 ns",
      "1.2×10⁻⁷",
      "no fractions",
      "What is 3 plus 4?",
      "(90.0 %)",
      "1 register keeps its first distribution throughout.",
      "loop:",
      "inc r0",
    ]) {
      // Not toContain, whose failure would print the whole page.
      expect(page.includes(text), text).toBe(true);
    }
  });

  test("says so when the two paths differ, and when the answer is wrong", async () => {
    const { asked: [sentence] = [] } = content("");
    const page = await reportPage({
      title: "Differs",
      figures: [],
      asked: [{ ...sentence, softAnswer: { choice: 8, probability: 0.5 }, expected: 9 }],
    });
    expect(page).toContain('<span class="no">differ</span>');
    expect(page).toContain('<span class="no">✗</span>');
    expect(await reportPage({ title: "Agrees", figures: [], asked: [sentence] })).toContain(
      '<span class="yes">agree</span>',
    );
  });

  test("escapes hostile text wherever text may stand, and names no outside address", async () => {
    const page = await reportPage(content(hostile));
    parseMarkup(page);
    for (const harm of ["<script", "<!--", "\u0000", "\ud800"]) expect(page.includes(harm), harm).toBe(false);
    expect(page.match(/&lt;script src=&quot;http/g)?.length).toBeGreaterThan(25);
    const outside = (await reportPage(content(""))).match(/(?:https?:)?\/\/[^"\s<]+/g);
    expect(new Set(outside)).toEqual(new Set(["http://www.w3.org/2000/svg"]));
  });

  test("leaves out what is absent, and says so where a section is empty", async () => {
    const bare = await reportPage({ title: "Bare", figures: [] });
    expect(parseMarkup(bare).filter(({ name }) => name === "section" || name === "nav")).toEqual([]);
    const page = await reportPage({
      title: "Empty",
      figures: [],
      library: { programs: [] },
      comparisons: [],
      training: { loss: [], accuracy: [] },
      asked: [],
      softRuns: [],
    });
    parseMarkup(page);
    for (const text of ["0 of 0 programs", "No program was compared", "no data", "No sentences", "No soft run"]) {
      expect(page).toContain(text);
    }
    const empty = { name: "none", assembly: [], counter: [], registers: [], memory: [] };
    parseMarkup(await reportPage({ title: "Empty run", figures: [], softRuns: [empty] }));
  });

  test("shows only the lines that a run may have been at", async () => {
    const counter = [0, 1].map((t) => Float64Array.from({ length: 90 }, (_, line) => Number(line === 40 + t)));
    const assembly = Array.from({ length: 90 }, (_, line) => ({ line, text: `line${line} text` }));
    const run = { name: "linked", assembly, counter, registers: [], memory: [] };
    const page = await reportPage({ title: "Linked", figures: [], softRuns: [run] });
    expect(page).toContain("Lines 40 to 41 of 90; the others have probability 0 throughout.");
    expect(page).toContain(">40 line40 text</text>");
    expect(page).not.toContain(">39 line39 text</text>");
  });

  test("is equal text for equal content", async () => {
    expect(await reportPage(content("x"))).toBe(await reportPage(content("x")));
  });
});

describe("writing", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "report-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test("makes the folders, replaces an older page whole, and leaves nothing else behind", async () => {
    const file = path.join(folder, "a", "b", "index.html");
    await writeReport(file, { title: "First", figures: [] });
    await writeReport(file, { title: "Second", figures: [] });
    expect(await readFile(file, "utf8")).toContain("<title>Second</title>");
    expect(await readdir(path.dirname(file))).toEqual(["index.html"]);
  });

  test("says where it could not write", async () => {
    const blocked = path.join(folder, "file");
    await writeFile(blocked, "");
    const writing = writeReport(path.join(blocked, "index.html"), { title: "None", figures: [] });
    await expect(writing).rejects.toThrow(SoftmachineError);
    await expect(writing).rejects.toThrow(`the report could not be written to ${path.join(blocked, "index.html")}`);
  });
});
