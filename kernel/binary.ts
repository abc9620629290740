/** Numbers as WebAssembly's binary format writes them ("WebAssembly Core Specification" 2.0, 2022, section 5.2). */

const scratch = new DataView(new ArrayBuffer(8));
const utf8 = new TextEncoder();

/** Appends a whole number 0..2³²-1 in unsigned LEB128. */
export function writeUnsigned(bytes: number[], value: number): void {
  let rest = value >>> 0;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
}

/** Appends a 32-bit integer in signed LEB128. */
export function writeSigned(bytes: number[], value: number): void {
  let rest = value | 0;
  while (rest < -64 || rest > 63) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>= 7;
  }
  bytes.push(rest & 0x7f);
}

/** Appends a 64-bit integer in signed LEB128. */
export function writeSigned64(bytes: number[], value: bigint): void {
  let rest = BigInt.asIntN(64, value);
  while (rest < -64n || rest > 63n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest & 0x7fn));
}

/** Appends the four bytes of the f32 nearest to a number. */
export function writeFloat32(bytes: number[], value: number): void {
  scratch.setFloat32(0, value, true);
  for (let i = 0; i < 4; i++) bytes.push(scratch.getUint8(i));
}

/** Appends the eight bytes of an f64. */
export function writeFloat64(bytes: number[], value: number): void {
  scratch.setFloat64(0, value, true);
  for (let i = 0; i < 8; i++) bytes.push(scratch.getUint8(i));
}

/** Appends a name: its length in bytes, then UTF-8. */
export function writeName(bytes: number[], name: string): void {
  const encoded = utf8.encode(name);
  writeUnsigned(bytes, encoded.length);
  for (const byte of encoded) bytes.push(byte);
}

/** Appends a section: its id, its length, and its contents. */
export function writeSection(bytes: number[], id: number, contents: readonly number[]): void {
  bytes.push(id);
  writeUnsigned(bytes, contents.length);
  appendAll(bytes, contents);
}

/** Appends bytes one at a time: a spread would put them all on the stack. */
export function appendAll(bytes: number[], more: ArrayLike<number>): void {
  for (let i = 0; i < more.length; i++) bytes.push(more[i]);
}
