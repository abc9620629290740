import {
  type ElementaryName,
  type FunctionBuilder,
  type FunctionReference,
  type Local,
  ModuleBuilder,
  type ValueType,
} from "../kernel/index.js";
import { countNodes, type Graph, type Node, type Region, regionsOf, usedBy, type ValueId } from "./graph.js";
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
  /** What the columns are called, inputs first, for whoever reads the module: without them it has no names in it. */
  readonly names?: readonly string[];
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
export function graphToWasm(graph: Graph, options: KernelOptions): Uint8Array<ArrayBuffer> {
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
  if (hasUsualRounds(graph.main)) {
    const usual = module.declare("usual", parameters, ["i32"]);
    module.define(usual, (code) => kernelBody(code, shared, graph, options, true));
    const any = module.declare("any", parameters, []);
    module.define(any, (code) => kernelBody(code, shared, graph, options, false));
    module.function(kernelName, parameters, [], (code) => alternation(code, usual, any, graph, options));
  } else module.function(kernelName, parameters, [], (code) => kernelBody(code, shared, graph, options, false));
  return module.build({ names: options.names !== undefined });
}

/** Functions whose code for one vector fills the registers. */
const crowded: ReadonlySet<string> = new Set<ElementaryName>(["asin", "acos", "atan2"]);

/** Vectors that are computed side by side there, so that none waits for its own results: several where all is short. */
function vectorsTogether(main: Region): number {
  const isCrowded = elementaryIn(main).some((name) => crowded.has(name));
  return isCrowded || countNodes(main) > 100 ? 1 : 3;
}

/** Most elementary functions that a kernel has in line. */
const mostInline = 16;
/** Vectors that the code for any operands runs on, once an unusual one has turned up. */
const vectorsOfAny = 64;

/**
 * Whether rounds may run as code for usual operands of elementary functions alone, free of calls, and those that met
 * others anew. Where lanes iterate a wrong value might make them go on for long.
 */
function hasUsualRounds(main: Region): boolean {
  const count = elementaryIn(main).length;
  return count > 0 && count <= mostInline && !main.nodes.some(runs);
}

/** The elementary functions of a region's nodes and of those within them, as often as they stand there. */
function elementaryIn({ nodes }: Region): ElementaryName[] {
  return nodes.flatMap((node) => {
    const op = node.kind === "op" ? vectorOps[node.op] : undefined;
    return op?.kind === "elementary" ? [op.name] : regionsOf(node).flatMap(elementaryIn);
  });
}

