import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SoftmachineError } from "../scheme/index.js";
import { disassemble, elementary, instructions, ModuleBuilder, mnemonics } from "./index.js";

/** An immediate of each kind, and its text. */
const immediates = {
  none: [undefined, ""],
  i32: [-5, " -5"],
  i64: [-(2n ** 62n), " -4611686018427387904"],
  f32: [0.1, " 0.1"],
  f64: [-0.1, " -0.1"],
  lane: [1, " 1"],
  memory: [{ offset: 300, align: 1 }, " offset=300 align=1"],
  v128: [new Uint8Array(16).fill(7), " i32x4 0x07070707 0x07070707 0x07070707 0x07070707"],
  shuffle: [new Uint8Array(16).fill(7), ` ${new Array(16).fill(7).join(" ")}`],
} as const;

function withEach(): ModuleBuilder {
  const module = new ModuleBuilder().defineMemory({ minimum: 1, maximum: 3 });
  for (const mnemonic of mnemonics) {
    const { operands, results, immediate } = instructions[mnemonic];
    const one = module.declare(mnemonic, operands, results);
    module.define(one, (code) => {
      for (const parameter of code.parameters) code.get(parameter);
      const [value] = immediates[immediate];
      Reflect.apply(code.emit, code, value === undefined ? [mnemonic] : [mnemonic, value]);
    });
  }
  return module;
}

/** The lines of a function's body, without indentation and comments. */
function bodyOf(text: string, name: string): string[] {
  const lines = text.split("\n").map((line) => line.replace(/ *;;.*/, ""));
  const start = lines.findIndex((line) => line.startsWith(`  (func ${name} `));
  const end = lines.indexOf("  )", start);
  return lines.slice(start + 1, end).map((line) => line.trim());
}

test("every instruction of the table is printed, with its immediate", () => {
  const text = disassemble(withEach().build({ names: true }));
  for (const mnemonic of mnemonics) {
    const { operands, immediate, size } = instructions[mnemonic];
    const told = immediate === "memory" && size === 1 ? " offset=300" : immediates[immediate][1];
    const expected = [...operands.map((_, i) => `local.get ${i}`), mnemonic + told];
    expect(bodyOf(text, `$${mnemonic}`)).toEqual(expected);
  }
});

/** Every structural instruction, names, an import, exports, a constant and a memory from outside. */
function structured(): ModuleBuilder {
  const module = new ModuleBuilder().importMemory("env", "memory", { shared: true, maximum: 9 });
  const log = module.importFunction("env", 'a "log"', ["f64"], []);
  const constant = module.constantVector(new Uint8Array(new Float64Array([1.5, -2]).buffer));
  module.function("main", ["i32", "f64"], ["f64"], (code) => {
    const [n, x] = code.parameters;
    const sum = code.local("f64");
    const spare = code.local("v128");
    code.name(n, "count").name(x, "a value").name(sum, "count");
    code.block((done) =>
      code.loop((again) => {
        code.get(n).emit("i32.eqz").branchIf(done);
        code.get(n).emit("i32.const", 1).emit("i32.sub").tee(n).drop();
        code.get(n).if(
          () => code.get(x).set(sum),
          () => code.get(x).call(log),
        );
        code.getGlobal(constant).set(spare).branch(again);
      }),
    );
    code.get(sum).get(x).get(n).select();
    code.get(n).if(() => code.get(x).return());
    code.get(n).if(() => code.unreachable());
    code.emit("f64.const", 0).emit("f64.add");
  });
  return module.exportMemory("its memory");
}

test("structure, names, imports and exports are printed", () => {
  expect(disassemble(structured().build({ names: true }))).toBe(`(module
  (type (;0;) (func (param f64)))
  (type (;1;) (func (param i32 f64) (result f64)))
  (import "env" "a \\u{22}log\\u{22}" (func $a__log_ (type 0)))
  (import "env" "memory" (memory (;0;) 0 9 shared))
  (global (;0;) v128 (v128.const f64x2 1.5 -2))
  (export "main" (func $main))
  (export "its memory" (memory 0))
  (func $main (type 1) (param $count i32) (param $a_value f64) (result f64)
    (local $count.2 f64)
    (local v128) ;; from 3
    block $block0
      loop $loop1
        local.get $count
        i32.eqz
        br_if $block0
        local.get $count
        i32.const 1
        i32.sub
        local.tee $count
        drop
        local.get $count
        if $if2
          local.get $a_value
          local.set $count.2
        else
          local.get $a_value
          call $a__log_
        end $if2
        global.get 0 ;; f64x2 1.5 -2
        local.set 3
        br $loop1
      end $loop1
    end $block0
    local.get $count.2
    local.get $a_value
    local.get $count
    select
    local.get $count
    if $if3
      local.get $a_value
      return
    end $if3
    local.get $count
    if $if4
      unreachable
    end $if4
    f64.const 0
    f64.add
  )
)`);
});

