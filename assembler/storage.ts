import { type Shape, sizeOf } from "../scheme/index.js";
import {
  type ArrayEmitter,
  arrayAt,
  arrayOf,
  isArray,
  type MachineArray,
  type MachineValue,
} from "./machine-arrays.js";
import type { Arithmetic } from "./primitive-lowering.js";
import {
  constantOf,
  inRegister,
  type Location,
  type Move,
  type VirtualOperand,
  type VirtualRegister,
} from "./virtual-code.js";
import type { VirtualCodeBuilder } from "./virtual-code-builder.js";

/** Where a variable's value is kept. */
export type Storage =
  | { readonly kind: "register"; readonly register: VirtualRegister }
  | { readonly kind: "registers"; readonly shape: Shape; readonly registers: readonly VirtualRegister[] }
  | { readonly kind: "memory"; readonly shape: Shape; readonly location: Location };

/** Longer arrays live in memory; shorter ones, where their elements are at constant indices, in registers. */
const longestInRegisters = 8;

const isInMemory = (shape: Shape, indexed: boolean): boolean =>
  shape.length > 0 && (indexed || sizeOf(shape) > longestInRegisters);

/** Room for a value of a shape; in memory when it is an array that is read at computed indices. */
export function roomFor(builder: VirtualCodeBuilder, shape: Shape, indexed: boolean): Storage {
  if (shape.length === 0) return { kind: "register", register: builder.temporary() };
  const size = sizeOf(shape);
  if (isInMemory(shape, indexed)) return { kind: "memory", shape, location: { size } };
  return { kind: "registers", shape, registers: Array.from({ length: size }, () => builder.temporary()) };
}

/** The cells of an array, if they hold nothing else. */
function ownCells(value: MachineValue): Location | undefined {
  if (!isArray(value) || value.memory === undefined) return undefined;
  const { location } = value.memory;
  return location.size === sizeOf(value.shape) ? location : undefined;
}

/** The cells that an array lies in as room for another variable, if that is to be in memory and nothing else reads them. */
export function roomOf(
  value: MachineValue,
  indexed: boolean,
  isRead: (location: Location) => boolean,
): Extract<Storage, { kind: "memory" }> | undefined {
  const location = ownCells(value);
  if (location === undefined || !isArray(value) || !isInMemory(value.shape, indexed) || isRead(location))
    return undefined;
  return { kind: "memory", shape: value.shape, location };
}

/** How many numbers are kept. */
export function cellsOf(storage: Storage): number {
  return storage.kind === "register" ? 1 : sizeOf(storage.shape);
}

/** The register of an element, or of a number. */
export function registerIn(storage: Exclude<Storage, { kind: "memory" }>, index: number): VirtualRegister {
  return storage.kind === "register" ? storage.register : storage.registers[index];
}

/** What is kept. */
export function valueIn(storage: Storage): MachineValue {
  if (storage.kind === "register") return inRegister(storage.register);
  if (storage.kind === "memory") return arrayAt(storage.shape, storage.location);
  return arrayOf(storage.shape, storage.registers.map(inRegister));
}

interface Assignment {
  readonly to: Storage;
  readonly from: MachineValue;
}

/** Gives variables their values, all at once. */
export function assign(builder: VirtualCodeBuilder, assignments: readonly Assignment[]): void {
  const overwritten = new Set(assignments.flatMap(({ to }) => (to.kind === "memory" ? [to.location] : [])));
  const moves: Move[] = [];
  const stores: (() => void)[] = [];
  for (const { to, from } of assignments) {
    for (let i = 0; i < cellsOf(to); i++) {
      let element = isArray(from) ? from.at(i) : from;
      if (element.kind === "cell" && overwritten.has(element.location)) {
        if (to.kind === "memory" && element.location === to.location && element.offset === i) continue;
        element = inRegister(builder.register(element));
      }
      if (to.kind !== "memory") moves.push({ to: registerIn(to, i), from: element });
      else stores.push(() => builder.store(to.location, i, element));
    }
  }
  for (const store of stores) store();
  builder.moves(moves);
}

/** Computes an array's elements, each kept in memory before the next is computed. */
export function fill(builder: VirtualCodeBuilder, location: Location, from: MachineValue): void {
  if (!isArray(from)) throw new Error("a number fills no array");
  builder.begin(location);
  for (let i = 0; i < location.size; i++) builder.store(location, i, from.at(i));
}

/** What operations on arrays emit, in the code of one function. */
export function arrayEmitter(
  builder: VirtualCodeBuilder,
  arithmetic: Arithmetic,
  {
    constant,
    refuse,
    checkedIndices,
    isRead,
  }: Pick<ArrayEmitter, "constant" | "refuse"> & {
    readonly checkedIndices: boolean;
    /** Whether what is in these cells may still be read, by what the operation is not told of. */
    readonly isRead: (location: Location) => boolean;
  },
): ArrayEmitter {
  const positionOf = (array: MachineArray, index: VirtualOperand, stride: number): VirtualRegister => {
    const position = arithmetic.index(builder, builder.register(index));
    if (checkedIndices) builder.stayBelow(position, array.shape[0]);
    if (stride === 1) return position;
    const product = builder.temporary();
    builder.emit("mul", product, position, builder.register(constantOf(stride)));
    return product;
  };
  return {
    constant,
    refuse,
    scalar(op, ...operands) {
      const lowering = arithmetic.lowering(op) ?? refuse();
      const out = builder.temporary();
      lowering(builder, operands, out);
      return inRegister(out);
    },
    indexed(array, index, stride) {
      if (array.memory === undefined) return refuse();
      const { location, offset } = array.memory;
      const position = positionOf(array, index, stride);
      return (further) => {
        const out = builder.temporary();
        builder.load(out, location, offset + further, position);
        return inRegister(out);
      };
    },
    updated(array, index, stride, items) {
      const { shape } = array;
      let location = ownCells(array);
      if (location === undefined || isRead(location)) {
        location = { size: sizeOf(shape) };
        fill(builder, location, array);
      }
      const position = positionOf(array, index, stride);
      for (let i = 0; i < stride; i++) builder.store(location, i, items(i), position);
      return arrayAt(shape, location);
    },
  };
}
