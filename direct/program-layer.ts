import type * as TensorFlow from "@tensorflow/tfjs";
import { SoftmachineError, suggestion } from "../scheme/index.js";
import { type TensorFlowModule, tensorFlow } from "../tensor/index.js";
import { type Definition, decodeText, encodeText, moduleOf } from "./definition.js";
import { describe } from "./inputs.js";
import type { DirectModule } from "./module.js";
import { batchAxes, broadcastShape } from "./tensors.js";

type Tensor = TensorFlow.Tensor;
type LayerShape = (number | null)[];
type LayerArguments = NonNullable<ConstructorParameters<typeof TensorFlow.layers.Layer>[0]>;

/** How a module is a layer. What else is here, such as `name` and `inputShape`, is as in any layer. */
export interface LayerOptions extends Omit<LayerArguments, "trainable"> {
  /** Parameters that are trained, from their values on. The others are frozen: constants of the program. */
  readonly trainable?: readonly string[];
  /** The inputs that the layer is given, in this order; unless said, those that have no value. */
  readonly inputs?: readonly string[];
}

const optionNames = {
  trainable: true,
  inputs: true,
  name: true,
  inputShape: true,
  batchInputShape: true,
  batchSize: true,
  dtype: true,
  inputDType: true,
  weights: true,
} as const satisfies Record<keyof LayerOptions, true>;

/** What a layer is, beside its weights. */
interface Content {
  readonly definition: Definition;
  readonly inputs: readonly string[];
  readonly trainable: readonly string[];
}

/** @throws SoftmachineError if names of an option are not a list of known ones, each once. */
function checkList(option: string, names: readonly string[], known: readonly string[], what: string): void {
  if (!Array.isArray(names)) throw new SoftmachineError(`option ${option} is a list of names, not ${describe(names)}`);
  for (const [i, name] of names.entries()) {
    if (!known.includes(name))
      throw new SoftmachineError(
        `option ${option} has ${typeof name === "string" ? `"${name}"` : describe(name)}, which is not ${what}${suggestion(String(name), known)}`,
      );
    if (names.indexOf(name) !== i) throw new SoftmachineError(`option ${option} has "${name}" twice`);
  }
}

/** @throws SoftmachineError if names are not parameters of a module. */
export function checkTrainable(module: DirectModule, names: readonly string[]): void {
  checkList("trainable", names, Object.keys(module.parameters), "a parameter, an input with a value");
}

function checkOptions(options: LayerOptions): void {
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw new SoftmachineError('options are given by name, as { trainable: ["g"] }');
  const known = Object.keys(optionNames);
  for (const option of Object.keys(options))
    if (!known.includes(option)) throw new SoftmachineError(`unknown option "${option}"${suggestion(option, known)}`);
}

function contentOf(module: DirectModule, definition: Definition, options: LayerOptions): Content {
  const hasValue = (name: string) => Object.hasOwn(module.parameters, name);
  const { inputs = module.inputs.filter((name) => !hasValue(name)), trainable = [] } = options;
  checkList("inputs", inputs, module.inputs, "an input of the program");
  checkTrainable(module, trainable);
  const missing = module.inputs.find((name) => !hasValue(name) && !inputs.includes(name));
  if (missing !== undefined) throw new SoftmachineError(`option inputs lacks "${missing}", which has no value`);
  const both = trainable.find((name) => inputs.includes(name));
  if (both !== undefined) throw new SoftmachineError(`"${both}" is either an input of the layer or trained, not both`);
  if (inputs.length === 0) throw new SoftmachineError("a layer needs an input, and all of this program's have values");
  return { definition, inputs, trainable };
}

/** What a saved layer was. */
function restored(text: string): { content: Content; module: DirectModule } {
  try {
    const content = decodeText(text) as Content;
    return { content, module: moduleOf(content.definition) };
  } catch (error) {
    throw error instanceof SoftmachineError ? error : new SoftmachineError("a program's layer is damaged");
  }
}

/** Shapes of what a layer is given, as a list. */
const listOf = (shapes: LayerShape | LayerShape[]): LayerShape[] => {
  const isList = (value: LayerShape | LayerShape[]): value is LayerShape[] => Array.isArray(value[0]);
  return isList(shapes) ? shapes : [shapes];
};

