import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { softmachineCommand } from "./command-line.js";
import { softmachine, temporaryFolder } from "./testing.js";

const commands = [
  "run",
  "compile",
  "explain",
  "fit",
  "asm",
  "trace",
  "compare",
  "library",
  "mcp",
  "train",
  "adapt",
  "calibrate",
  "ask",
  "experiment",
  "demo",
  "repl",
];

describe("the command line", () => {
  it("has these commands", async () => {
    const names = (await softmachineCommand([])).commands.map((command) => command.name());
    expect([...names].sort()).toEqual([...commands].sort());
  });

  it.each(commands)("prints help for %s on stdout", async (command) => {
    const { code, stdout, stderr } = await softmachine([command, "--help"]);
    expect(stdout).toContain(`Usage: softmachine ${command}`);
    expect(stdout).toContain(`$ softmachine ${command}`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  it("prints its version", async () => {
    const { code, stdout } = await softmachine(["--version"]);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(code).toBe(0);
  });

  it("ends with 2 where it is used wrongly", async () => {
    expect(await softmachine(["rnu"])).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining("Did you mean run?"),
    });
    expect(await softmachine(["help", "rnu"])).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining('there is no command "rnu" (did you mean "run"?)'),
    });
    expect(await softmachine([])).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("Usage:") });
    expect(await softmachine(["library"])).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining("Usage:"),
    });
    expect(await softmachine(["compile", "a", "b"])).toMatchObject({ code: 2, stdout: "" });
  });

  it("ends quietly when its reader does", async () => {
    const rows = Array.from({ length: 200_000 }, (_, i) => i).join("\n");
    const folder = temporaryFolder({ "long.csv": `x\n${rows}\n` });
    const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
    const child = spawn(process.execPath, [main, "run", "-e", "x", "--data", "long.csv"], { cwd: folder });
    let stderr = "";
    child.stderr.on("data", (text) => {
      stderr += text;
    });
    child.stdout.once("data", () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });
});
