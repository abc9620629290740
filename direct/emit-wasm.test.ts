import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { compileModule, disassemble, exportedFunction, instantiate, newMemory } from "../kernel/index.js";
import { type CompileOptions, compile, type EmitOptions } from "./index.js";

const factorial = "(define (f n) (if (<= n 0) x (* n (f (- n 1))))) (f k)";
const programs: readonly (readonly [source: string, options: CompileOptions])[] = [
  ["(+ (* b b) (* -4 a c))", {}],
  ["(* (- 0 (/ g L)) (sin theta))", { params: { g: 9.81 } }],
  ["(if (> x 0) (log x) (loop ((i 0) (s 1)) (if (< i 3) (recur (+ i 1) (* s x)) s)))", { dtype: "float32" }],
  [factorial, {}],
  ["(+ (dot v v) (ref v 1) x)", { inputs: { v: [3] } }],
  ["3", {}],
];

const inputOf = (row: number, column: number) => 0.75 + ((row * 7 + column * 3) % 11) / 4;

/** The module's columns, by its own names, as whoever has the file alone would get them. */
function run(source: string, options: CompileOptions, emission: EmitOptions, rows: number): Record<string, number[]> {
  const module = compile(source, options);
  const text = module.emit("wat", emission);
  const [, list] = /: run\(vectors, (.*)\)$/.exec(text.split("\n")[0]) ?? [];
  const names = list.split(", ");
  const [, lanes] = /computes (\d) rows of/.exec(text) ?? [];
  const memory = newMemory(1);
  const run = exportedFunction(instantiate(compileModule(module.emit("wasm", emission)), { env: { memory } }), "run");
  const columns = names.map((_, i) =>
    module.dtype === "float32"
      ? new Float32Array(memory.buffer, 512 * i, rows)
      : new Float64Array(memory.buffer, 512 * i, rows),
  );
  for (const [i, column] of columns.entries()) for (let row = 0; row < rows; row++) column[row] = inputOf(row, i);
  run(rows / Number(lanes), ...columns.map((column) => column.byteOffset));
  return Object.fromEntries(names.map((name, i) => [name, Array.from(columns[i])]));
}

test.each(programs)("%s: the kernel of the form wasm computes rows as batch does", (source, options) => {
  const module = compile(source, options);
  const rows = 16;
  for (const gradient of [false, true]) {
    const found = run(source, options, { gradient }, rows);
    for (let row = 0; row < rows; row++) {
      const at = (name: string) => (Object.hasOwn(found, `*${name}`) ? found[`*${name}`][0] : found[name][row]);
      const inputs = Object.fromEntries(
        Object.entries(module.inputShapes).map(([name, shape]) => [
          name,
          shape.length === 0 ? at(name) : Array.from({ length: shape[0] }, (_, i) => at(`${name}[${i}]`)),
        ]),
      );
      const expected = module.gradient<number | readonly number[]>(inputs);
      const digits = module.dtype === "float32" ? 5 : 12;
      expect(found.value[row]).toBeCloseTo(expected.value, digits);
      if (!gradient) continue;
      for (const [name, slope] of Object.entries(expected.gradient))
        for (const [i, one] of [slope].flat().entries())
          expect(found[`d/d${name}${typeof slope === "number" ? "" : `[${i}]`}`][row]).toBeCloseTo(one, digits);
    }
  }
});

test("the text is that of the same module, and tells its functions and columns by name", () => {
  const module = compile(factorial, { inputs: { x: [] } });
  const text = module.emit("wat", { gradient: true });
  expect(text.slice(text.indexOf("(module"))).toBe(disassemble(module.emit("wasm", { gradient: true })));
  expect(text).toMatch(/^;; Made by softmachine from "<program>": run\(vectors, x, k, value, d\/dx, d\/dk\)$/m);
  expect(text).toContain("(param $vectors i32) (param $x i32) (param $k i32) (param $value i32) (param $d/dx i32)");
  expect(text).toContain('(export "run" (func $run))');
  expect(text).toContain("(func $f'2 ");
  expect(text).toContain("call $f'2");
});

test.each([
  ["(sqrt x)", { domain: "strict" }, {}, "without the strict domain"],
  ["(ref v i)", { inputs: { v: [3] } }, {}, "1:1: a kernel can't refuse an index"],
  ["(scale 2 v)", { inputs: { v: [3] } }, { gradient: true }, "this one's is a vector of 3"],
  ["(dot v v)", {}, {}, "declare them"],
  [
    `(+ ${"(sin x) ".repeat(1)} ${Array.from({ length: 12_000 }, (_, i) => `(* x ${i})`).join(" ")})`,
    {},
    {},
    "too large",
  ],
] as const)("%.40s is refused", (source, options, emission, message) => {
  for (const form of ["wat", "wasm"] as const)
    expect(() => compile(source, options).emit(form, emission)).toThrow(message);
});

const wabt = spawnSync("wat2wasm", ["--version"]).status === 0;

test.runIf(wabt)("WABT assembles each program's text to the same bytes, names aside (needs wat2wasm)", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "softmachine-wat-"));
  const [text, binary, bare] = ["a.wat", "a.wasm", "b.wasm"].map((name) => path.join(folder, name));
  for (const [source, options] of programs) {
    const module = compile(source, options);
    writeFileSync(text, module.emit("wat", { gradient: true }));
    writeFileSync(bare, module.emit("wasm", { gradient: true }));
    for (const words of [
      ["wat2wasm", text, "-o", binary],
      ["wasm-strip", bare],
      ["wasm-validate", binary],
    ])
      expect(spawnSync(words[0], words.slice(1), { encoding: "utf8" }).stderr).toBe("");
    expect(readFileSync(bare).equals(readFileSync(binary)), source).toBe(true);
  }
  rmSync(folder, { recursive: true });
});
