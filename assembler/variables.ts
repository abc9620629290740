import { type Shape, sizeOf } from "../scheme/index.js";
import { arrayOf, isArray, type MachineValue } from "./machine-arrays.js";
import type { FunctionShapes } from "./shape-inference.js";
import { fill, roomFor, roomOf, type Storage, valueIn } from "./storage.js";
import { inRegister, type Location, type VirtualRegister } from "./virtual-code.js";
import type { VirtualCodeBuilder } from "./virtual-code-builder.js";

/** What the names of one function stand for, in the code where its body is lowered. */
export class Variables {
  private readonly values = new Map<string, MachineValue>();

  /** @param transfer where arrays are passed: what lies there does not stay. */
  constructor(
    private readonly builder: VirtualCodeBuilder,
    private readonly shapes: FunctionShapes,
    private readonly transfer: Location,
  ) {}

  [Symbol.iterator](): Iterator<readonly [string, MachineValue]> {
    return this.values.entries();
  }

  get(name: string): MachineValue | undefined {
    return this.values.get(name);
  }

  set(name: string, value: MachineValue): void {
    this.values.set(name, value);
  }

  shapeOf(name: string): Shape {
    return this.shapes.arrays.get(name) ?? [];
  }

  /** Room for a variable's value, and the variable in it. */
  storage(name: string): Storage {
    const storage = roomFor(this.builder, this.shapeOf(name), this.shapes.indexed.has(name));
    this.values.set(name, valueIn(storage));
    return storage;
  }

  /** Room for a value that several paths may give. */
  joined(name: string): Storage {
    const storage = this.storage(name);
    if (storage.kind === "memory") this.builder.begin(storage.location);
    return storage;
  }

  /** The cells that an array lies in as a variable's, if nothing else reads them; the variable in them. */
  roomWhere(name: string, value: MachineValue, isRead: (location: Location) => boolean) {
    const room = roomOf(value, this.shapes.indexed.has(name), isRead);
    if (room !== undefined) this.values.set(name, valueIn(room));
    return room;
  }

  /** A register for a number. */
  register(name: string): VirtualRegister {
    const register = this.builder.temporary();
    this.values.set(name, inRegister(register));
    return register;
  }

  /** Gives a name to a value. An array's elements are computed here, once, and kept where the name's uses need them. */
  define(name: string, value: MachineValue): void {
    const { builder } = this;
    if (!isArray(value)) {
      // A cell may change before it is read.
      this.values.set(name, value.kind === "cell" ? inRegister(builder.register(value)) : value);
      return;
    }
    const storage = roomFor(builder, value.shape, this.shapes.indexed.has(name));
    // A part of an array that lies in memory needs no copy: arrays do not change.
    if (value.memory !== undefined && value.memory.location !== this.transfer) this.values.set(name, value);
    else if (storage.kind === "memory") {
      fill(builder, storage.location, value);
      this.values.set(name, valueIn(storage));
    } else {
      const elements = Array.from({ length: sizeOf(value.shape) }, (_, i) => {
        const element = value.at(i);
        return element.kind === "cell" ? inRegister(builder.register(element)) : element;
      });
      this.values.set(name, arrayOf(value.shape, elements));
    }
  }
}
