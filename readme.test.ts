import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { output } from "./cli/testing.js";

// What the README shows is run: its JavaScript against what it says comes out, its commands to their end.
const readme = readFileSync(new URL("README.md", import.meta.url), "utf8");
const folder = mkdtempSync(path.join(tmpdir(), "softmachine-readme-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const blocksOf = (language: string) =>
  [...readme.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, "g"))].map((match) => match[1]);
const built = pathToFileURL(fileURLToPath(new URL("dist/index.js", import.meta.url))).href;

/** The block's code with each `expression; // => value` noting both, and what it noted. */
async function claims(code: string, name: string): Promise<readonly (readonly [found: unknown, shown: unknown])[]> {
  const noting = code
    .replaceAll('"softmachine"', JSON.stringify(built))
    .replace(/^(.*); \/\/ => (.*)$/gm, "noted.push([$1, $2]);");
  const file = path.join(folder, `${name}.mjs`);
  writeFileSync(file, `export const noted = [];\n${noting}`);
  return ((await import(/* @vite-ignore */ pathToFileURL(file).href)) as { noted: [unknown, unknown][] }).noted;
}

describe("the README's JavaScript", () => {
  const blocks = blocksOf("js");
  test("has a block for each path", () => expect(blocks).toHaveLength(4));

  test.each([...blocks.filter((block) => !block.includes("train(")).entries()])(
    "gives what block %d shows",
    async (i, block) => {
      const noted = await claims(block, `block-${i}`);
      expect(noted.length).toBeGreaterThan(2);
      for (const [found, shown] of noted) expect(found).toEqual(shown);
    },
  );

  test("trains, here for two steps only, and asks", async () => {
    const block = blocks.find((code) => code.includes("train(")) ?? "";
    const short = block.replace("{ seed: 1 }", "{ seed: 1, steps: 2, batch: 4, evaluateSentences: 4 }");
    expect(short).not.toBe(block);
    expect(await claims(short, "training")).toHaveLength(3);
  });
});

describe("the README's commands", () => {
  const commands = blocksOf("sh").flatMap((block) =>
    block.split("\n").filter((line) => line.startsWith("softmachine ")),
  );
  const quick = commands.filter((line) => !/^softmachine (train|calibrate|ask)/.test(line));
  test.each(quick)("%s", async (line) => {
    const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2]).slice(1);
    expect(await output(words, { cwd: folder })).not.toBe("");
  });
  test("are there", () => expect(quick.length).toBeGreaterThan(3));
});