/** Whether one tensor holds several inputs along its last axis. */
const isPacked = (content: Content, shapes: readonly LayerShape[]) => shapes.length === 1 && content.inputs.length > 1;

/**
 * The shape of a layer's value.
 * @throws SoftmachineError if the shapes given do not suit.
 */
function valueShape(module: DirectModule, content: Content, shapes: readonly LayerShape[]): LayerShape {
  const { inputs } = content;
  const { shape, inputShapes } = module;
  const packed = isPacked(content, shapes);
  if (packed) {
    const array = inputs.find((name) => inputShapes[name].length > 0);
    if (array !== undefined)
      throw new SoftmachineError(
        `the layer takes a list of ${inputs.length} tensors, since input "${array}" is an array`,
      );
    if (shapes[0].at(-1) !== inputs.length)
      throw new SoftmachineError(
        `the layer takes ${inputs.length} tensors, for ${inputs.join(", ")}, or one whose last axis is ${inputs.length} long; it was given [${shapes[0]}]`,
      );
  } else if (shapes.length !== inputs.length)
    throw new SoftmachineError(
      `the layer takes ${inputs.length} tensors, for ${inputs.join(", ")}; it was given ${shapes.length}`,
    );
  const batch = packed
    ? shapes[0].slice(0, -1)
    : broadcastShape(inputs.map((name, i) => [name, batchAxes(name, shapes[i], inputShapes[name])] as const));
  const whole = [...batch, ...shape];
  return (packed && shape.length === 0) || whole.length === 1 ? [...whole, 1] : whole;
}

type ProgramArguments = LayerArguments & { readonly program: string };

/** Makes the class of these layers, which TensorFlow.js then knows by name. */
function defineLayer(tf: TensorFlowModule) {
  class ProgramLayer extends tf.layers.Layer {
    static className = "SoftmachineProgram";
    private readonly program: string;
    private readonly module: DirectModule;
    private readonly content: Content;
    private readonly parameters = new Map<string, TensorFlow.LayerVariable>();

    constructor(args: ProgramArguments, made = restored(args.program)) {
      super(args);
      this.program = args.program;
      this.content = made.content;
      this.module = made.module;
    }

    override build(): void {
      for (const name of this.content.trainable) {
        const value = tf.initializers.constant({ value: this.module.parameters[name] });
        this.parameters.set(name, this.addWeight(name, [], "float32", value));
      }
      this.built = true;
    }

    override call(inputs: Tensor | Tensor[]): Tensor {
      return tf.tidy(() => {
        const tensors = Array.isArray(inputs) ? inputs : [inputs];
        const shapes = tensors.map((tensor) => tensor.shape);
        const shape = valueShape(this.module, this.content, shapes);
        const columns = isPacked(this.content, shapes) ? tf.unstack(tensors[0], -1) : tensors;
        const given = this.content.inputs.map((name, i) => [name, columns[i]] as const);
        const weights = [...this.parameters].map(([name, weight]) => [name, weight.read()] as const);
        const value = this.module.apply(Object.fromEntries([...given, ...weights]));
        return value.rank === shape.length ? value : value.expandDims(-1);
      });
    }

    override computeOutputShape(inputShape: LayerShape | LayerShape[]): LayerShape {
      return valueShape(this.module, this.content, listOf(inputShape));
    }

    override getConfig(): TensorFlow.serialization.ConfigDict {
      return { ...super.getConfig(), program: this.program };
    }
  }
  tf.serialization.registerClass(ProgramLayer);
  return ProgramLayer;
}

let layerClass: ReturnType<typeof defineLayer> | undefined;

/**
 * Makes layers of programs known to TensorFlow.js, so that `tf.loadLayersModel` reads models that have them. `toLayer` does
 * so too; a process that only loads models calls this first.
 */
export function registerProgramLayers(): void {
  layerClass ??= defineLayer(tensorFlow());
}

/** A module as a layer; see `DirectModule.toLayer`. */
export function programLayer(
  module: DirectModule,
  definition: Definition,
  options: LayerOptions,
): TensorFlow.layers.Layer {
  checkOptions(options);
  const { trainable: _trainable, inputs: _inputs, ...args } = options;
  const content = contentOf(module, definition, options);
  layerClass ??= defineLayer(tensorFlow());
  return new layerClass({ ...args, program: encodeText(content) }, { content, module });
}
