import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { softmachine, temporaryFolder } from "./testing.js";

const folder = temporaryFolder({ file: "" });
const experiment = (...words: string[]) => softmachine(["experiment", "minimal-network", ...words], { cwd: folder });

describe("experiment minimal-network", () => {
  it("prints a table, and writes the results with the command that gave them", async () => {
    const { code, stdout } = await experiment("--quick", "--seeds", "1", "--out", "results");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ +1 +11 +73\.2 % +[\d.]+ % +[\d.]+ % +100\.0 % +100\.0 % /m);
    expect(stdout).toMatch(/^ +6 +51 +[\d.]+ % +[\d.]+ % +100\.0 % +100\.0 % /m);
    const read = (name: string) => readFileSync(path.join(folder, "results", `minimal-network.${name}`), "utf8");
    const { command, rows } = JSON.parse(read("json")) as { command: string; rows: unknown[] };
    expect(command).toBe("softmachine experiment minimal-network --quick --seeds 1");
    expect(rows).toHaveLength(4);
    expect(read("svg")).toMatch(/^<svg/);
  });

  it("refuses what can't be", async () => {
    expect(await experiment("--seeds", "0")).toMatchObject({ code: 2, stdout: "" });
    expect(await experiment("--out", "file")).toMatchObject({ code: 2, stdout: "" });
  });
});