/** Runs `usual`, which gives how many vectors it left when it met an unusual one, and `any` where it stopped. */
function alternation(
  code: FunctionBuilder,
  usual: FunctionReference,
  any: FunctionReference,
  { main }: Graph,
  { broadcast }: KernelOptions,
): void {
  const [vectors, ...addresses] = code.parameters;
  const left = code.local("i32");
  const count = code.local("i32");
  const advance = (by: Local): void => {
    for (const [i, address] of addresses.entries()) {
      if (i < main.parameters.length && broadcast[i]) continue;
      code.get(address).get(by).emit("i32.const", 4).emit("i32.shl").emit("i32.add").set(address);
    }
  };
  const call = (callee: FunctionReference, on: Local) => {
    code.get(on);
    for (const address of addresses) code.get(address);
    return code.call(callee);
  };
  code.loop((again) => {
    call(usual, vectors).tee(left);
    code.if(() => {
      code.get(vectors).get(left).emit("i32.sub").set(count);
      advance(count);
      code.get(left).emit("i32.const", vectorsOfAny);
      code.get(left).emit("i32.const", vectorsOfAny).emit("i32.lt_u").select().set(count);
      call(any, count);
      advance(count);
      code.get(left).get(count).emit("i32.sub").tee(vectors).branchIf(again);
    });
  });
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

/** Most nodes of a kernel whose rounds compute vectors side by side. */
const mostSideBySide = 1000;

/**
 * How many vectors one round of the loop computes: several where a vector is little work, and several side by side where
 * most operations wait for the one before.
 */
function vectorsPerRound({ main }: Graph): { count: number; sideBySide: boolean } {
  const cost = costOf(main);
  if (cost <= 12) return { count: 4, sideBySide: false };
  const sideBySide = countNodes(main) <= mostSideBySide && isChain(main);
  return { count: sideBySide ? 4 : cost <= 40 ? 2 : 1, sideBySide };
}

/** Whether there are fewer than three operations for each on the longest way from an input to a result. */
function isChain({ nodes }: Region): boolean {
  const depths = new Map<ValueId, number>();
  let [operations, longest] = [0, 0];
  for (const node of nodes) {
    if (node.kind === "constant") continue;
    if (node.kind !== "op") return false;
    const depth = 1 + Math.max(0, ...node.args.map((id) => depths.get(id) ?? 0));
    depths.set(node.output, depth);
    longest = Math.max(longest, depth);
    operations++;
  }
  return operations < 3 * longest;
}

/** With `isUsual`, it stops before a round in which a lane was not usual, and gives how many vectors are left. */
function kernelBody(
  code: FunctionBuilder,
  shared: Shared,
  graph: Graph,
  options: KernelOptions,
  isUsual: boolean,
): void {
  const { main } = graph;
  const [vectors, ...others] = code.parameters;
  const columns = main.parameters.length + main.results.length;
  const [addresses, memory] = [others.slice(0, columns), others.slice(columns)];
  const left = code.local("i32");
  const iterations = Math.min(options.iterations, mostIterations);
  if (options.names)
    for (const [i, name] of ["vectors", ...options.names].entries()) code.name(code.parameters[i], name);
  const writer = new RegionWriter(code, shared, [main], left);
  if (needsTape(graph)) writer.tape = new VectorTape(writer, memory[0], memory[1], left, iterations);
  const counts = main.nodes.some(runs);
  const usual = isUsual ? code.local("v128") : undefined;
  writer.usual = usual;
  writer.inLine = counts && elementaryIn(main).length <= mostInline;
  const used = new Set([...main.results, ...usedBy(main.nodes)]);
  const inputs = main.parameters.map((id, i) => ({ id, address: addresses[i], broadcast: options.broadcast[i] }));
  for (const { id, address, broadcast } of inputs) {
    if (!broadcast || !used.has(id)) continue;
    code.get(address).emit(shared.type === "f32x4" ? "v128.load32_splat" : "v128.load64_splat");
    writer.define(id, writer.keep());
  }
  const outputs = addresses.slice(inputs.length);
  const moved = inputs.filter(({ id, broadcast }) => !broadcast && used.has(id));
  const moving = [...moved.map(({ address }) => address), ...outputs];
  /** Loads vectors, computes, and stores: the engine keeps the order of loads and stores, and mixes what lies between. */
  const compute = (first: number, count: number): void => {
    const accesses = Array.from({ length: count }, (_, i) => ({ offset: 16 * (first + i), align: 4 }));
    const loaded = accesses.map((access) =>
      moved.map(({ address }) => {
        code.get(address).emit("v128.load", access);
        return writer.keep();
      }),
    );
    const results = loaded.map((locals) => {
      for (const [i, { id }] of moved.entries()) writer.define(id, locals[i]);
      if (counts) code.emit("i32.const", iterations).set(left);
      writer.tape?.reset();
      writer.region(main, undefined);
      return main.results.map((id) => writer.value(id));
    });
    for (const [vector, locals] of results.entries())
      for (const [i, local] of locals.entries()) code.get(outputs[i]).get(local).emit("v128.store", accesses[vector]);
  };
  const advance = (count: number): void => {
    for (const address of moving)
      code
        .get(address)
        .emit("i32.const", 16 * count)
        .emit("i32.add")
        .set(address);
    code.get(vectors).emit("i32.const", count).emit("i32.sub").set(vectors);
  };
  const rounds = (count: number, sideBySide: boolean): void => {
    code.block((done) => {
      code.loop((again) => {
        code.get(vectors).emit("i32.const", count).emit("i32.lt_u").branchIf(done);
        if (sideBySide) compute(0, count);
        else for (let vector = 0; vector < count; vector++) compute(vector, 1);
        advance(count);
        code.branch(again);
      });
    });
  };
  const usualRounds = (count: number, usual: Local): void => {
    code.get(vectors).emit("i32.const", count).emit("i32.lt_u");
    code.if(() => code.get(vectors).return());
    code.block((done) => {
      code.loop((again) => {
        code.get(vectors).emit("i32.const", count).emit("i32.lt_u");
        code.if(() => {
          code.get(vectors).emit("i32.eqz").branchIf(done);
          // The last round overlaps the one before.
          for (const address of moving) {
            code.get(address).emit("i32.const", count).get(vectors).emit("i32.sub");
            code.emit("i32.const", 4).emit("i32.shl").emit("i32.sub").set(address);
          }
          code.emit("i32.const", count).set(vectors);
        });
        const zero = writer.constant(0);
        code.get(zero).get(zero).emit("i32x4.eq").set(usual);
        compute(0, count);
        code.get(usual).emit("i32x4.bitmask").emit("i32.const", 15).emit("i32.ne").branchIf(done);
        advance(count);
        code.branch(again);
      });
    });
    code.get(vectors);
  };
  if (usual) usualRounds(vectorsTogether(main), usual);
  else {
    const { count, sideBySide } = vectorsPerRound(graph);
    if (count > 1) rounds(count, sideBySide);
    rounds(1, false);
  }
}
