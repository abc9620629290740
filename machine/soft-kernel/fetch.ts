/** The instruction that a group of machines executes: the mixture, over the counter, of the program's lines. */
import type { FunctionReference, Local } from "../../kernel/index.js";
import { type Encoding, entryBytes, fieldBits, stateOffsets } from "./context.js";
import type { Emitter, KernelModule } from "./emitter.js";

/**
 * (context, state): the instruction from the counter ("Algorithmic Language Models with Neurally Compiled Libraries",
 * 2024, equation 17): the mixture of the lines' distributions, or the softmax of the mixture of their logits ("Adaptive
 * Neural Compilation", 2016); of an immediate's bits, the logistic function of theirs.
 */
export function defineFetch(kernels: KernelModule, encoding: Encoding): FunctionReference {
  const softmax = defineSoftmax(kernels);
  const immediate = encoding === "binary" ? defineLogistic(kernels) : softmax;
  return kernels.define("fetch", ["i32", "i32"], (k, context, state) => {
    const { lines, choices, lineStarts, op, mixesLogits } = k.fields(
      context,
      ...(["lines", "choices", "lineStarts", "op", "mixesLogits"] as const),
    );
    const active = k.vector(k.load(state, stateOffsets.active));
    k.clear(op, choices);
    const counter = k.int(k.plus(state, stateOffsets.counter));
    const [w, entry, end, to] = [k.vector(), k.int(), k.int(), k.int()];
    k.each(
      lines,
      [counter, [lineStarts, 4]],
      () => {
        k.set(w, k.and(active, k.load(counter)));
        k.when(k.any(w), () => {
          eachEntry(k, lineStarts, entry, end, () => {
            k.set(to, k.plus(op, k.loadInt(entry)));
            k.accumulate(to, k.mul(w, k.loadWeight(entry)));
          });
        });
      },
      1,
    );
    k.when(mixesLogits, () => {
      eachField(k, context, (field, width, name) => k.call(name === "k" ? immediate : softmax, field, width));
    });
  });
}

/** (context, state): the transpose: the instruction's cotangent in gOp … gK to gCounter, which is added to, and gProgram. */
export function defineFetchBackward(kernels: KernelModule, encoding: Encoding): FunctionReference {
  const softmaxBackward = defineSoftmaxBackward(kernels);
  const immediate = encoding === "binary" ? defineLogisticBackward(kernels) : softmaxBackward;
  return kernels.define("fetchBackward", ["i32", "i32"], (k, context, state) => {
    const { registers, lines, choices, mixesLogits } = k.fields(
      context,
      ...(["registers", "lines", "choices", "mixesLogits"] as const),
    );
    const { lineStarts, trained, op, gOp, gCounter, gProgram } = k.fields(
      context,
      ...(["lineStarts", "trained", "op", "gOp", "gCounter", "gProgram"] as const),
    );
    k.when(mixesLogits, () => {
      const distance = k.int(k.minus(gOp, op));
      eachField(k, context, (field, width, name) => {
        k.call(name === "k" ? immediate : softmaxBackward, field, k.plus(field, distance), width);
      });
    });
    const active = k.vector(k.load(state, stateOffsets.active));
    const counter = k.int(k.plus(state, stateOffsets.counter));
    const [w, sum, entry, end, fields] = [k.vector(), k.vector(), k.int(), k.int(), k.int()];
    const [from, to] = [k.int(), k.int()];
    const { n, operations } = k.fields(context, "n", "operations");
    const widths = [
      { bit: fieldBits.op, width: operations },
      { bit: fieldBits.a, width: registers },
      { bit: fieldBits.b, width: registers },
      { bit: fieldBits.out, width: registers },
      { bit: fieldBits.k, width: n },
    ];
    k.each(
      lines,
      [counter, gCounter, [lineStarts, 4], [trained, 4]],
      () => {
        k.set(w, k.and(active, k.load(counter)));
        k.set(sum, k.zero);
        eachEntry(k, lineStarts, entry, end, () => {
          k.addTo(sum, k.mul(k.loadWeight(entry), k.load(k.plus(gOp, k.loadInt(entry)))));
        });
        k.accumulate(gCounter, k.and(active, sum));
        k.set(fields, k.loadInt(trained));
        k.when(k.both(k.differ(fields, 0), k.any(w)), () => {
          k.set(from, gOp).set(to, gProgram);
          for (const { bit, width } of widths) {
            k.when(
              k.both(fields, bit),
              () => k.each(width, [from, to], (at) => k.accumulate(to, k.mul(w, k.load(from, at)), at)),
              () => k.set(from, k.at(from, width)).set(to, k.at(to, width)),
            );
          }
        });
        k.set(gProgram, k.at(gProgram, choices));
      },
      1,
    );
  });
}

