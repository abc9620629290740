/**
 * TensorBoard's event files: records of `Event` messages (event.proto, summary.proto), each framed as TensorFlow frames
 * them: its length in eight bytes (little-endian), the length's masked checksum, the message, its masked checksum.
 */
import { field, joined, type Message } from "../tensor/index.js";

/** CRC-32C's polynomial (Castagnoli 1993), its bits reversed. */
const CASTAGNOLI = 0x82f63b78;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? CASTAGNOLI : 0);
  return remainder;
});

/** The CRC-32C of bytes (RFC 3720, appendix B.4 has examples). */
export function crc32c(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (const byte of bytes) remainder = (remainder >>> 8) ^ TABLE[(remainder ^ byte) & 0xff];
  return ~remainder >>> 0;
}

/** A checksum as records store it: rotated and shifted, since the checksum of what contains its own checksum is poor. */
export function maskedChecksum(bytes: Uint8Array): number {
  const checksum = crc32c(bytes);
  return (((checksum >>> 15) | (checksum << 17)) + 0xa282ead8) >>> 0;
}

/** A message as a record. */
export function framed(content: Uint8Array): Uint8Array {
  const record = new Uint8Array(content.length + 16);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(content.length), true);
  view.setUint32(8, maskedChecksum(record.subarray(0, 8)), true);
  record.set(content, 12);
  view.setUint32(12 + content.length, maskedChecksum(content), true);
  return record;
}

const event = (seconds: number, step: number, content: Message) =>
  framed(joined([field.double(1, seconds), field.whole(2, step), ...content]));

/** `SessionLog.START` of event.proto. */
const START = 1;

/**
 * What a file begins with: its version, and that a run begins, or goes on, with `step`. TensorBoard forgets what earlier
 * files of the folder say of that step and later ones.
 *
 * @param seconds since 1970.
 */
export function fileStart(seconds: number, step: number): Uint8Array {
  return joined([
    event(seconds, 0, [field.text(3, "brain.Event:2")]),
    event(seconds, step, [field.message(7, [field.whole(1, START)])]),
  ]);
}

/** The record of a step's scalars, by tag. */
export function scalars(seconds: number, step: number, values: Readonly<Record<string, number>>): Uint8Array {
  const summary = Object.entries(values).map(([tag, value]) =>
    field.message(1, [field.text(1, tag), field.float(2, value)]),
  );
  return event(seconds, step, [field.message(5, summary)]);
}
