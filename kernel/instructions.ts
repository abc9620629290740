/**
 * The WebAssembly instructions that can be emitted: one row for each, with its bytes, the types it takes off the operand
 * stack and puts on it, and what is written behind it ("WebAssembly Core Specification" 2.0, 2022, section 5.4).
 * Instructions whose type depends on where they stand (locals, calls, control) are methods of the function builder.
 */

export type ValueType = "i32" | "i64" | "f32" | "f64" | "v128";

/** Where a load or store reaches: a constant offset in bytes on top of the address, and the alignment promised. */
export interface MemoryAccess {
  offset?: number;
  /** In bytes, a power of two, at most the access's own width, which is the default; a hint, never a constraint. */
  align?: number;
}

/** What is written behind an instruction's bytes, as the arguments of `emit`. */
export interface Immediates {
  none: [];
  memory: [access?: MemoryAccess];
  i32: [value: number];
  i64: [value: bigint];
  f32: [value: number];
  f64: [value: number];
  /** 16 bytes. */
  v128: [bytes: ArrayLike<number>];
  lane: [lane: number];
  /** 16 byte indices, 0..15 of the first operand and 16..31 of the second. */
  shuffle: [lanes: ArrayLike<number>];
}

export interface Instruction<Immediate extends keyof Immediates = keyof Immediates> {
  code: readonly number[];
  operands: readonly ValueType[];
  results: readonly ValueType[];
  immediate: Immediate;
  /** Bytes that a memory access moves, or lanes that a lane index chooses from. */
  size: number;
}

type Types = readonly ValueType[];

function plain(code: readonly number[], operands: Types, results: Types): Instruction<"none"> {
  return { code, operands, results, immediate: "none", size: 0 };
}
function simd(opcode: number): readonly number[] {
  return opcode < 0x80 ? [0xfd, opcode] : [0xfd, (opcode & 0x7f) | 0x80, opcode >> 7];
}

// Scalar shapes.
const unary = (code: number, type: ValueType) => plain([code], [type], [type]);
const binary = (code: number, type: ValueType) => plain([code], [type, type], [type]);
const compare = (code: number, type: ValueType) => plain([code], [type, type], ["i32"]);
const convert = (code: number, from: ValueType, to: ValueType) => plain([code], [from], [to]);
const saturate = (code: number, from: ValueType, to: ValueType) => plain([0xfc, code], [from], [to]);
const load = (code: readonly number[], type: ValueType, size: number): Instruction<"memory"> => {
  return { code, operands: ["i32"], results: [type], immediate: "memory", size };
};
const store = (code: readonly number[], type: ValueType, size: number): Instruction<"memory"> => {
  return { code, operands: ["i32", type], results: [], immediate: "memory", size };
};

// Vector shapes.
const unaryVector = (opcode: number) => plain(simd(opcode), ["v128"], ["v128"]);
const binaryVector = (opcode: number) => plain(simd(opcode), ["v128", "v128"], ["v128"]);
const shiftVector = (opcode: number) => plain(simd(opcode), ["v128", "i32"], ["v128"]);
const testVector = (opcode: number) => plain(simd(opcode), ["v128"], ["i32"]);
const splat = (opcode: number, type: ValueType) => plain(simd(opcode), [type], ["v128"]);
const extract = (opcode: number, type: ValueType, lanes: number): Instruction<"lane"> => {
  return { code: simd(opcode), operands: ["v128"], results: [type], immediate: "lane", size: lanes };
};
const replace = (opcode: number, type: ValueType, lanes: number): Instruction<"lane"> => {
  return { code: simd(opcode), operands: ["v128", type], results: ["v128"], immediate: "lane", size: lanes };
};
const constant = <T extends "i32" | "i64" | "f32" | "f64">(code: number, type: T): Instruction<T> => {
  return { code: [code], operands: [], results: [type], immediate: type, size: 0 };
};
const vectorConstant: Instruction<"v128"> = {
  code: simd(12),
  operands: [],
  results: ["v128"],
  immediate: "v128",
  size: 16,
};
const shuffle: Instruction<"shuffle"> = { ...binaryVector(13), immediate: "shuffle", size: 32 };

