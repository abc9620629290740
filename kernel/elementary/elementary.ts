/** Elementary functions on vectors, each defined once in a module that asks for it. */
import { SoftmachineError, suggestion } from "../../scheme/index.js";
import type { FunctionBuilder, FunctionReference, Local } from "../function-builder.js";
import { Lanes, type LaneType, type Value } from "../lanes.js";
import type { ModuleBuilder } from "../module-builder.js";
import { defineOnce } from "./definitions.js";
import { cosh, exp, expOfAny, hasNormalExp, sinh, tanh, tanhNative } from "./exponential.js";
import { acos, asin, atan, atan2, atan2OfAny, isPlainPoint } from "./inverse-trigonometric.js";
import { isOrdinary, log, logOfAny } from "./logarithm.js";
import { expt, exptOfAny, exptSingle, hasPlainPower } from "./power.js";
import {
  isNearAngle,
  isTanSingle,
  sineOfAny,
  sineOfHalfTurn,
  sineOfQuarterTurn,
  tan,
  tanSingle,
} from "./trigonometric.js";
import { narrow, widenHigh, widenLow } from "./widening.js";

interface Definition {
  /** The f64x2 function. */
  double(v: Lanes, x: Value, y: Value): Value;
  /** Which f64 lanes `double` serves; if any is outside, `doubleOfAny` does all. All lanes where absent. */
  doubleDomain?(v: Lanes, x: Value, y: Value): Value;
  /** As `double` inside, and right outside; `inside` is the function itself, for lanes that were brought inside. */
  doubleOfAny?(v: Lanes, x: Value, y: Value, inside: FunctionReference): Value;
  /** The f32x4 function, in its own arithmetic. */
  native?(v: Lanes, x: Value): Value;
  /** Without one: half of the f32x4 function, in f64 arithmetic just close enough to be rounded to f32. */
  half?(v: Lanes, x: Value, y: Value): Value;
  /** Which f32 lanes those serve; in others the result is `nativeOfAny`'s, or else the f64x2 function's. */
  domain?(v: Lanes, x: Value, y: Value): Value;
  nativeOfAny?(v: Lanes, x: Value): Value;
  operands?: 2;
}

/** sin or cos: in f32 and f64 alike, only angles of few turns are usual. */
const sine = (name: "sin" | "cos"): Definition => ({
  double: (v, x) => sineOfHalfTurn(v, x, name),
  doubleDomain: isNearAngle,
  doubleOfAny: (v, x) => {
    const [sin, cos] = [elementary(v.module, "sin", "f64x2"), elementary(v.module, "cos", "f64x2")];
    return sineOfAny(v, x, name, { sin, cos });
  },
  native: (v, x) => sineOfQuarterTurn(v, x, name),
  domain: isNearAngle,
});

const definitions = {
  exp: {
    double: exp,
    doubleDomain: hasNormalExp,
    doubleOfAny: expOfAny,
    native: exp,
    domain: hasNormalExp,
    nativeOfAny: expOfAny,
  },
  log: {
    double: (v, x) => log(v, x, "double"),
    doubleDomain: isOrdinary,
    doubleOfAny: (v, x, _, inside) => logOfAny(v, x, inside),
    native: (v, x) => log(v, x, "single"),
    domain: isOrdinary,
  },
  sinh: { double: (v, x) => sinh(v, x, "double"), half: (v, x) => sinh(v, x, "single") },
  cosh: { double: (v, x) => cosh(v, x, "double"), half: (v, x) => cosh(v, x, "single") },
  tanh: { double: tanh, native: tanhNative },
  sin: sine("sin"),
  cos: sine("cos"),
  tan: { double: tan, half: tanSingle, domain: isTanSingle },
  asin: { double: (v, x) => asin(v, x, "double"), half: (v, x) => asin(v, x, "single") },
  acos: { double: (v, x) => acos(v, x, "double"), half: (v, x) => acos(v, x, "single") },
  atan: { double: (v, x) => atan(v, x, "double"), half: (v, x) => atan(v, x, "single") },
  atan2: {
    operands: 2,
    double: (v, y, x) => atan2(v, y, x, "double"),
    doubleDomain: isPlainPoint,
    doubleOfAny: atan2OfAny,
    half: (v, y, x) => atan2(v, y, x, "single"),
    domain: isPlainPoint,
  },
  expt: {
    operands: 2,
    double: expt,
    doubleDomain: hasPlainPower,
    doubleOfAny: exptOfAny,
    half: exptSingle,
    domain: hasPlainPower,
  },
} satisfies Record<string, Definition>;

export type ElementaryName = keyof typeof definitions;

/** Every elementary function there is. */
export const elementaryNames = Object.keys(definitions) as readonly ElementaryName[];

/** How many operands a function takes: 1 or 2. */
export function operandCount(name: ElementaryName): number {
  const definition: Definition = definitions[name];
  return definition.operands ?? 1;
}

/**
 * A function v128 -> v128 (two operands for `expt` and `atan2`, in the order of the language's ops), which works on each
 * lane by itself, over the whole range of arguments: within 2 units in the last place of the correctly rounded result in
 * f64, within 1 in f32. It is defined, with what it calls, when a module first asks for it, so imports come before. It
 * touches no memory.
 *
 * @throws SoftmachineError for another name or lane type.
 */
