import { expect, test } from "vitest";
import { paths } from "./agreement/paths.js";
import { agreement } from "./agreement.js";

test("random programs agree on every path, and each path has run", async () => {
  const { programs, inputs, paths: counts, disagreements } = await agreement({ programs: 40, seed: 7, inputs: 3 });
  expect(disagreements).toEqual([]);
  expect(programs).toBe(40);
  expect(inputs).toBeGreaterThan(80);
  expect(Object.keys(counts)).toEqual(paths.map(({ name }) => name));
  for (const [name, { compared, agreed, skipped }] of Object.entries(counts)) {
    expect(agreed, name).toBe(compared);
    expect(compared, name).toBeGreaterThan(30);
    expect(compared + skipped, name).toBe(inputs);
  }
});

test("a path that differs is told, with the program and its inputs", async () => {
  const wrong = {
    name: "off by one",
    run: ({ rows }: Parameters<(typeof paths)[number]["run"]>[0]) =>
      rows.map(({ modular }) => ({ found: modular + 1, right: false })),
  };
  const { paths: counts, disagreements } = await agreement({ programs: 3, seed: 7, paths: [wrong] });
  expect(counts["off by one"].agreed).toBe(0);
  expect(counts["off by one"].compared).toBeGreaterThan(0);
  expect(disagreements[0]).toMatch(/^off by one: \d+\n.*"modular":/s);
});

test("counting ends when it is told to", async () => {
  const { programs } = await agreement({ programs: 1000, seed: 1, inputs: 1, proceed: (done) => done < 20 });
  expect(programs).toBe(20);
});