export const instructions = {
  // Memory
  "i32.load": load([0x28], "i32", 4),
  "i64.load": load([0x29], "i64", 8),
  "f32.load": load([0x2a], "f32", 4),
  "f64.load": load([0x2b], "f64", 8),
  "i32.load8_u": load([0x2d], "i32", 1),
  "i32.load16_u": load([0x2f], "i32", 2),
  "i32.store": store([0x36], "i32", 4),
  "i64.store": store([0x37], "i64", 8),
  "f32.store": store([0x38], "f32", 4),
  "f64.store": store([0x39], "f64", 8),
  "i32.store8": store([0x3a], "i32", 1),
  "i32.store16": store([0x3b], "i32", 2),
  "v128.load": load(simd(0), "v128", 16),
  "v128.load32_splat": load(simd(9), "v128", 4),
  "v128.load64_splat": load(simd(10), "v128", 8),
  "v128.load32_zero": load(simd(92), "v128", 4),
  "v128.load64_zero": load(simd(93), "v128", 8),
  "v128.store": store(simd(11), "v128", 16),
  "memory.size": plain([0x3f, 0], [], ["i32"]),
  "memory.grow": plain([0x40, 0], ["i32"], ["i32"]),
  "memory.copy": plain([0xfc, 10, 0, 0], ["i32", "i32", "i32"], []),
  "memory.fill": plain([0xfc, 11, 0], ["i32", "i32", "i32"], []),

  // Constants
  "i32.const": constant(0x41, "i32"),
  "i64.const": constant(0x42, "i64"),
  "f32.const": constant(0x43, "f32"),
  "f64.const": constant(0x44, "f64"),
  "v128.const": vectorConstant,

  // i32
  "i32.eqz": plain([0x45], ["i32"], ["i32"]),
  "i32.eq": compare(0x46, "i32"),
  "i32.ne": compare(0x47, "i32"),
  "i32.lt_s": compare(0x48, "i32"),
  "i32.lt_u": compare(0x49, "i32"),
  "i32.gt_s": compare(0x4a, "i32"),
  "i32.gt_u": compare(0x4b, "i32"),
  "i32.le_s": compare(0x4c, "i32"),
  "i32.le_u": compare(0x4d, "i32"),
  "i32.ge_s": compare(0x4e, "i32"),
  "i32.ge_u": compare(0x4f, "i32"),
  "i32.clz": unary(0x67, "i32"),
  "i32.ctz": unary(0x68, "i32"),
  "i32.popcnt": unary(0x69, "i32"),
  "i32.add": binary(0x6a, "i32"),
  "i32.sub": binary(0x6b, "i32"),
  "i32.mul": binary(0x6c, "i32"),
  "i32.div_s": binary(0x6d, "i32"),
  "i32.div_u": binary(0x6e, "i32"),
  "i32.rem_s": binary(0x6f, "i32"),
  "i32.rem_u": binary(0x70, "i32"),
  "i32.and": binary(0x71, "i32"),
  "i32.or": binary(0x72, "i32"),
  "i32.xor": binary(0x73, "i32"),
  "i32.shl": binary(0x74, "i32"),
  "i32.shr_s": binary(0x75, "i32"),
  "i32.shr_u": binary(0x76, "i32"),

  // i64, for the bits of an f64
  "i64.add": binary(0x7c, "i64"),
  "i64.sub": binary(0x7d, "i64"),
  "i64.mul": binary(0x7e, "i64"),
  "i64.and": binary(0x83, "i64"),
  "i64.or": binary(0x84, "i64"),
  "i64.xor": binary(0x85, "i64"),
  "i64.shl": binary(0x86, "i64"),
  "i64.shr_s": binary(0x87, "i64"),
  "i64.shr_u": binary(0x88, "i64"),

  // f32
  "f32.eq": compare(0x5b, "f32"),
  "f32.ne": compare(0x5c, "f32"),
  "f32.lt": compare(0x5d, "f32"),
  "f32.gt": compare(0x5e, "f32"),
  "f32.le": compare(0x5f, "f32"),
  "f32.ge": compare(0x60, "f32"),
  "f32.abs": unary(0x8b, "f32"),
  "f32.neg": unary(0x8c, "f32"),
  "f32.ceil": unary(0x8d, "f32"),
  "f32.floor": unary(0x8e, "f32"),
  "f32.trunc": unary(0x8f, "f32"),
  "f32.nearest": unary(0x90, "f32"),
  "f32.sqrt": unary(0x91, "f32"),
  "f32.add": binary(0x92, "f32"),
  "f32.sub": binary(0x93, "f32"),
  "f32.mul": binary(0x94, "f32"),
  "f32.div": binary(0x95, "f32"),
  "f32.min": binary(0x96, "f32"),
  "f32.max": binary(0x97, "f32"),
  "f32.copysign": binary(0x98, "f32"),

  // f64
  "f64.eq": compare(0x61, "f64"),
  "f64.ne": compare(0x62, "f64"),
  "f64.lt": compare(0x63, "f64"),
  "f64.gt": compare(0x64, "f64"),
  "f64.le": compare(0x65, "f64"),
  "f64.ge": compare(0x66, "f64"),
  "f64.abs": unary(0x99, "f64"),
  "f64.neg": unary(0x9a, "f64"),
  "f64.ceil": unary(0x9b, "f64"),
  "f64.floor": unary(0x9c, "f64"),
  "f64.trunc": unary(0x9d, "f64"),
  "f64.nearest": unary(0x9e, "f64"),
  "f64.sqrt": unary(0x9f, "f64"),
  "f64.add": binary(0xa0, "f64"),
  "f64.sub": binary(0xa1, "f64"),
  "f64.mul": binary(0xa2, "f64"),
  "f64.div": binary(0xa3, "f64"),
  "f64.min": binary(0xa4, "f64"),
  "f64.max": binary(0xa5, "f64"),
  "f64.copysign": binary(0xa6, "f64"),

  // Conversions; trunc_sat takes NaN to 0 and the rest to the nearest bound
  "i32.wrap_i64": convert(0xa7, "i64", "i32"),
  "i64.extend_i32_s": convert(0xac, "i32", "i64"),
  "f32.convert_i32_s": convert(0xb2, "i32", "f32"),
  "f32.demote_f64": convert(0xb6, "f64", "f32"),
  "f64.convert_i32_s": convert(0xb7, "i32", "f64"),
  "f64.convert_i64_s": convert(0xb9, "i64", "f64"),
  "f64.convert_i64_u": convert(0xba, "i64", "f64"),
  "f64.promote_f32": convert(0xbb, "f32", "f64"),
  "i32.reinterpret_f32": convert(0xbc, "f32", "i32"),
  "i64.reinterpret_f64": convert(0xbd, "f64", "i64"),
  "f32.reinterpret_i32": convert(0xbe, "i32", "f32"),
  "f64.reinterpret_i64": convert(0xbf, "i64", "f64"),
  "i32.trunc_sat_f32_s": saturate(0, "f32", "i32"),
  "i32.trunc_sat_f64_s": saturate(2, "f64", "i32"),
  "i64.trunc_sat_f64_s": saturate(6, "f64", "i64"),

  // 128 bits as bits
  "i8x16.shuffle": shuffle,
  "v128.not": unaryVector(77),
  "v128.and": binaryVector(78),
  "v128.andnot": binaryVector(79),
  "v128.or": binaryVector(80),
  "v128.xor": binaryVector(81),
  "v128.bitselect": plain(simd(82), ["v128", "v128", "v128"], ["v128"]),
  "v128.any_true": testVector(83),

  // Four i32 lanes
  "i32x4.splat": splat(17, "i32"),
  "i32x4.extract_lane": extract(27, "i32", 4),
  "i32x4.replace_lane": replace(28, "i32", 4),
  "i32x4.eq": binaryVector(55),
  "i32x4.ne": binaryVector(56),
  "i32x4.lt_s": binaryVector(57),
  "i32x4.gt_s": binaryVector(59),
  "i32x4.le_s": binaryVector(61),
  "i32x4.ge_s": binaryVector(63),
  "i32x4.all_true": testVector(163),
  "i32x4.bitmask": testVector(164),
  "i32x4.shl": shiftVector(171),
  "i32x4.shr_s": shiftVector(172),
  "i32x4.shr_u": shiftVector(173),
  "i32x4.add": binaryVector(174),
  "i32x4.sub": binaryVector(177),
  "i32x4.mul": binaryVector(181),
  "i32x4.trunc_sat_f32x4_s": unaryVector(248),
  "i32x4.trunc_sat_f64x2_s_zero": unaryVector(252),

  // Two i64 lanes
  "i64x2.splat": splat(18, "i64"),
  "i64x2.extract_lane": extract(29, "i64", 2),
  "i64x2.replace_lane": replace(30, "i64", 2),
  "i64x2.all_true": testVector(195),
  "i64x2.extend_low_i32x4_s": unaryVector(199),
  "i64x2.shl": shiftVector(203),
  "i64x2.shr_s": shiftVector(204),
  "i64x2.shr_u": shiftVector(205),
  "i64x2.add": binaryVector(206),
  "i64x2.sub": binaryVector(209),

  // Four f32 lanes
  "f32x4.splat": splat(19, "f32"),
  "f32x4.extract_lane": extract(31, "f32", 4),
  "f32x4.replace_lane": replace(32, "f32", 4),
  "f32x4.eq": binaryVector(65),
  "f32x4.ne": binaryVector(66),
  "f32x4.lt": binaryVector(67),
  "f32x4.gt": binaryVector(68),
  "f32x4.le": binaryVector(69),
  "f32x4.ge": binaryVector(70),
  "f32x4.ceil": unaryVector(103),
  "f32x4.floor": unaryVector(104),
  "f32x4.trunc": unaryVector(105),
  "f32x4.nearest": unaryVector(106),
  "f32x4.abs": unaryVector(224),
  "f32x4.neg": unaryVector(225),
  "f32x4.sqrt": unaryVector(227),
  "f32x4.add": binaryVector(228),
  "f32x4.sub": binaryVector(229),
  "f32x4.mul": binaryVector(230),
  "f32x4.div": binaryVector(231),
  "f32x4.min": binaryVector(232),
  "f32x4.max": binaryVector(233),
  "f32x4.pmin": binaryVector(234),
  "f32x4.pmax": binaryVector(235),
  "f32x4.convert_i32x4_s": unaryVector(250),
  "f32x4.demote_f64x2_zero": unaryVector(94),

  // Two f64 lanes
  "f64x2.splat": splat(20, "f64"),
  "f64x2.extract_lane": extract(33, "f64", 2),
  "f64x2.replace_lane": replace(34, "f64", 2),
  "f64x2.eq": binaryVector(71),
  "f64x2.ne": binaryVector(72),
  "f64x2.lt": binaryVector(73),
  "f64x2.gt": binaryVector(74),
  "f64x2.le": binaryVector(75),
  "f64x2.ge": binaryVector(76),
  "f64x2.ceil": unaryVector(116),
  "f64x2.floor": unaryVector(117),
  "f64x2.trunc": unaryVector(122),
  "f64x2.nearest": unaryVector(148),
  "f64x2.abs": unaryVector(236),
  "f64x2.neg": unaryVector(237),
  "f64x2.sqrt": unaryVector(239),
  "f64x2.add": binaryVector(240),
  "f64x2.sub": binaryVector(241),
  "f64x2.mul": binaryVector(242),
  "f64x2.div": binaryVector(243),
  "f64x2.min": binaryVector(244),
  "f64x2.max": binaryVector(245),
  "f64x2.pmin": binaryVector(246),
  "f64x2.pmax": binaryVector(247),
  "f64x2.convert_low_i32x4_s": unaryVector(254),
  "f64x2.promote_low_f32x4": unaryVector(95),
} as const satisfies Record<string, Instruction>;