/** Goes through the entries of the sparse row whose start is at `starts`. */
export function eachEntry(k: Emitter, starts: Local, entry: Local, end: Local, body: () => void): void {
  k.set(entry, k.loadInt(starts)).set(end, k.loadInt(starts, 4));
  k.when(k.less(entry, end), () => {
    k.loop((again) => {
      body();
      k.advance(entry, entryBytes);
      k.againIf(again, k.less(entry, end));
    });
  });
}

function eachField(
  k: Emitter,
  context: Local,
  body: (field: Local, width: Local, name: keyof typeof fieldBits) => void,
): void {
  const fields = k.fields(context, "op", "a", "b", "out", "k", "operations", "registers", "n");
  const { operations, registers, n } = fields;
  body(fields.op, operations, "op");
  for (const name of ["a", "b", "out"] as const) body(fields[name], registers, name);
  body(fields.k, n, "k");
}

/** (x, count): the softmax of each lane, in place. */
function defineSoftmax(kernels: KernelModule): FunctionReference {
  return kernels.define("softmax", ["i32", "i32"], (k, x, count) => {
    const [most, sum, value] = [k.vector(k.load(x)), k.vector(k.zero), k.vector()];
    const at = k.int(x);
    k.each(count, [at], (offset) => k.set(most, k.max(most, k.load(at, offset))), 1);
    k.set(at, x);
    k.each(
      count,
      [at],
      () => {
        k.set(value, k.exp(k.sub(k.load(at), most)));
        k.store(at, value).addTo(sum, value);
      },
      1,
    );
    k.set(sum, k.div(k.one, sum)).set(at, x);
    k.each(count, [at], (offset) => k.store(at, k.mul(sum, k.load(at, offset)), offset));
  });
}

/** (p, g, count): from the cotangent of a softmax p to that of its logits, in place. */
function defineSoftmaxBackward(kernels: KernelModule): FunctionReference {
  return kernels.define("softmaxBackward", ["i32", "i32", "i32"], (k, p, g, count) => {
    const mean = k.dot(p, g, count);
    k.each(count, [p, g], (at) => k.store(g, k.mul(k.load(p, at), k.sub(k.load(g, at), mean)), at));
  });
}

/** (x, count): the logistic function of each number, in place. */
function defineLogistic(kernels: KernelModule): FunctionReference {
  return kernels.define("logistic", ["i32", "i32"], (k, x, count) => {
    k.each(count, [x], () => k.store(x, k.div(k.one, k.add(k.one, k.exp(k.sub(k.zero, k.load(x)))))), 1);
  });
}

/** (p, g, count): from the cotangents of logistic functions p to those of their logits, in place. */
function defineLogisticBackward(kernels: KernelModule): FunctionReference {
  return kernels.define("logisticBackward", ["i32", "i32", "i32"], (k, p, g, count) => {
    k.each(count, [p, g], (at) => {
      k.store(g, k.mul(k.load(g, at), k.mul(k.load(p, at), k.sub(k.one, k.load(p, at)))), at);
    });
  });
}
