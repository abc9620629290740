/** The soft machine as an operation of TensorFlow.js: on wasm in the backend's own heap, on the tensors as they lie. */
import type * as TensorFlow from "@tensorflow/tfjs";
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { checkWholeNumber } from "../assembler/index.js";
import type { WebAssemblyMemory } from "../kernel/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { heapOf, type TensorFlowModule } from "../tensor/index.js";
import { type EncodedProgram, sizesOf } from "./encoded-program.js";
import { softBackward } from "./soft-backward.js";
import { type SoftOptions, type SoftTape, softForward, softRun } from "./soft-forward.js";
import type { Encoding } from "./soft-kernel/context.js";
import { lineBytes } from "./soft-layout.js";
import { blockBytes, blockLayout, SoftMachine, type SoftMachineOptions } from "./soft-machine.js";
import type { SoftFields, SoftMask } from "./soft-program.js";
import { SoftRoom } from "./soft-workspace.js";

type Tensor = TensorFlow.Tensor;
type TensorInfo = TensorFlow.TensorInfo;

/** What an operation runs. Its inputs are registers, memory, counter, then the program's fields that are tensors. */
export interface TensorRun {
  readonly program: EncodedProgram;
  readonly batch: number;
  readonly options: SoftOptions;
  readonly trained: readonly (keyof SoftFields)[];
}

interface Call extends TensorRun {
  readonly machineOptions: SoftMachineOptions;
  /** What a recorded run leaves for its gradient: the machine, in the heap, or how the run began. */
  machine: SoftMachine | undefined;
  tape: SoftTape | undefined;
}

const [kernelName, gradientName] = ["SoftmachineRun", "SoftmachineRunGradient"];

/** Where the attributes that TensorFlow.js hands on hold the call: by names they hold plain data only. */
const callKey = Symbol("call");

type Attributes = { readonly [callKey]: Call };

function callOf(attributes: TensorFlow.NamedAttrMap | undefined): Call {
  if (!attributes || !(callKey in attributes))
    throw new SoftmachineError(`${kernelName} is called by softmachine alone`);
  return (attributes as Attributes)[callKey];
}

/** Backends that have the kernels. */
const registered = new Set<string>();

function register(tf: TensorFlowModule, backendName: string): void {
  registered.add(backendName);
  const isWasm = backendName === "wasm";
  const kernel = (name: string, inHeap: TensorFlow.KernelFunc, onCopies: CopyingKernel): void => {
    const kernelFunc: TensorFlow.KernelFunc = (given) =>
      isWasm && runsInHeap(callOf(given.attrs)) ? inHeap(given) : onCopies(tf, callOf(given.attrs), tensorsOf(given));
    tf.registerKernel({ kernelName: name, backendName, kernelFunc });
  };
  kernel(kernelName, forwardInHeap, forwardOnCopies);
  kernel(gradientName, backwardInHeap, backwardOnCopies);
  if (registered.size > 1) return;
  tf.registerGradient({
    kernelName,
    saveAllInputs: true,
    gradFunc: (dy, saved, attributes) => {
      const attrs: Attributes = { [callKey]: callOf(attributes) };
      const inputs = named([...saved, ...(Array.isArray(dy) ? dy : [dy])]);
      const gradients = tf.engine().runKernel<Tensor[]>(gradientName, inputs, attrs);
      return Object.fromEntries(gradients.map((gradient, i) => [i, () => gradient]));
    },
  });
}

/**
 * The run as a differentiable operation.
 *
 * @param inputs float32, of the right sizes.
 * @returns registers [batch, registers, n], memory [batch, memorySize, n], counter [batch, lines] and halted [batch].
 */
export function runOnTensors(tf: TensorFlowModule, run: TensorRun, inputs: readonly Tensor[]): Tensor[] {
  const engine = tf.engine();
  // What runs on tensors needs a backend, which the first operation starts.
  const backendName = tf.backend() && tf.getBackend();
  if (!registered.has(backendName)) register(tf, backendName);
  const { batch, options } = run;
  checkWholeNumber("the steps of a soft run", options.steps, 0);
  const records = engine.state.gradientDepth > 0;
  const gradientSteps = records ? Math.max(1, options.steps) : 0;
  const machineOptions = { batch, gradientSteps, dtype: options.dtype ?? "float32" };
  const call: Call = { ...run, machineOptions, machine: undefined, tape: undefined };
  const attributes: Attributes = { [callKey]: call };
  if (backendName !== "wasm" || !runsInHeap(call))
    return engine.runKernel<Tensor[]>(kernelName, named(inputs), attributes);
  // The machine's block is an input so that it lives as long as the gradient may be asked for.
  const wasm = tf.backend() as BackendWasm;
  const bytes = blockBytes(run.program, blockLayout(run.program, machineOptions)) + lineBytes;
  const block = engine.makeTensorFromTensorInfo(wasm.makeOutput([Math.ceil(bytes / 4)], "float32"));
  try {
    return engine.runKernel<Tensor[]>(kernelName, named([...inputs, block]), attributes);
  } finally {
    block.dispose();
  }
}

const runsInHeap = ({ batch, options }: TensorRun): boolean => batch > 0 && options.dtype !== "float64";

/** TensorFlow.js saves all inputs of arrays only, which its types don't name. */
const named = (tensors: readonly Tensor[]): TensorFlow.NamedTensorMap =>
  Object.assign([...tensors], {} as TensorFlow.NamedTensorMap);

function shapesOf({ program, batch }: TensorRun): number[][] {
  const { n, registers, memorySize, lines } = sizesOf(program);
  return [[batch, registers, n], [batch, memorySize, n], [batch, lines], [batch]];
}

