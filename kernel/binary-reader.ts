/** Reads what `binary.ts` writes ("WebAssembly Core Specification" 2.0, 2022, section 5.2). */
import { SoftmachineError } from "../scheme/index.js";

const utf8 = new TextDecoder("utf-8");

/** A place in bytes, and what can be read from there. Reading past the end throws SoftmachineError. */
export class BinaryReader {
  at: number;
  readonly end: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get isAtEnd(): boolean {
    return this.at >= this.end;
  }

  byte(): number {
    if (this.isAtEnd) this.fail("the module ends too early");
    return this.#bytes[this.at++];
  }

  bytes(count: number): Uint8Array {
    if (count > this.end - this.at) this.fail("the module ends too early");
    this.at += count;
    return this.#bytes.subarray(this.at - count, this.at);
  }

  /** A reader of the next `count` bytes, which this one then stands behind. */
  part(count: number): BinaryReader {
    const from = this.at;
    this.bytes(count);
    return new BinaryReader(this.#bytes, from, this.at);
  }

  /** A whole number in LEB128, at most so many bits wide. */
  #leb(bits: number): { value: bigint; width: number } {
    let value = 0n;
    for (let width = 0n; width < bits; ) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << width;
      width += 7n;
      if (byte < 0x80) return { value, width: Number(width) };
    }
    return this.fail(`a number of more than ${bits} bits`);
  }

  /** A whole number 0..2³²-1. */
  unsigned(): number {
    return Number(BigInt.asUintN(32, this.#leb(32).value));
  }

  /** A 32-bit integer. */
  signed(): number {
    return Number(this.signed64(32));
  }

  /** A 64-bit integer. */
  signed64(bits = 64): bigint {
    const { value, width } = this.#leb(bits);
    return BigInt.asIntN(bits, BigInt.asIntN(width, value));
  }

  name(): string {
    return utf8.decode(this.bytes(this.unsigned()));
  }

  /** A count, and so many items. */
  vector<T>(item: () => T): T[] {
    return Array.from({ length: this.unsigned() }, item);
  }

  /** @throws SoftmachineError saying what is wrong, and at which byte. */
  fail(what: string): never {
    throw new SoftmachineError(`not a module of these instructions: ${what}, at byte ${this.at}`);
  }
}
