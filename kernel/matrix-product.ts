/** Products of float32 matrices in SIMD, in place in a memory that belongs to someone else. */
import { SoftmachineError } from "../scheme/index.js";
import { FasterWay } from "./faster-way.js";
import {
  type KernelParameters,
  matrixProductModule,
  matrixProductScratch,
  parameterNames,
  tileRows,
} from "./matrix-product-kernel.js";
import {
  compileModule,
  exportedFunction,
  instantiate,
  isMemory,
  isShared,
  newMemory,
  pageBytes,
  type WebAssemblyMemory,
  type WebAssemblyModule,
} from "./web-assembly.js";
import { runTogether, type SharedKernel, threads, workersAreReady } from "./worker-pool.js";

/** Where the matrices lie, as byte addresses in the memory, multiples of 4; and how large they are. */
export interface MatrixProduct {
  /** `batch` matrices of [rows, depth], or [depth, rows] if `transposeA`; one for all if `oneA`. */
  readonly a: number;
  /** `batch` matrices of [depth, columns], or [columns, depth] if `transposeB`; one for all if `oneB`. */
  readonly b: number;
  /** `batch` matrices of [rows, columns], overwritten; they must not overlap the others. */
  readonly c: number;
  /** `matrixProductScratch` bytes, overwritten. */
  readonly scratch: number;
  readonly batch: number;
  readonly rows: number;
  readonly depth: number;
  readonly columns: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  readonly oneA?: boolean;
  readonly oneB?: boolean;
}

/** Multiplications from which it may be worth sharing a product with other threads. */
const leastShared = 2 ** 21;
/** Pages of the memory that threads share; a product that does not fit runs alone. */
const sharedPages = 2 ** 28 / pageBytes;

/**
 * c = op(a) · op(b) for each matrix of a batch, op being the transpose where that is asked for. Sums are taken in the order
 * of the inner axis, 256 terms at a time, whatever the sizes and however many threads; so equal rows and columns give equal
 * sums. Large products that are no batch are shared with other threads, on copies, where that is seen to be faster.
 *
 * @throws SoftmachineError if the memory is none, or an array is misaligned or reaches outside it.
 */
export function matrixProduct(memory: WebAssemblyMemory, product: MatrixProduct): void {
  const { a, b, c, scratch, batch, rows, depth, columns, transposeA = false, transposeB = false } = product;
  if (!isMemory(memory)) fail("needs a WebAssembly.Memory to work in");
  for (const [name, value] of Object.entries({ batch, rows, depth, columns })) {
    if (!Number.isInteger(value) || value < 0) fail(`${name} must be a whole number, at least 0; got ${value}`);
  }
  const available = memory.buffer.byteLength;
  checkArray("a", a, (product.oneA ? 1 : batch) * rows * depth, available);
  checkArray("b", b, (product.oneB ? 1 : batch) * depth * columns, available);
  checkArray("c", c, batch * rows * columns, available);
  checkArray("scratch", scratch, matrixProductScratch / 4, available);
  if (depth === 0) new Float32Array(memory.buffer, c, batch * rows * columns).fill(0);
  const work = rows * depth * columns;
  if (batch * work === 0) return;
  const parameters: KernelParameters = {
    ...{ rows, a, b, c, scratch, batch },
    strideA: product.oneA ? 0 : rows * depth * 4,
    strideB: product.oneB ? 0 : depth * columns * 4,
    strideC: rows * columns * 4,
    rowBytesA: (transposeA ? rows : depth) * 4,
    rowBytesB: (transposeB ? depth : columns) * 4,
    ...{ depth, columns, transposeA: Number(transposeA), transposeB: Number(transposeB) },
  };
  const alone = () => {
    boundKernel(memory).run(...operandsOf(parameters));
  };
  if (batch > 1 || work < leastShared || rows < 2 * tileRows || threads() === 1) alone();
  else
    wayOf(rows, depth, columns).run((together) => {
      if (!together || !runShared(memory, parameters)) alone();
    });
}

const operandsOf = (parameters: KernelParameters): number[] => parameterNames.map((name) => parameters[name]);

/** Alone or together, by the binary logarithms of the sizes: products of one kind take about as long each time. */
const ways = new Map<string, FasterWay>();

function wayOf(...sizes: readonly number[]): FasterWay {
  const key = sizes.map((size) => 31 - Math.clz32(size)).join(" ");
  const way = ways.get(key) ?? new FasterWay(workersAreReady);
  ways.set(key, way);
  return way;
}

let shared: WebAssemblyMemory | undefined;

/** Runs on copies in a memory that threads share, each taking some rows. False where there is no such memory, or no room in it. */
function runShared(memory: WebAssemblyMemory, parameters: KernelParameters): boolean {
  const { rows, depth, columns, transposeA } = parameters;
  const spacing = 16 * Math.ceil(matrixProductScratch / 16);
  const a = threads() * spacing;
  const b = a + rows * depth * 4;
  const c = b + depth * columns * 4;
  const pages = Math.ceil((c + rows * columns * 4) / pageBytes);
  try {
    shared ??= newMemory(0, sharedPages);
    const held = shared.buffer.byteLength / pageBytes;
    if (pages > held) shared.grow(pages - held);
  } catch {
    return false;
  }
  const copy = (from: WebAssemblyMemory, start: number, to: WebAssemblyMemory, target: number, length: number) =>
    new Float32Array(to.buffer, target, length).set(new Float32Array(from.buffer, start, length));
  copy(memory, parameters.a, shared, a, rows * depth);
  copy(memory, parameters.b, shared, b, depth * columns);
  const [, ...addresses] = operandsOf({ ...parameters, a, b, c, scratch: 0 });
  const moving: Partial<KernelParameters> = { a: transposeA ? 4 : depth * 4, c: columns * 4 };
  const names = parameterNames.slice(1);
  const done = runTogether(boundKernel(shared), rows, {
    addresses,
    pitches: names.map((name) => moving[name] ?? 0),
    spacings: names.map((name) => (name === "scratch" ? spacing : 0)),
    // One chunk a thread: each copies all of b.
    leastChunk: tileRows * Math.ceil(rows / (tileRows * threads())),
  });
  if (done) copy(shared, c, memory, parameters.c, rows * columns);
  return done;
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
  throw new SoftmachineError(`matrix product: ${what}`);
}

const bound = new WeakMap<WebAssemblyMemory, SharedKernel>();
const compiled = new Map<boolean, WebAssemblyModule>();

/** The kernel, compiled once, and bound once to each memory. */
function boundKernel(memory: WebAssemblyMemory): SharedKernel {
  const known = bound.get(memory);
  if (known !== undefined) return known;
  const module = compiled.get(isShared(memory)) ?? compileModule(matrixProductModule(isShared(memory)));
  compiled.set(isShared(memory), module);
  const name = "matrixProduct";
  const kernel = { module, memory, name, run: exportedFunction(instantiate(module, { env: { memory } }), name) };
  bound.set(memory, kernel);
  return kernel;
}
