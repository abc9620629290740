/** Protocol buffer messages as bytes: what ONNX models and TensorBoard's event files are made of. */

const utf8 = new TextEncoder();

/** A message: a list of encoded fields. */
export type Message = readonly Uint8Array[];

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    const more = rest > 0x7fn;
    bytes.push(Number(rest & 0x7fn) | (more ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return bytes;
}

/** Parts, one after the other. */
export function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/** How a field's content is laid out, as its key says. */
const wireTypes = { varint: 0, eightBytes: 1, lengthFirst: 2, fourBytes: 5 } as const;

const key = (number: number, type: keyof typeof wireTypes) => varint(BigInt(number * 8 + wireTypes[type]));

const bytes = (number: number, content: Uint8Array) =>
  joined([Uint8Array.from([...key(number, "lengthFirst"), ...varint(BigInt(content.length))]), content]);

/** One field by its number, of each kind that is written here. */
export const field = {
  whole: (number: number, value: number | bigint) =>
    Uint8Array.from([...key(number, "varint"), ...varint(BigInt(value))]),
  float: (number: number, value: number) => {
    const content = new Uint8Array(4);
    new DataView(content.buffer).setFloat32(0, value, true);
    return joined([Uint8Array.from(key(number, "fourBytes")), content]);
  },
  double: (number: number, value: number) => {
    const content = new Uint8Array(8);
    new DataView(content.buffer).setFloat64(0, value, true);
    return joined([Uint8Array.from(key(number, "eightBytes")), content]);
  },
  bytes,
  text: (number: number, content: string) => bytes(number, utf8.encode(content)),
  message: (number: number, content: Message) => bytes(number, joined(content)),
} as const;
