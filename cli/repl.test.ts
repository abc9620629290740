import { describe, expect, it } from "vitest";
import { softmachine, temporaryFolder } from "./testing.js";

const folder = temporaryFolder({ "square.scm": "; twice\n(define (square x) (* x x))\n(define k 10)\n(square k)\n" });

describe("repl", () => {
  it("keeps definitions and numbers, and goes on after errors", async () => {
    const input = [
      "(define (f x)",
      "  (* k x x)) ; k comes later",
      ":set k=2",
      "(f 3)",
      "(f oops)",
      "(define x (f 2))",
      "(define x (+ x 1)) x",
      ":grad (f x)",
      "(nosuch 1)",
      "(define (f x) 7)",
      "(f 0)",
      ":asm (+ a 1)",
      ":frob",
      ":load",
      "#;(f 1) (f 2) #| (f",
      "|#",
      ":list",
      "(+ 1",
    ].join("\n");
    const { code, stdout, stderr } = await softmachine(["repl"], { input });
    const [asm] = /\.program[\s\S]*halt[^\n]*\n/.exec(stdout) ?? [""];
    expect(asm).toContain("inc ");
    expect(stdout.replace(asm, "")).toBe(
      ["18", "9", "value 162", "d/dx 36", "d/dk 81", "7", "7", "k=2", "x=9", "(define (f x) 7)", ""].join("\n"),
    );
    expect(stderr).toMatch(/"oops" has no value/);
    expect(stderr).toMatch(/<repl>:1:2: .*"nosuch"/);
    expect(stderr).toMatch(/no command :frob/);
    expect(stderr).toMatch(/a file is needed, as :load/);
    expect(stderr).toMatch(/<repl>:1:1: .*never closed/);
    expect(code).toBe(0);
  });

  it("reads files first, prints JSON, and stops at :quit", async () => {
    const { stdout, code } = await softmachine(["repl", "square.scm", "--json"], {
      cwd: folder,
      input: "(square 3)\n:grad (square k)\n:quit\n(square 4)\n",
    });
    const values = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
    expect(values).toEqual([{ value: 100 }, { value: 9 }, { value: 100, gradient: { k: 20 } }]);
    expect(code).toBe(0);
  });

  it("refuses a file that it can't read", async () => {
    expect(await softmachine(["repl", "sqare.scm"], { cwd: folder })).toMatchObject({
      code: 1,
      stderr: 'error: there is no file "sqare.scm" (did you mean "square.scm"?)\n',
    });
  });
});
