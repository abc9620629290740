import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { softmachine, temporaryFolder } from "./testing.js";

const folder = temporaryFolder({ file: "" });
const experiment = (...words: string[]) => softmachine(["experiment", ...words], { cwd: folder });

describe("experiment", () => {
  it("prints a table, and writes the results with the command that gave them", async () => {
    const { code, stdout } = await experiment("tables-and-circuits", "--quick", "--seeds", "1", "--out", "results");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^table +table +4 +100\.0 %/m);
    expect(stdout).toMatch(/^table +circuit +32 +100\.0 %/m);
    const read = (name: string) => readFileSync(path.join(folder, "results", `tables-and-circuits.${name}`), "utf8");
    const { command, rows } = JSON.parse(read("json")) as { command: string; rows: unknown[] };
    expect(command).toBe("softmachine experiment tables-and-circuits --quick --seeds 1");
    expect(rows).toHaveLength(12);
    expect(read("svg")).toMatch(/^<svg/);
  });

  it("refuses what can't be", async () => {
    expect(await experiment("tables-and-circuits", "--seeds", "0")).toMatchObject({ code: 2, stdout: "" });
    expect(await experiment("tables-and-circuits", "--out", "file")).toMatchObject({ code: 2, stdout: "" });
    expect(await experiment("tables-and-circuit")).toMatchObject({ code: 2, stdout: "" });
  });
});