export function elementary(module: ModuleBuilder, name: ElementaryName, type: LaneType): FunctionReference {
  checkAsked(name, type);
  const parameters = Array.from({ length: operandCount(name) }, () => "v128" as const);
  return defineOnce(module, `${name}.${type}`, parameters, ["v128"], (code) => {
    elementaryInline(module, code, name, type, code.parameters);
  });
}

/**
 * The same in line: code that takes its operands from locals and leaves the result on the stack. Within a loop it is a
 * tenth to a third faster than a call, and a few hundred bytes longer each time.
 */
export function elementaryInline(
  module: ModuleBuilder,
  code: FunctionBuilder,
  name: ElementaryName,
  type: LaneType,
  operands: readonly Local[],
): void {
  writeAny(writingOf(module, code, name, type, operands));
}

/**
 * The code that serves usual operands alone, in line, without a branch: it leaves the result on the stack, and the same
 * to the bit as `elementary` where the operands are usual. Gives the code that leaves the mask of such lanes on the stack;
 * none if all are. Whoever uses it computes other lanes anew.
 */
export function elementaryUsual(
  module: ModuleBuilder,
  code: FunctionBuilder,
  name: ElementaryName,
  type: LaneType,
  operands: readonly Local[],
): (() => void) | undefined {
  const { result, inside } = usualWay(writingOf(module, code, name, type, operands));
  result();
  return inside && (() => inside()());
}

function writingOf(
  module: ModuleBuilder,
  code: FunctionBuilder,
  name: ElementaryName,
  type: LaneType,
  operands: readonly Local[],
): Writing {
  checkAsked(name, type);
  if (operands.length !== operandCount(name)) {
    throw new SoftmachineError(`"${name}" takes ${operandCount(name)} operands, not ${operands.length}`);
  }
  const v = new Lanes(module, code, type);
  return { name, definition: definitions[name], v, operands: operands.map((operand) => v.local(operand)) };
}

function checkAsked(name: ElementaryName, type: LaneType): void {
  if (!Object.hasOwn(definitions, name)) {
    throw new SoftmachineError(`there is no elementary function "${name}"${suggestion(name, elementaryNames)}`);
  }
  if (type !== "f64x2" && type !== "f32x4") {
    throw new SoftmachineError(`elementary functions are of f64x2 or f32x4, not ${type}`);
  }
}

/** One function being written: its lanes and its operands. */
interface Writing {
  name: ElementaryName;
  definition: Definition;
  v: Lanes;
  operands: readonly Value[];
}

/** A call of the function that does all lanes where one is outside: rarely needed, so not in line. */
function callOfAny(
  { name, v, operands }: Writing,
  write: (wide: Lanes, x: Value, y: Value, inside: FunctionReference) => Value,
): Value {
  const { module, type } = v;
  const types = operands.map(() => "v128" as const);
  const rare = defineOnce(module, `${name}.${type}.any`, types, ["v128"], (code) => {
    const lanes = new Lanes(module, code, type);
    const [first, second = first] = code.parameters.map((parameter) => lanes.local(parameter));
    write(lanes, first, second, elementary(module, name, type))();
  });
  return () => {
    for (const operand of operands) operand();
    v.code.call(rare);
  };
}

/** The way that serves usual lanes, and code for the mask of these: all where absent. */
interface Usual {
  result(): void;
  inside?(): Value;
}

function usualWay({ name, definition, v, operands }: Writing): Usual {
  const { double, doubleDomain, native, half, domain } = definition;
  const [x, y = x] = operands;
  if (v.type === "f64x2") {
    return { result: () => double(v, x, y)(), inside: doubleDomain && (() => doubleDomain(v, x, y)) };
  }
  const inside = domain && (() => domain(v, x, y));
  if (native !== undefined) return { result: () => native(v, x)(), inside };
  if (half !== undefined) return { result: () => inHalves(v, operands, half)(), inside };
  throw new SoftmachineError(`"${name}" has no f32x4 function`);
}

/** A f32x4 function from one on f64x2. */
function inHalves(v: Lanes, operands: readonly Value[], compute: (wide: Lanes, x: Value, y: Value) => Value): Value {
  const wide = new Lanes(v.module, v.code, "f64x2");
  const [low, high] = [widenLow, widenHigh].map((widen) => {
    const widened = operands.map((operand) => wide.keep(widen(wide, operand)));
    return wide.keep(compute(wide, widened[0], widened[widened.length - 1]));
  });
  return narrow(v.code, low, high);
}

function writeAny(writing: Writing): void {
  const { name, definition, v, operands } = writing;
  const { doubleOfAny, nativeOfAny } = definition;
  const { result: usual, inside } = usualWay(writing);
  if (inside === undefined) {
    usual();
    return;
  }
  const any = v.type === "f64x2" ? doubleOfAny : nativeOfAny;
  if (v.type === "f64x2" && any !== undefined) {
    v.ifAll(inside(), usual, callOfAny(writing, any), "v128");
    return;
  }
  const inDouble = (): Value => {
    const double = elementary(v.module, name, "f64x2");
    return inHalves(v, operands, (_, first, second) => () => {
      first();
      if (operands.length === 2) second();
      v.code.call(double);
    });
  };
  const result = v.code.local("v128");
  usual();
  v.code.set(result);
  const isInside = v.keep(inside());
  v.ifNotAll(isInside, () => {
    // Only in lanes outside, so that no lane's last bit depends on its neighbours.
    v.select(isInside, v.local(result), any === undefined ? inDouble() : callOfAny(writing, any))();
    v.code.set(result);
  });
  v.code.get(result);
}
