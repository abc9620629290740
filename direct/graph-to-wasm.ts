import { type FunctionBuilder, ModuleBuilder, type ValueType } from "../kernel/index.js";
import { countNodes, type Graph, type Node, type Region, regionsOf, usedBy } from "./graph.js";
import { checkOf } from "./graph-ops.js";
import { type LaneType, vectorOps } from "./graph-to-wasm-ops.js";
import { costOf, RegionWriter, type Shared } from "./graph-to-wasm-regions.js";
import { Scalars } from "./graph-to-wasm-scalars.js";
import { VectorTape } from "./graph-to-wasm-tape.js";
import { records, runs } from "./tape.js";

/** What a kernel is made for, besides its graph. */
export interface KernelOptions {
  /** For each input whether one value stands for all rows. */
  readonly broadcast: readonly boolean[];
  /** Iterations of loops and calls that one vector of rows may make. */
  readonly iterations: number;
  /** Function calls that may be under way at once. */
  readonly frames: number;
  /** Whether the memory is shared among threads. */
  readonly shared?: boolean;
}

/** The name that the kernel's function is exported under. */
export const kernelName = "run";

/** Most nodes of a kernel: past this the engine takes longer to compile it than it saves. */
const mostNodes = 10_000;
/** Most values that one function takes or gives; engines allow 1,000. */
const mostColumns = 500;
/** Deepest nesting of branches and loops. */
const mostNesting = 200;
/** Bytes of the engine's stack that recursion may take, by a cautious count. */
const stackBytes = 300_000;
const mostIterations = 2 ** 31 - 1;

export const laneTypeOf = ({ arithmetic }: Graph): LaneType => (arithmetic.dtype === "float32" ? "f32x4" : "f64x2");

/** Whether a graph's kernel needs memory for a tape. */
export const needsTape = ({ main }: Graph): boolean => records(main);

/** Rows in one vector of a graph's kernel. */
export const lanesOf = (graph: Graph): number => (graph.arithmetic.dtype === "float32" ? 4 : 2);

/** What one vector of rows costs, its loads and stores included, in additions; a loop or call counts as a thousand. */
export const vectorCostOf = ({ main }: Graph): number => costOf(main) + main.parameters.length + main.results.length;

/**
 * Whether a graph can be a kernel. Not if strict mode checks any of its operations, since a kernel can't name the row, nor
 * if one has no vector form or the graph is too large.
 */
export function canRunAsKernel(graph: Graph): boolean {
  const suits = (node: Node, depth: number): boolean => {
    if (depth > mostNesting) return false;
    if (node.kind === "op" && (!vectorOps[node.op] || checkOf(graph.arithmetic, node.op, node.span))) return false;
    return regionsOf(node).every(({ nodes }) => nodes.every((inner) => suits(inner, depth + 1)));
  };
  const regions = [graph.main, ...graph.functions.values()];
  if (!regions.every(({ nodes }) => nodes.every((node) => suits(node, 0)))) return false;
  if (regions.reduce((sum, region) => sum + countNodes(region), 0) > mostNodes) return false;
  return regions.every(({ parameters, results }) => parameters.length + results.length <= mostColumns);
}

/**
 * The module of one fused SIMD kernel: `run(vectors, ...addresses)` on the imported memory `env.memory`, with the byte
 * address of each input, then of each result. It reads and writes `vectors` whole vectors of rows, one after the other.
 * Each lane goes its own way through branches, loops and recursion, under masks, and sees nothing of the ways it doesn't
 * take. Arithmetic is that of the slots, bit for bit. A vector past a budget traps.
 *
 * Where the graph goes back over loops (`needsTape`), two more arguments are the ends of memory that their record may take,
 * the first a multiple of 16. The kernel traps where that is too little, and then the first number there is 1, which was 0.
 */
