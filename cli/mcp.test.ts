import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { json, main, output, softmachine, temporaryFolder } from "./testing.js";

interface Answer {
  readonly isError: boolean;
  readonly text: string;
  readonly value: Record<string, unknown>;
}

/** A server, and what a client of it needs, in a folder without a library package. */
async function connected(...options: readonly string[]) {
  const client = new Client({ name: "test", version: "1" });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [main, "mcp", ...options],
    cwd: temporary,
    stderr: "ignore",
  });
  await client.connect(transport);
  const call = async (name: string, given: Record<string, unknown>, signal?: AbortSignal): Promise<Answer> => {
    const result = await client.callTool({ name, arguments: given }, signal === undefined ? {} : { signal });
    const [item] = result.content;
    if (item?.type !== "text") throw new Error("a tool answers in text");
    const value = result.isError ? {} : (JSON.parse(item.text) as Record<string, unknown>);
    if (!result.isError) expect(result.structuredContent).toEqual(value);
    return { isError: result.isError === true, text: item.text, value };
  };
  return { client, call };
}

const temporary = temporaryFolder();
const asJson = (text: string): unknown => JSON.parse(text);

describe("softmachine mcp", () => {
  let server: Awaited<ReturnType<typeof connected>>;
  beforeAll(async () => {
    server = await connected("--time-limit", "60");
  });
  afterAll(() => server.client.close());
  const call: Awaited<ReturnType<typeof connected>>["call"] = (...words) => server.call(...words);

  it("lists its tools, each with a schema and a description", async () => {
    const { tools } = await server.client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(["list_programs", "show_program", "run_program", "evaluate", "fit"]);
    for (const { inputSchema, description } of tools) {
      expect(inputSchema).toMatchObject({ type: "object", additionalProperties: false });
      expect(description).toMatch(/\.$/);
    }
  });

  it("finds programs by words and by subject, and shows one", async () => {
    const all = (await call("list_programs", {})).value.programs as { name: string; subject: string }[];
    const found = (await call("list_programs", { search: "greatest DIVISOR" })).value.programs as { name: string }[];
    expect(found.map(({ name }) => name)).toContain("gcd");
    expect(found.length).toBeLessThan(all.length);
    const ofSubject = (await call("list_programs", { subject: "number-theory" })).value.programs;
    expect(ofSubject).toEqual(all.filter(({ subject }) => subject === "number-theory"));
    expect((await call("list_programs", { search: "no such words" })).value.programs).toEqual([]);
    const { value } = await call("show_program", { name: "gcd" });
    expect(value).toMatchObject({
      name: "gcd",
      operands: { required: ["a", "b"], properties: { a: { type: "integer" } } },
    });
    expect(value.source).toContain("(define (gcd a b)");
    expect((await call("show_program", { name: "coulomb-force" })).value).toMatchObject({
      result: { type: "real, N", description: "the force" },
      complexity: "O(1)",
      origin: expect.stringContaining("Coulomb"),
    });
  });

  it("runs programs, and refuses operands that are not what the schema says", async () => {
    expect((await call("run_program", { name: "gcd", operands: { a: 48, b: 18 } })).value).toEqual({ value: 6 });
    const refused: readonly (readonly [Record<string, unknown>, string])[] = [
      [{ name: "gdc", operands: { a: 1, b: 2 } }, 'no program "gdc" in the library (did you mean "gcd"?)'],
      [{ name: "gcd", operands: { a: 1 } }, 'missing operand "b"'],
      [{ name: "gcd", operands: { a: 1, b: 2, c: 3 } }, 'unknown operand "c"'],
      [{ name: "gcd", operands: { a: "1", b: 2 } }, 'the text "1"'],
      [{ name: "gcd", operands: { a: 1.5, b: 2 } }, "1.5 is not a whole number"],
      [{ name: "gcd", operands: { a: -1, b: 2 } }, "-1 is outside"],
      [{ name: "gcd", operands: { a: [1, 2], b: 2 } }, "a number is needed"],
      [{ name: "gcd", operands: { a: "NaN", b: 2 } }, "NaN is not a finite number"],
      [{ name: "gcd", operands: [1, 2] }, "operands are given by name"],
      [{ name: "gcd" }, '"operands" is missing'],
      [{}, '"name" is missing'],
    ];
    for (const [given, message] of refused) {
      const { isError, text } = await call("run_program", given);
      expect({ isError, text }).toEqual({ isError: true, text: expect.stringContaining(message) });
    }
  });

  it("evaluates with derivatives", async () => {
    const inputs = { x: 3, y: 2 };
    const program = "(* x x y)";
    expect((await call("evaluate", { program, inputs })).value).toEqual({ value: 18, gradient: { x: 12, y: 9 } });
    expect((await call("evaluate", { program, inputs, derivatives: "none" })).value).toEqual({ value: 18 });
    expect((await call("evaluate", { program, inputs, derivatives: "second" })).value).toEqual({
      value: 18,
      gradient: { x: 12, y: 9 },
      hessian: { x: { x: 4, y: 6 }, y: { x: 6, y: 0 } },
    });
    const arrays = {
      M: [
        [1, 2],
        [3, 4],
      ],
      v: [1, 2],
    };
    expect((await call("evaluate", { program: "(matvec M v)", inputs: arrays })).value).toEqual({
      value: [5, 11],
      jacobian: {
        M: [
          [
            [1, 2],
            [0, 0],
          ],
          [
            [0, 0],
            [1, 2],
          ],
        ],
        v: arrays.M,
      },
    });
    const entry = "(define (f a b) (if (= b 0) a (f b (modulo a b))))";
    expect((await call("evaluate", { program: entry, entry: "f", inputs: { a: 12, b: 8 } })).value.value).toBe(4);
  });

  it("carries what JSON has no numeral for as text, and says where it comes from", async () => {
    expect((await call("evaluate", { program: "(- x)", inputs: { x: "Infinity" } })).value.value).toBe("-Infinity");
    expect((await call("evaluate", { program: "(+ x 1)", inputs: { x: "NaN" } })).value.value).toBe("NaN");
    expect((await call("evaluate", { program: "(* 2 (sqrt x))", inputs: { x: -1 } })).value).toEqual({
      value: "NaN",
      gradient: { x: "NaN" },
      note: expect.stringContaining("square root of a negative number"),
    });
  });

  it("fits parameters", async () => {
    const t = [0, 1, 2, 3, 4, 5];
    const given = { program: "(* a (exp (- (* k t))))", target: "y", parameters: { a: 1, k: 1 } };
    const y = t.map((time) => 2 * Math.exp(-0.5 * time) + 0.001 * Math.cos(9 * time));
    const { value } = await call("fit", { ...given, data: { t, y } });
    expect(value).toMatchObject({ converged: true, rows: 6 });
    const { a, k } = value.parameters as Record<string, { value: number; standardError: number }>;
    expect(Math.abs(a.value - 2)).toBeLessThan(5 * a.standardError);
    expect(Math.abs(k.value - 0.5)).toBeLessThan(5 * k.standardError);
    expect(a.standardError).toBeLessThan(0.01);
    const bound = await call("fit", { ...given, data: { t, y }, bounds: { k: [0.6, null] } });
    expect(bound.value.parameters).toMatchObject({ k: { value: 0.6 } });
    expect(bound.value.warnings).not.toEqual([]);
    const refused: readonly (readonly [object, string])[] = [
      [{ data: { t, y: [1, 2] } }, "columns differ in length"],
      [{ data: { t, y: [1, 2, 3, 4, 5, "6"] } }, 'column "y", row 5: "6" is not a number'],
      [{ data: { t, y }, target: "z" }, 'no column "z"'],
      [{ data: { t, y }, parameters: { a: "1", k: 1 } }, '"parameters.a" is wrong'],
      [{ data: [t, y] }, "data are given by name"],
    ];
    for (const [changed, message] of refused) {
      const { isError, text } = await call("fit", { ...given, ...changed });
      expect({ isError, text }).toEqual({ isError: true, text: expect.stringContaining(message) });
    }
  });

  it.each<[what: string, tool: string, given: unknown, message: string]>([
    ["a loop without end", "evaluate", { program: "(loop ((i 0)) (recur (+ i 1)))" }, "still running after 10,000,000"],
    [
      "a recursion without end",
      "evaluate",
      { program: "(define (f n) (+ 1 (f n))) (f 0)" },
      "deeper than 100,000 frames",
    ],
    [
      "100,000 parentheses",
      "evaluate",
      { program: "(".repeat(1e5) + ")".repeat(1e5) },
      "nested deeper than 1000 levels",
    ],
    ["a text of a megabyte", "evaluate", { program: "x".repeat(1e6) }, '"program" is wrong: Too big'],
    ["no text", "evaluate", { program: "" }, '"program" is wrong: Too small'],
    ["no program", "evaluate", {}, '"program" is missing'],
    ["a number for a program", "evaluate", { program: 1 }, "expected string, received number"],
    [
      "a fault in a program",
      "evaluate",
      { program: "(+ 1\n (sine x))" },
      'program:2:3: unknown operation or function "sine"',
    ],
    ["a field too many", "evaluate", { program: "1", programs: 1 }, 'Unrecognized key: "programs"'],
    ["an input too few", "evaluate", { program: "(+ x y)", inputs: { x: 1 } }, 'missing input "y"'],
    ["a number as text", "evaluate", { program: "x", inputs: { x: "1" } }, 'the text "1"'],
    ["ragged rows", "evaluate", { program: "x", inputs: { x: [[1], [2, 3]] } }, "row 1 differs in length"],
    [
      "an input of other kind",
      "evaluate",
      asJson('{"program":"x","inputs":{"__proto__":1}}'),
      'unknown input "__proto__"',
    ],
    [
      "arrays in arrays",
      "evaluate",
      { program: "x", inputs: { x: asJson("[".repeat(4000) + "]".repeat(4000)) } },
      "nested deeper than 8",
    ],
    [
      "a large value",
      "evaluate",
      { program: "(eye 101)", derivatives: "none" },
      "10201 numbers, and a result 10000 at most",
    ],
    [
      "a large jacobian",
      "evaluate",
      { program: "(* v v)", inputs: { v: Array(101).fill(1) } },
      "ask for fewer derivatives",
    ],
  ])("answers %s with one error, and goes on", async (_, tool, given, message) => {
    const { isError, text } = await call(tool, given as Record<string, unknown>);
    expect({ isError, text }).toEqual({ isError: true, text: expect.stringContaining(message) });
    expect(text).not.toMatch(/ at .*\.js|fault of softmachine/);
    expect((await call("evaluate", { program: "(+ 1 2)" })).value).toEqual({ value: 3 });
  });

  it("takes any name for an input", async () => {
    const given = { program: "(+ __proto__ constructor)", inputs: asJson('{"__proto__":2,"constructor":3}') };
    expect((await call("evaluate", given)).value.value).toBe(5);
  });

  it.each(["nonesuch", "constructor", "__proto__"])("refuses the unknown tool %s", async (name) => {
    await expect(call(name, {})).rejects.toThrow(`Tool ${name}`);
  });

  it("answers calls that are made at once, each its own", async () => {
    const numbers = Array.from({ length: 60 }, (_, i) => i);
    const answers = await Promise.all(numbers.map((x) => call("evaluate", { program: "(* x x)", inputs: { x } })));
    expect(answers.map(({ value }) => value.value)).toEqual(numbers.map((x) => x * x));
  });

  it("gives each program's file and the language as resources", async () => {
    const { resources } = await server.client.listResources();
    const uris = resources.map(({ uri }) => uri);
    expect(uris).toContain("softmachine://programs/gcd");
    const read = async (uri: string) => {
      const [content] = (await server.client.readResource({ uri })).contents;
      return content !== undefined && "text" in content ? content.text : "";
    };
    expect(await read("softmachine://programs/gcd")).toContain("(define (gcd a b)");
    const language = await read("softmachine://language");
    for (const op of ["`matvec`", "`modulo`", "`sqrt`"]) expect(language).toContain(op);
    await expect(read("softmachine://programs/nonesuch")).rejects.toThrow('no program "nonesuch"');
    await expect(read("softmachine://programs/%")).rejects.toThrow();
  });
});