test("a module without names has indices for them", () => {
  const text = disassemble(structured().build());
  expect(text).toContain("(func (;1;) (type 1) (param i32) (param f64) (result f64)");
  expect(text).toContain("call 0");
  expect(text).not.toContain("$count");
});

const floatIn = (text: string) => (text === "inf" ? Infinity : text === "-inf" ? -Infinity : Number(text));

/** A number's bits as the text has them. */
function parsed(text: string, type: "f32" | "f64"): bigint {
  const view = new DataView(new ArrayBuffer(8));
  const [, sign, payload] = /^(-?)nan(?::0x([\da-f]+))?$/.exec(text) ?? [];
  const width = type === "f32" ? 32n : 64n;
  const fraction = type === "f32" ? 23n : 52n;
  if (sign !== undefined) {
    const exponent = (1n << (width - 1n)) - (1n << fraction);
    const bits = payload === undefined ? 1n << (fraction - 1n) : BigInt(`0x${payload}`);
    return (sign === "-" ? 1n << (width - 1n) : 0n) | exponent | bits;
  }
  if (type === "f32") view.setFloat32(0, floatIn(text));
  else view.setFloat64(0, floatIn(text));
  return type === "f32" ? BigInt(view.getUint32(0)) : view.getBigUint64(0);
}

test("vectors of any bits, and numbers, are told to the last bit", () => {
  const special = [
    0n,
    1n,
    1n << 63n,
    0x7ff0000000000000n,
    0x7ff8000000000000n,
    0xfff8000000000001n,
    0x3ff0000000000000n,
  ];
  const half = fc.oneof(
    fc.constantFrom(...special),
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    fc.double().map((x) => parsed(String(x).replace("Infinity", "inf").replace("NaN", "nan"), "f64")),
  );
  fc.assert(
    fc.property(half, half, (low, high) => {
      const bytes = new DataView(new ArrayBuffer(16));
      bytes.setBigUint64(0, low, true);
      bytes.setBigUint64(8, high, true);
      const module = new ModuleBuilder();
      module.function("v", [], ["v128"], (code) => code.emit("v128.const", new Uint8Array(bytes.buffer)));
      const [, shape, lanes] = /v128\.const (\S+) (.*)/.exec(disassemble(module.build())) ?? [];
      const numbers = lanes.split(" ");
      const words =
        shape === "i32x4"
          ? numbers.map(BigInt)
          : numbers.map((text) => parsed(text, shape === "f32x4" ? "f32" : "f64"));
      const size = shape === "f64x2" ? 64n : 32n;
      const joined = words.reduceRight((bits, word) => (bits << size) | word, 0n);
      expect(joined).toBe((high << 64n) | low);
    }),
    { numRuns: 300 },
  );
});

describe("what is no module of ours is refused", () => {
  const bytes = () => Array.from(withEach().build());
  const broken: readonly (readonly [string, () => readonly number[], string])[] = [
    ["nothing", () => [], "ends too early"],
    ["text", () => Array.from(new TextEncoder().encode("(module)")), "does not begin as one"],
    ["half of one", () => bytes().slice(0, 900), "ends too early"],
    ["a section that is not emitted", () => [...bytes().slice(0, 8), 4, 1, 0], "a section 4"],
    [
      "an instruction that is not emitted",
      () => [...bytes().slice(0, 8), 10, 6, 1, 4, 0, 0xd0, 0x70, 0x0b],
      "no instruction has the code d0",
    ],
    ["a number without end", () => [...bytes().slice(0, 8), 1, 255, 255, 255, 255, 255, 255], "more than 32 bits"],
  ];
  test.each(broken)("%s", (_what, make, message) => {
    const run = () => disassemble(Uint8Array.from(make()));
    expect(run).toThrow(SoftmachineError);
    expect(run).toThrow(message);
  });
});

const wabt = spawnSync("wat2wasm", ["--version"]).status === 0;

describe("WABT's assembler", () => {
  const modules: Readonly<Record<string, () => ModuleBuilder>> = {
    "every instruction": withEach,
    "every structure": structured,
    "an elementary function": () => {
      const module = new ModuleBuilder();
      const sine = elementary(module, "sin", "f64x2");
      return module.exportFunction("sin", sine);
    },
  };
  test.runIf(wabt).each(Object.entries(modules))(
    "gives back the bytes of a module with %s (needs wat2wasm)",
    (_what, make) => {
      const folder = mkdtempSync(path.join(tmpdir(), "softmachine-wat-"));
      const [text, binary] = ["a.wat", "a.wasm"].map((name) => path.join(folder, name));
      writeFileSync(text, disassemble(make().build({ names: true })));
      const { stderr } = spawnSync("wat2wasm", ["--enable-threads", text, "-o", binary], { encoding: "utf8" });
      expect(stderr).toBe("");
      expect(Buffer.from(make().build()).equals(readFileSync(binary))).toBe(true);
      rmSync(folder, { recursive: true });
    },
  );
});