export function graphToWasm(graph: Graph, options: KernelOptions): Uint8Array {
  const module = new ModuleBuilder().importMemory("env", "memory", { shared: options.shared ?? false });
  const type = laneTypeOf(graph);
  const size = [...graph.functions.values()].reduce((most, region) => Math.max(most, countNodes(region)), 1);
  const shared: Shared = {
    module,
    type,
    scalars: new Scalars(module),
    functions: new Map(
      [...graph.functions].map(([name, region]) => [name, module.declare(name, ...signature(region))]),
    ),
    deepest: Math.min(options.frames, Math.floor(stackBytes / (16 * size + 256))),
  };
  for (const [name, region] of graph.functions) {
    const reference = shared.functions.get(name);
    if (reference) module.define(reference, (code) => functionBody(code, shared, region));
  }
  const columns = graph.main.parameters.length + graph.main.results.length;
  const parameters = Array.from({ length: 1 + columns + (needsTape(graph) ? 2 : 0) }, (): ValueType => "i32");
  module.function(kernelName, parameters, [], (code) => kernelBody(code, shared, graph, options));
  return module.build();
}

/** A recursive function takes a mask of the lanes that call it, its depth, the iterations left, and its arguments. */
function signature({ parameters, results }: Region): [ValueType[], ValueType[]] {
  return [
    ["v128", "i32", "i32", ...parameters.map((): ValueType => "v128")],
    [...results.map((): ValueType => "v128"), "i32"],
  ];
}

function functionBody(code: FunctionBuilder, shared: Shared, region: Region): void {
  const [mask, depth, left, ...parameters] = code.parameters;
  const writer = new RegionWriter(code, shared, [region], left);
  code
    .get(depth)
    .emit("i32.const", shared.deepest)
    .emit("i32.gt_s")
    .if(() => code.unreachable());
  writer.countDown();
  code.get(depth).emit("i32.const", 1).emit("i32.add").set(depth);
  writer.depth = depth;
  for (const [i, id] of region.parameters.entries()) writer.define(id, parameters[i]);
  writer.region(region, mask);
  for (const id of region.results) code.get(writer.value(id));
  code.get(left);
}

/** How many vectors one round of the loop computes: several where a vector is little work. */
function vectorsPerRound(graph: Graph): number {
  const cost = costOf(graph.main);
  if (cost <= 12) return 4;
  return cost <= 40 ? 2 : 1;
}

function kernelBody(code: FunctionBuilder, shared: Shared, graph: Graph, options: KernelOptions): void {
  const { main } = graph;
  const [vectors, ...others] = code.parameters;
  const columns = main.parameters.length + main.results.length;
  const [addresses, memory] = [others.slice(0, columns), others.slice(columns)];
  const left = code.local("i32");
  const iterations = Math.min(options.iterations, mostIterations);
  const writer = new RegionWriter(code, shared, [main], left);
  if (needsTape(graph)) writer.tape = new VectorTape(writer, memory[0], memory[1], left, iterations);
  const used = new Set([...main.results, ...usedBy(main.nodes)]);
  const counts = main.nodes.some(runs);
  const inputs = main.parameters.map((id, i) => ({ id, address: addresses[i], broadcast: options.broadcast[i] }));
  for (const { id, address, broadcast } of inputs) {
    if (!broadcast || !used.has(id)) continue;
    code.get(address).emit(shared.type === "f32x4" ? "v128.load32_splat" : "v128.load64_splat");
    writer.define(id, writer.keep());
  }
  const outputs = addresses.slice(inputs.length);
  const moving = [
    ...inputs.filter(({ id, broadcast }) => !broadcast && used.has(id)).map((i) => i.address),
    ...outputs,
  ];
  const round = (count: number) =>
    code.block((done) => {
      code.loop((again) => {
        code.get(vectors).emit("i32.const", count).emit("i32.lt_u").branchIf(done);
        for (let vector = 0; vector < count; vector++) {
          const access = { offset: 16 * vector, align: 4 };
          for (const { id, address, broadcast } of inputs) {
            if (broadcast || !used.has(id)) continue;
            code.get(address).emit("v128.load", access);
            writer.define(id, writer.keep());
          }
          if (counts) code.emit("i32.const", iterations).set(left);
          writer.tape?.reset();
          writer.region(main, undefined);
          for (const [i, id] of main.results.entries())
            code.get(outputs[i]).get(writer.value(id)).emit("v128.store", access);
        }
        for (const address of moving)
          code
            .get(address)
            .emit("i32.const", 16 * count)
            .emit("i32.add")
            .set(address);
        code.get(vectors).emit("i32.const", count).emit("i32.sub").set(vectors);
        code.branch(again);
      });
    });
  const most = vectorsPerRound(graph);
  if (most > 1) round(most);
  round(1);
}