/** Takes minutes to compile, whatever budget its run has. */
const endless = { program: "(trace (matmul (eye 1000) (eye 1000)))" };

describe("softmachine mcp ends what is too much", () => {
  it("after its time, while other calls are answered", async () => {
    const { client, call } = await connected("--time-limit", "1");
    const long = call("evaluate", endless);
    expect((await call("evaluate", { program: "(+ 1 2)" })).value).toEqual({ value: 3 });
    expect(await long).toMatchObject({ isError: true, text: "stopped: it took longer than 1 s" });
    expect((await call("evaluate", { program: "(+ 2 3)" })).value).toEqual({ value: 5 });
    await client.close();
  });

  it("when its memory is used up, and when a call is cancelled", async () => {
    const { client, call } = await connected("--time-limit", "100", "--memory", "192", "--iterations", "1000");
    const cancelled = new AbortController();
    const long = call("evaluate", endless, cancelled.signal);
    const names = Array.from({ length: 50 }, (_, i) => `x${i}`);
    const large = call("fit", {
      program: `(* k ${names.join(" ")})`,
      data: { ...Object.fromEntries(names.map((name) => [name, 1])), y: new Array(400_000).fill(1) },
      target: "y",
      parameters: { k: 2 },
    });
    await call("evaluate", { program: "1" });
    cancelled.abort();
    await expect(long).rejects.toThrow();
    expect(await large).toMatchObject({ isError: true, text: "stopped: it needed more than 192 MB of memory" });
    const { text } = await call("evaluate", { program: "(loop ((i 0)) (if (< i 2000) (recur (+ i 1)) i))" });
    expect(text).toContain("still running after 1,000 iterations");
    await client.close();
  });
});

