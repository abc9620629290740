/**
 * What values of bits name. A cell or a line is the value modulo how many there are, save that values in the list of
 * labels name lines of their own. Distributions over cells and lines cost no sum over all values.
 */
import type { FunctionReference, Local } from "../../kernel/index.js";
import type { BitKernels } from "./bits.js";
import type { Emitter, KernelModule } from "./emitter.js";
import { eachEntry } from "./fetch.js";
import type { Naming } from "./naming.js";

/** A label is two i32: its value, and the byte offset of the line that the value would name without. */
export const labelBytes = 8;

export function defineBinaryNaming(kernels: KernelModule, bits: BitKernels): Naming {
  const address = kernels.define("address", ["i32"], (k, context) => {
    const { u, memorySize, cellLevels } = k.fields(context, "u", "memorySize", "cellLevels");
    k.call(bits.remainders, cellLevels, memorySize, u);
  });

  const addressBackward = kernels.define("addressBackward", ["i32"], (k, context) => {
    const { u, memorySize, cellLevels, gU, gAddress, gNamedBack } = k.fields(
      context,
      ...(["u", "memorySize", "cellLevels", "gU", "gAddress", "gNamedBack"] as const),
    );
    k.call(bits.remaindersBackward, cellLevels, memorySize, gAddress, gNamedBack, u, gU);
  });

  /** (context, operand, weight): adds the lines that an operand names to nextCounter. */
  const lines = kernels.define("lines", ["i32", "i32", "v128"], (k, context, operand, weight) => {
    const { n, lines, lineLevels, named, nextCounter } = k.fields(
      context,
      ...(["n", "lines", "lineLevels", "named", "nextCounter"] as const),
    );
    k.call(bits.remainders, lineLevels, lines, operand);
    const [p, to] = [k.vector(), k.int()];
    eachLabel(k, context, (value, usual, starts) => {
      k.set(p, k.result(bits.probability, value, operand, n));
      k.when(k.any(p), () => {
        k.set(to, k.plus(named, usual)).store(to, k.sub(k.load(to), p));
        eachLine(k, starts, named, (line, share) => k.accumulate(line, k.mul(p, share)));
      });
    });
    k.set(to, nextCounter);
    k.each(lines, [named, to], (at) => k.accumulate(to, k.mul(weight, k.load(named, at)), at));
  });

  /** (context, operand, gOperand, weight) -> what gCounter is, expected over the lines that an operand names. */
  const linesBackward = defineLinesBackward(kernels, bits);

  return {
    address,
    addressBackward,
    flag: (k, context, value) => {
      return k.result(bits.probability, value, k.field(context, "u"), k.field(context, "n"));
    },
    flagBackward: (k, context, value, slope) => {
      const { n, u, gU, bitScratch } = k.fields(context, "n", "u", "gU", "bitScratch");
      k.call(bits.probabilityBackward, value, u, n, slope, bitScratch, gU);
    },
    lines: (k, context, taken, always) => {
      for (const [operand, weight] of [
        ["v", taken],
        ["u", always],
      ] as const)
        k.when(k.any(weight), () => k.call(lines, context, k.field(context, operand), weight));
    },
    linesBackward: (k, context, { taken, always }, wanted) => {
      const [jumped, returned] = [k.vector(k.zero), k.vector(k.zero)];
      for (const [sum, operand, gOperand, weight, isWanted] of [
        [jumped, "v", "gV", taken, wanted.jumped],
        [returned, "u", "gU", always, wanted.returned],
      ] as const) {
        k.when(k.either(isWanted, k.any(weight)), () => {
          k.set(sum, k.result(linesBackward, context, k.field(context, operand), k.field(context, gOperand), weight));
        });
      }
      return { jumped, returned };
    },
  };
}

function defineLinesBackward(kernels: KernelModule, bits: BitKernels): FunctionReference {
  return kernels.define(
    "linesBackward",
    ["i32", "i32", "i32", "v128"],
    (k, context, operand, gOperand, weight) => {
      const { n, lines, lineLevels, named, gCounter, gNamed, gNamedBack, bitScratch } = k.fields(
        context,
        ...(["n", "lines", "lineLevels", "named", "gCounter", "gNamed", "gNamedBack", "bitScratch"] as const),
      );
      const [p, g, there] = [k.vector(), k.vector(), k.vector()];
      k.call(bits.remainders, lineLevels, lines, operand);
      const sum = k.dot(named, gCounter, lines);
      const weighted = k.int(k.any(weight));
      const labels = k.int(k.field(context, "gLabels"));
      const wantsLabels = k.int(k.both(k.field(context, "wantsLabels"), weighted));
      const [from, to] = [k.int(), k.int()];
      eachLabel(k, context, (value, usual, starts) => {
        k.set(there, k.zero);
        eachLine(k, starts, gCounter, (line, share) => k.addTo(there, k.mul(share, k.load(line))));
        k.set(g, k.sub(there, k.load(k.plus(gCounter, usual))));
        k.set(p, k.result(bits.probability, value, operand, n));
        k.addTo(sum, k.mul(p, g));
        k.when(weighted, () => {
          k.call(bits.probabilityBackward, value, operand, n, k.mul(weight, g), bitScratch, gOperand);
        });
        k.when(wantsLabels, () => {
          k.set(p, k.mul(weight, p)).set(from, gCounter).set(to, labels);
          k.when(k.any(p), () => k.each(lines, [from, to], (at) => k.accumulate(to, k.mul(p, k.load(from, at)), at)));
          k.set(labels, k.at(labels, lines));
        });
      });
      k.when(weighted, () => {
        k.set(from, gCounter).set(to, gNamed);
        k.each(lines, [from, to], (at) => k.store(to, k.mul(weight, k.load(from, at)), at));
        k.call(bits.remaindersBackward, lineLevels, lines, gNamed, gNamedBack, operand, gOperand);
      });
      k.code.get(sum);
    },
    ["v128"],
  );
}

/** Goes through the labels: each one's value, the byte offset of its usual line, and where its row of lines starts. */
function eachLabel(k: Emitter, context: Local, body: (value: Local, usual: Local, starts: Local) => void): void {
  const { labels, labelCount, labelStarts } = k.fields(context, "labels", "labelCount", "labelStarts");
  const [value, usual] = [k.int(), k.int()];
  k.each(
    labelCount,
    [
      [labels, labelBytes],
      [labelStarts, 4],
    ],
    () => {
      k.set(value, k.loadInt(labels)).set(usual, k.loadInt(labels, 4));
      body(value, usual, labelStarts);
    },
    1,
  );
}

/** Goes through a row of lines in an array of theirs: each one's place, and its weight. */
function eachLine(k: Emitter, starts: Local, array: Local, body: (place: Local, weight: () => void) => void): void {
  const [entry, end, place] = [k.int(), k.int(), k.int()];
  eachEntry(k, starts, entry, end, () => {
    k.set(place, k.plus(array, k.loadInt(entry)));
    body(place, k.loadWeight(entry));
  });
}
