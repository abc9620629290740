import { SoftmachineError } from "../scheme/index.js";

/** A bit's place in a circuit: an input, or the gate that makes it. While one is built, also a constant. */
export type Wire = number;

/** The bits of a value, the lowest first. */
export type Word = readonly Wire[];

/**
 * What gates do to the probabilities a and b that their independent inputs are 1: c0 + c1 a + c2 b + c3 a b ("Algorithmic
 * Language Models with Neurally Compiled Libraries", 2024, equations 12 and 13, multiplied out). On certain bits they are
 * the gates of logic, in exact zeros and ones.
 */
export const gates = {
  zero: [0, 0, 0, 0],
  one: [1, 0, 0, 0],
  not: [1, -1, 0, 0],
  and: [0, 0, 0, 1],
  /** The first and not the second. */
  andNot: [0, 1, 0, -1],
  or: [0, 1, 1, -1],
  /** The or of bits that are never both 1, such as the two ways in which an adder carries: not independent, but a sum. */
  either: [0, 1, 1, 0],
  xor: [0, 1, 1, -2],
  /** Equality. */
  xnor: [1, -1, -1, 2],
} as const satisfies Record<string, readonly [number, number, number, number]>;

export type Gate = keyof typeof gates;

export const gateNames = Object.keys(gates) as readonly Gate[];

/** Straight-line logic. Wires are the inputs, then the gates in the order of evaluation. */
export interface Circuit {
  readonly inputs: number;
  /** Each gate's index in `gateNames`. */
  readonly kinds: Uint8Array;
  /** The wires that each gate reads; where it reads fewer than two, any. */
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly outputs: Int32Array;
}

const isConstant = (wire: Wire): boolean => wire < 0;
const bitOf = (constant: Wire): 0 | 1 => (constant === -2 ? 1 : 0);

/** Builds a circuit. Constants are folded, equal gates are one, and gates that no output depends on go. */
export class CircuitBuilder {
  readonly zero: Wire = -1;
  readonly one: Wire = -2;
  readonly #kinds: Gate[] = [];
  readonly #operands: (readonly [Wire, Wire])[] = [];
  readonly #known = new Map<string, Wire>();

  constructor(readonly inputs: number) {}

  not = (a: Wire): Wire => this.gate("not", a, a);
  and = (a: Wire, b: Wire): Wire => this.gate("and", a, b);
  andNot = (a: Wire, b: Wire): Wire => this.gate("andNot", a, b);
  or = (a: Wire, b: Wire): Wire => this.gate("or", a, b);
  either = (a: Wire, b: Wire): Wire => this.gate("either", a, b);
  xor = (a: Wire, b: Wire): Wire => this.gate("xor", a, b);
  xnor = (a: Wire, b: Wire): Wire => this.gate("xnor", a, b);

  /** The first where the test is 1, else the second. */
  select = (test: Wire, a: Wire, b: Wire): Wire => (a === b ? a : this.either(this.and(test, a), this.andNot(b, test)));

  gate(kind: Gate, a: Wire, b: Wire): Wire {
    const [c0, c1, c2, c3] = gates[kind];
    if (a === b && !isConstant(a)) return this.#unary(c0, c0 + c1 + c2 + c3, a);
    if (isConstant(b)) return this.#unary(c0 + c2 * bitOf(b), c0 + c1 + (c2 + c3) * bitOf(b), a);
    if (isConstant(a)) return this.#unary(c0 + c1 * bitOf(a), c0 + c2 + (c1 + c3) * bitOf(a), b);
    return this.#made(kind, a, b);
  }

  /** @throws SoftmachineError for a circuit without inputs. */
  finish(outputs: Word): Circuit {
    const { inputs } = this;
    if (inputs === 0) throw new SoftmachineError("a circuit needs at least one input");
    const wires = outputs.map((wire) => (isConstant(wire) ? this.#made(bitOf(wire) ? "one" : "zero", 0, 0) : wire));
    const used = new Uint8Array(inputs + this.#kinds.length);
    for (const wire of wires) used[wire] = 1;
    for (let gate = this.#kinds.length - 1; gate >= 0; gate--) {
      if (used[inputs + gate]) for (const wire of this.#operands[gate]) used[wire] = 1;
    }
    const places = new Int32Array(used.length);
    for (let wire = 0; wire < inputs; wire++) places[wire] = wire;
    const kept = this.#kinds.map((_, gate) => gate).filter((gate) => used[inputs + gate]);
    kept.forEach((gate, i) => {
      places[inputs + gate] = inputs + i;
    });
    const place = (wire: Wire): number => places[wire];
    return {
      inputs,
      kinds: Uint8Array.from(kept, (gate) => gateNames.indexOf(this.#kinds[gate])),
      left: Int32Array.from(kept, (gate) => place(this.#operands[gate][0])),
      right: Int32Array.from(kept, (gate) => place(this.#operands[gate][1])),
      outputs: Int32Array.from(wires, place),
    };
  }

  /** The bit that is `off` where a wire is 0 and `on` where it is 1. */
  #unary(off: number, on: number, a: Wire): Wire {
    if (off === on) return on === 1 ? this.one : this.zero;
    if (isConstant(a)) return (bitOf(a) ? on : off) === 1 ? this.one : this.zero;
    if (on === 1) return a;
    const gate = a - this.inputs;
    return gate >= 0 && this.#kinds[gate] === "not" ? this.#operands[gate][0] : this.#made("not", a, a);
  }

  #made(kind: Gate, a: Wire, b: Wire): Wire {
    const key = `${kind} ${a} ${b}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const wire = this.inputs + this.#kinds.length;
    this.#kinds.push(kind);
    this.#operands.push([a, b]);
    this.#known.set(key, wire);
    return wire;
  }
}
