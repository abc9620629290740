/** Rows added up by segment, in SIMD, where the numbers already lie: what a table's gradient needs when rows were gathered. */
import { SoftmachineError } from "../scheme/index.js";
import type { FunctionBuilder, Local } from "./function-builder.js";
import { ModuleBuilder } from "./module-builder.js";
import {
  compileModule,
  exportedFunction,
  instantiate,
  isMemory,
  type WebAssemblyFunction,
  type WebAssemblyMemory,
  type WebAssemblyModule,
} from "./web-assembly.js";

/** Where the arrays lie, as byte addresses in the memory, multiples of 4; and how large they are. */
export interface ScatterAdd {
  /** [rows, width], of the type given. */
  data: number;
  /** [rows], int32: the row of the output that each row of data is added to. */
  segments: number;
  /** [segmentCount, width], added to; it must not overlap the others. */
  output: number;
  rows: number;
  width: number;
  segmentCount: number;
}

export type ScatterAddType = "float32" | "int32";

/**
 * output[segments[i], :] += data[i, :] for each row i in order, so that sums are those of a plain loop to the last bit.
 * A row whose segment is not in 0..segmentCount-1 is dropped. The kernel is compiled once, and bound once to each memory.
 *
 * @throws SoftmachineError if the memory is none, or an array is misaligned or reaches outside it.
 */
export function scatterAdd(memory: WebAssemblyMemory, arrays: ScatterAdd, type: ScatterAddType = "float32"): void {
  const run = boundKernel(memory, type);
  const { data, segments, output, rows, width, segmentCount } = arrays;
  for (const [name, value] of Object.entries({ rows, width, segmentCount })) {
    if (!Number.isInteger(value) || value < 0) fail(`${name} must be a whole number, at least 0; got ${value}`);
  }
  const available = memory.buffer.byteLength;
  checkArray("data", data, rows * width, available);
  checkArray("segments", segments, rows, available);
  checkArray("output", output, segmentCount * width, available);
  if (width > 0) run(data, segments, output, rows, width, segmentCount);
}

function checkArray(name: string, address: number, elements: number, available: number): void {
  if (!Number.isInteger(address) || address < 0 || address % 4 !== 0) {
    fail(`${name} must lie at a multiple of 4 bytes; got ${address}`);
  }
  if (address + elements * 4 > available) {
    fail(`${name}, ${elements * 4} bytes at ${address}, reaches outside the memory's ${available} bytes`);
  }
}

function fail(what: string): void {
  throw new SoftmachineError(`scatter-add: ${what}`);
}

const bound: Record<ScatterAddType, WeakMap<WebAssemblyMemory, WebAssemblyFunction>> = {
  float32: new WeakMap(),
  int32: new WeakMap(),
};
const compiled = new Map<string, WebAssemblyModule>();

function boundKernel(memory: WebAssemblyMemory, type: ScatterAddType): WebAssemblyFunction {
  const kernels = bound[type];
  if (kernels === undefined) throw new SoftmachineError(`scatter-add: the type is float32 or int32, not ${type}`);
  const known = kernels.get(memory);
  if (known !== undefined) return known;
  if (!isMemory(memory)) throw new SoftmachineError("scatter-add: needs a WebAssembly.Memory to work in");
  const shared = typeof SharedArrayBuffer !== "undefined" && memory.buffer instanceof SharedArrayBuffer;
  const key = `${type} ${shared}`;
  const module = compiled.get(key) ?? compileModule(scatterAddModule(type, shared));
  compiled.set(key, module);
  const kernel = exportedFunction(instantiate(module, { env: { memory } }), "scatterAdd");
  kernels.set(memory, kernel);
  return kernel;
}

/** The kernel's module: `scatterAdd(data, segments, output, rows, width, segmentCount)` on an imported `env.memory`. */
export function scatterAddModule(type: ScatterAddType, shared = false): Uint8Array {
  const module = new ModuleBuilder().importMemory("env", "memory", { shared });
  module.function("scatterAdd", ["i32", "i32", "i32", "i32", "i32", "i32"], [], (code) => writeKernel(code, type));
  return module.build();
}

function writeKernel(code: FunctionBuilder, type: ScatterAddType): void {
  const [data, segments, output, rows, width, segmentCount] = code.parameters;
  const segment = code.local("i32");
  const from = code.local("i32");
  const to = code.local("i32");
  const left = code.local("i32");
  const rowBytes = code.local("i32");
  code.get(width).emit("i32.const", 2).emit("i32.shl").set(rowBytes);
  countDown(code, rows, 1, () => {
    code.get(segments).emit("i32.load").set(segment);
    // Unsigned, so that a negative segment is out of range too.
    code.get(segment).get(segmentCount).emit("i32.lt_u");
    code.if(() => {
      code.get(data).set(from);
      code.get(output).get(segment).get(rowBytes).emit("i32.mul").emit("i32.add").set(to);
      code.get(width).set(left);
      countDown(code, left, 16, () => {
        for (let lane = 0; lane < 16; lane += 4) addVector(code, type, from, to, 4 * lane);
        advance(code, from, 64);
        advance(code, to, 64);
      });
      countDown(code, left, 4, () => {
        addVector(code, type, from, to, 0);
        advance(code, from, 16);
        advance(code, to, 16);
      });
      countDown(code, left, 1, () => {
        addScalar(code, type, from, to);
        advance(code, from, 4);
        advance(code, to, 4);
      });
    });
    advance(code, segments, 4);
    code.get(data).get(rowBytes).emit("i32.add").set(data);
  });
}

/** while (counter >= step) { body; counter -= step } */
function countDown(code: FunctionBuilder, counter: Local, step: number, body: () => void): void {
  code.block((done) => {
    code.loop((again) => {
      code.get(counter).emit("i32.const", step).emit("i32.lt_u").branchIf(done);
      body();
      advance(code, counter, -step);
      code.branch(again);
    });
  });
}

function advance(code: FunctionBuilder, pointer: Local, bytes: number): void {
  code.get(pointer).emit("i32.const", bytes).emit("i32.add").set(pointer);
}

function addVector(code: FunctionBuilder, type: ScatterAddType, from: Local, to: Local, offset: number): void {
  const access = { offset, align: 4 };
  code.get(to).get(to).emit("v128.load", access).get(from).emit("v128.load", access);
  code.emit(type === "float32" ? "f32x4.add" : "i32x4.add").emit("v128.store", access);
}

function addScalar(code: FunctionBuilder, type: ScatterAddType, from: Local, to: Local): void {
  code.get(to);
  if (type === "float32") code.get(to).emit("f32.load").get(from).emit("f32.load").emit("f32.add").emit("f32.store");
  else code.get(to).emit("i32.load").get(from).emit("i32.load").emit("i32.add").emit("i32.store");
}
