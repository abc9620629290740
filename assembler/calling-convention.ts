import { type Shape, sizeOf } from "../scheme/index.js";
import { arrayAt, isArray, type MachineArray, type MachineValue } from "./machine-arrays.js";
import { cellsOf, registerIn, type Storage } from "./storage.js";
import {
  constantOf,
  inRegister,
  type Location,
  type Move,
  type VirtualOperand,
  type VirtualRegister,
} from "./virtual-code.js";
import type { VirtualCodeBuilder } from "./virtual-code-builder.js";

/** How numbers come to functions and from them, beside r0 for a result that is a number. */
export interface Passing {
  /** The most arguments that are passed in registers. */
  readonly registers: number;
  /** The address where the other arguments are passed, and results that are arrays. */
  readonly address: number;
  /** The most cells that any of these takes; grows as functions are lowered. */
  cells: number;
}

/** Writes what passes arguments and results, in the code of one function. */
export class CallingConvention {
  /** The cells where arguments are passed that registers do not take, and results that are arrays. */
  readonly transfer: Location;

  constructor(
    private readonly builder: VirtualCodeBuilder,
    private readonly passing: Passing,
  ) {
    this.transfer = { size: 0, address: passing.address };
  }

  /**
   * Takes a function's arguments into their storages: the first in registers, with the return address behind them, the
   * others from memory.
   */
  take(storages: readonly Storage[]): { readonly inRegisters: number; readonly returnAddress: VirtualRegister } {
    const { builder, transfer } = this;
    const count = storages.reduce((sum, storage) => sum + cellsOf(storage), 0);
    const inRegisters = Math.min(count, this.passing.registers);
    this.needCells(count - inRegisters);
    const incoming = Array.from(
      { length: count },
      (_, i): VirtualOperand =>
        i < inRegisters ? inRegister(i) : { kind: "cell", location: transfer, offset: i - inRegisters },
    );
    const moves: Move[] = [];
    const stores: (() => void)[] = [];
    for (const storage of storages) {
      const elements = incoming.splice(0, cellsOf(storage));
      elements.forEach((from, i) => {
        const machine = from.kind === "register";
        if (storage.kind !== "memory" && machine) moves.push({ to: registerIn(storage, i), from });
        else if (storage.kind !== "memory") stores.push(() => builder.moves([{ to: registerIn(storage, i), from }]));
        else if (machine) {
          const to = builder.temporary();
          moves.push({ to, from });
          stores.push(() => builder.store(storage.location, i, inRegister(to)));
        } else stores.push(() => builder.store(storage.location, i, from));
      });
    }
    const returnAddress = builder.temporary();
    moves.push({ to: returnAddress, from: inRegister(inRegisters) });
    builder.comment = "operands";
    builder.moves(moves);
    for (const storage of storages) if (storage.kind === "memory") builder.begin(storage.location);
    for (const store of stores) store();
    return { inRegisters, returnAddress };
  }

  /** The arguments as numbers, those that are passed in registers; the others are put where they are passed. */
  pass(args: readonly MachineValue[]): VirtualOperand[] {
    const operands = args.flatMap((arg) =>
      isArray(arg) ? Array.from({ length: sizeOf(arg.shape) }, (_, i) => arg.at(i)) : [arg],
    );
    const others = operands.splice(this.passing.registers);
    this.needCells(others.length);
    others.forEach((operand, i) => {
      this.builder.store(this.transfer, i, operand);
    });
    return operands;
  }

  /** What a call gave: a number in a register, or the array where arrays are passed. */
  received(shape: Shape, result: VirtualRegister): MachineValue {
    return shape.length === 0 ? inRegister(result) : arrayAt(shape, this.transfer);
  }

  /** Puts an array where results are passed, and gives the address. */
  giveArray(value: MachineArray): VirtualOperand {
    const { builder, transfer } = this;
    const size = sizeOf(value.shape);
    this.needCells(size);
    for (let i = 0; i < size && value.memory?.location !== transfer; i++) builder.store(transfer, i, value.at(i));
    return constantOf(this.passing.address);
  }

  private needCells(count: number): void {
    this.passing.cells = Math.max(this.passing.cells, count);
  }
}