export type Mnemonic = keyof typeof instructions;

/** The immediates of an instruction, as the arguments that follow its mnemonic. */
export type ImmediatesOf<M extends Mnemonic> = Immediates[(typeof instructions)[M]["immediate"]];

/** Every mnemonic, in the order of the table. */
export const mnemonics = Object.keys(instructions) as readonly Mnemonic[];

/** What is written behind an instruction whose types depend on where it stands: an index, a depth, or a block's type. */
export type StructuralImmediate = "none" | "block" | "label" | "function" | "local" | "global";

/** The instructions that methods of the function builder emit: one byte, and what is written behind it. */
export const structural = {
  unreachable: { code: 0x00, immediate: "none" },
  block: { code: 0x02, immediate: "block" },
  loop: { code: 0x03, immediate: "block" },
  if: { code: 0x04, immediate: "block" },
  else: { code: 0x05, immediate: "none" },
  end: { code: 0x0b, immediate: "none" },
  br: { code: 0x0c, immediate: "label" },
  br_if: { code: 0x0d, immediate: "label" },
  return: { code: 0x0f, immediate: "none" },
  call: { code: 0x10, immediate: "function" },
  drop: { code: 0x1a, immediate: "none" },
  select: { code: 0x1b, immediate: "none" },
  "local.get": { code: 0x20, immediate: "local" },
  "local.set": { code: 0x21, immediate: "local" },
  "local.tee": { code: 0x22, immediate: "local" },
  "global.get": { code: 0x23, immediate: "global" },
} as const satisfies Record<string, { code: number; immediate: StructuralImmediate }>;

export type StructuralName = keyof typeof structural;
