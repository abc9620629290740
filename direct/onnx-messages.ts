// Open Neural Network Exchange's messages (onnx.proto3), as bytes: those fields that a program of numbers needs.
import { field, joined, type Message } from "../tensor/index.js";

const { whole, bytes, text, message } = field;

export const dataTypes = { float32: 1, int64: 7, bool: 9, float64: 11 } as const;
export type DataType = keyof typeof dataTypes;

function rawData(type: DataType, value: number): Uint8Array {
  const raw = new DataView(new ArrayBuffer(8));
  if (type === "float64") raw.setFloat64(0, value, true);
  else if (type === "float32") raw.setFloat32(0, value, true);
  else if (type === "int64") raw.setBigInt64(0, BigInt(value), true);
  else raw.setUint8(0, value);
  const length = { float32: 4, int64: 8, bool: 1, float64: 8 }[type];
  return new Uint8Array(raw.buffer, 0, length);
}

/** A tensor of shape [] with one number, or of shape [n] with those of a list. */
const tensor = (type: DataType, value: number | readonly number[]): Message => {
  const numbers = typeof value === "number" ? [value] : value;
  const data = joined(numbers.map((one) => rawData(type, one)));
  const dimensions = typeof value === "number" ? [] : [whole(1, value.length)];
  return [...dimensions, whole(2, dataTypes[type]), bytes(9, data)];
};

export const attribute = {
  whole: (name: string, value: number): Message => [text(1, name), whole(3, value), whole(20, 2)],
  tensor: (name: string, type: DataType, value: number | readonly number[]): Message => [
    text(1, name),
    message(5, tensor(type, value)),
    whole(20, 4),
  ],
  graph: (name: string, content: Message): Message => [text(1, name), message(6, content), whole(20, 5)],
};

export function node(
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: readonly Message[] = [],
): Message {
  return [
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(4, operator),
    ...attributes.map((content) => message(5, content)),
  ];
}

/** A value's name and type; of this shape, or of any if undefined. */
export function valueInfo(name: string, type: DataType, shape: readonly number[] | undefined): Message {
  const dimensions = shape?.map((length) => message(1, [whole(1, length)]));
  const tensorType = [whole(1, dataTypes[type]), ...(dimensions ? [message(2, dimensions)] : [])];
  return [text(1, name), message(2, [message(1, tensorType)])];
}

export function graph(
  name: string,
  nodes: readonly Message[],
  inputs: readonly Message[],
  outputs: readonly Message[],
): Message {
  return [
    ...nodes.map((content) => message(1, content)),
    text(2, name),
    ...inputs.map((content) => message(11, content)),
    ...outputs.map((content) => message(12, content)),
  ];
}

/** Operator set 18, which its version 8 of the format goes with. */
export function model(content: Message): Uint8Array<ArrayBuffer> {
  return joined([whole(1, 8), text(2, "softmachine"), message(7, content), message(8, [text(1, ""), whole(2, 18)])]);
}