describe("softmachine mcp of a library of one's own", () => {
  const folder = temporaryFolder();
  mkdirSync(path.join(folder, "my", "laws"), { recursive: true });
  writeFileSync(
    path.join(folder, "my", "laws", "heavy?.scm"),
    `;;; Whether a mass is heavy, and by how much.
;;;
;;; operand m (real 0..100, kg): the mass
;;; operand limits (2 of real, kg): above the first it is heavy
;;; result (real, kg): how much it is above the limit
;;; example: (heavy? 3 [1 2]) => 2

(define (heavy? m limits) (log (exp (max 0 (- m (ref limits 0))))))
`,
  );

  writeFileSync(
    path.join(folder, "my", "twice.scm"),
    ";;; Twice a number.\n;;;\n;;; operand a: a number\n;;; result: a + a\n;;; example: (twice 3) => 6\n\n(define (twice a) (+ a a))\n",
  );

  it("serves its package", async () => {
    const lib = path.join(folder, "lib");
    await output(["library", "build", "--programs", path.join(folder, "my"), "--out", lib]);
    const schemas = await json<{ name: string; inputSchema: object }[]>(["library", "tools", "--library", lib]);
    expect(schemas.map(({ name }) => name)).toEqual(["heavy_", "twice"]);
    const { client, call } = await connected("--library", lib);
    expect((await call("list_programs", {})).value).toMatchObject({ subjects: ["laws"] });
    expect((await call("show_program", { name: "heavy?" })).value.operands).toEqual(schemas[0].inputSchema);
    for (const name of ["heavy?", "heavy_"])
      expect((await call("run_program", { name, operands: { m: 3, limits: [1, 2] } })).value).toEqual({ value: 2 });
    expect((await call("run_program", { name: "heavy?", operands: { m: 1000, limits: [1, 2] } })).value).toEqual({});
    const infinite = await call("run_program", { name: "heavy?", operands: { m: 100, limits: [-1e9, 2] } });
    expect(infinite.value).toEqual({ value: "Infinity" });
    const [, { uri }] = (await client.listResources()).resources;
    const [content] = (await client.readResource({ uri })).contents;
    expect(content).toMatchObject({ uri, text: expect.stringContaining("(define (heavy? m limits)") });
    await client.close();
  });
});