/** The program with those of its fields that are given as numbers. */
function programWith({ program, trained }: TensorRun, values: readonly ArrayLike<number>[]): EncodedProgram {
  return { ...program, ...Object.fromEntries(trained.map((field, i) => [field, Float64Array.from(values[i])])) };
}

function maskOf({ program, trained }: TensorRun): SoftMask | false {
  const all = new Array<number>(program.lines).fill(1);
  return trained.length > 0 && Object.fromEntries(trained.map((field) => [field, all]));
}

// In the heap.

const rooms = { unit: new WeakMap<WebAssemblyMemory, SoftRoom>(), binary: new WeakMap<WebAssemblyMemory, SoftRoom>() };

function roomIn(heap: WebAssemblyMemory, encoding: Encoding): SoftRoom {
  const room = rooms[encoding].get(heap) ?? new SoftRoom("float32", encoding, heap);
  rooms[encoding].set(heap, room);
  return room;
}

function inputOf(inputs: TensorFlow.NamedTensorInfoMap, place: number): TensorInfo {
  const input = inputs[place];
  if (!input) throw new SoftmachineError(`${kernelName} lacks input ${place}`);
  return input;
}

/** Where tensors are. They stay there when the heap grows; one of another backend is moved here by this call. */
function addressesOf(wasm: BackendWasm, [registers, memory, counter, halted]: readonly TensorInfo[]) {
  const at = (tensor: TensorInfo | undefined): number => (tensor ? wasm.getMemoryOffset(tensor.dataId) : 0);
  return { registers: at(registers), memory: at(memory), counter: at(counter), halted: at(halted) };
}

const forwardInHeap: TensorFlow.KernelFunc = ({ inputs, attrs, backend }) => {
  const call = callOf(attrs);
  const wasm = backend as BackendWasm;
  const heap = heapOf(wasm);
  const fields = call.trained.map((_, i) => wasm.typedArrayFromHeap(inputOf(inputs, 3 + i)));
  const program = programWith(call, fields);
  const outputs = shapesOf(call).map((shape) => wasm.makeOutput(shape, "float32"));
  try {
    const given = [0, 1, 2].map((place) => inputOf(inputs, place));
    const start = wasm.getMemoryOffset(inputOf(inputs, 3 + call.trained.length).dataId);
    const base = Math.ceil(start / lineBytes) * lineBytes;
    const layout = blockLayout(call.program, call.machineOptions);
    const room = roomIn(heap, layout.shape.encoding);
    const machine = new SoftMachine(program, call.machineOptions, undefined, { room, base, layout });
    machine.useArrays("in", addressesOf(wasm, given));
    machine.useArrays("out", addressesOf(wasm, outputs));
    const records = call.machineOptions.gradientSteps !== 0;
    machine.forward(call.options, records);
    if (records) call.machine = machine;
  } catch (error) {
    for (const { dataId } of outputs) wasm.disposeData(dataId);
    throw error;
  }
  return outputs;
};

const backwardInHeap: TensorFlow.KernelFunc = ({ inputs, attrs, backend }) => {
  const call = callOf(attrs);
  const { machine, trained } = call;
  if (machine === undefined) throw new SoftmachineError("the run whose gradient is wanted was not recorded");
  const wasm = backend as BackendWasm;
  const cotangents = [0, 1, 2, 3].map((i) => inputOf(inputs, 4 + trained.length + i));
  const states = [0, 1, 2].map((place) => wasm.makeOutput(inputOf(inputs, place).shape, "float32"));
  machine.useArrays("gOut", addressesOf(wasm, cotangents));
  machine.useArrays("gIn", addressesOf(wasm, states));
  machine.backward({ program: maskOf(call) });
  const program = machine.takeProgramGradient();
  const fields = trained.map((field, i) => {
    const output = wasm.makeOutput(inputOf(inputs, 3 + i).shape, "float32");
    wasm.typedArrayFromHeap(output).set(program?.[field] ?? []);
    return output;
  });
  return [...states, ...fields];
};

// On copies.

type CopyingKernel = (tf: TensorFlowModule, call: Call, inputs: readonly Tensor[]) => Tensor[];

/** What TensorFlow.js gives a kernel are the tensors themselves. */
function tensorsOf({ inputs }: Parameters<TensorFlow.KernelFunc>[0]): Tensor[] {
  return Object.values(inputs) as Tensor[];
}

const numbersOf = (tensors: readonly Tensor[]): Float64Array[] =>
  tensors.map((tensor) => Float64Array.from(tensor.dataSync()));

const forwardOnCopies: CopyingKernel = (tf, call, inputs) => {
  const [registers, memory, counter, ...fields] = numbersOf(inputs);
  const program = programWith(call, fields);
  const state = { batch: call.batch, registers, memory, counter };
  const run = () => {
    if (call.machineOptions.gradientSteps === 0) return softRun(program, state, call.options);
    const { result, tape } = softForward(program, state, call.options);
    call.tape = tape;
    return result;
  };
  const result = run();
  const parts = [result.registers, result.memory, result.counter, result.halted];
  return shapesOf(call).map((shape, i) => tf.tensor(Float32Array.from(parts[i]), shape));
};

const backwardOnCopies: CopyingKernel = (tf, call, inputs) => {
  const { tape, trained } = call;
  if (tape === undefined) throw new SoftmachineError("the run whose gradient is wanted was not recorded");
  const [registers, memory, counter, halted] = numbersOf(inputs.slice(3 + trained.length));
  const gradients = softBackward(tape, { registers, memory, counter, halted }, { program: maskOf(call) });
  const ofFields = trained.map((field) => gradients.program?.[field] ?? new Float64Array(0));
  return [gradients.registers, gradients.memory, gradients.counter, ...ofFields].map((gradient, i) =>
    tf.tensor(Float32Array.from(gradient), inputs[i].shape),
  );
};