describe("softmachine mcp on its own streams", () => {
  it("ends when its input does", async () => {
    expect(await softmachine(["mcp"], { cwd: temporary })).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("says what is wrong with its options", async () => {
    const none = await softmachine(["mcp", "--library", "nowhere"], { cwd: temporary });
    expect(none).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("nowhere") });
    const little = await softmachine(["mcp", "--memory", "1"]);
    expect(little).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("whole number from 192") });
  });

  it("goes on after garbage, and writes nothing but the protocol", async () => {
    const server = spawn(process.execPath, [main, "mcp"], { cwd: temporary });
    const log: string[] = [];
    server.stderr.setEncoding("utf8").on("data", (text: string) => log.push(text));
    const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
    const next = async () => asJson((await lines.next()).value ?? "null");
    const say = (message: object | string) =>
      server.stdin.write(`${typeof message === "string" ? message : JSON.stringify(message)}\n`);
    const request = (id: number | string, method: string, params: object) => ({ jsonrpc: "2.0", id, method, params });
    const initialization = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "t", version: "1" } };
    for (const garbage of [
      "garbage",
      "\u0000\u00ff{{{",
      '{"jsonrpc":"2.0"}',
      "[]",
      "null",
      "",
      "[".repeat(1e5),
      "z".repeat(11e6),
    ])
      say(garbage);
    say(request(1, "initialize", initialization));
    expect(await next()).toMatchObject({ id: 1, result: { serverInfo: { name: "softmachine" } } });
    say({ jsonrpc: "2.0", method: "notifications/initialized" });
    say('{"jsonrpc":"2.0","id":"two","method":"tools/call","params":{"name":"evaluate","arguments":{"x":NaN}}}');
    expect(await next()).toMatchObject({ id: "two", error: { code: -32700 } });
    say(request(3, "nonesuch", {}));
    expect(await next()).toMatchObject({ id: 3, error: { code: -32601 } });
    say(request(4, "tools/call", {}));
    expect(await next()).toMatchObject({ id: 4, error: { code: -32602 } });
    say(request(5, "tools/call", { name: "evaluate", arguments: { program: "(+ 1 2)" } }));
    expect(await next()).toMatchObject({ id: 5, result: { structuredContent: { value: 3 } } });
    say(request(6, "tools/call", { name: "evaluate", arguments: endless }));
    server.stdin.end();
    expect(await once(server, "exit")).toEqual([0, null]);
    expect((await lines.next()).done).toBe(true);
    expect(log.join("")).toContain("a message has 10000000 bytes at most");
    expect(log.join("")).not.toContain("    at ");
  });
});
