/**
 * A program's own operations on values of bits, by their tables: bits become distributions over values, and results bits
 * ("Algorithmic Language Models with Neurally Compiled Libraries", 2024, appendix C), so that each bit of a result has its
 * exact probability where the operands' bits are independent.
 */
import type { Local } from "../../kernel/index.js";
import { type Alu, defineSupports } from "./alu.js";
import type { BitKernels } from "./bits.js";
import type { ContextField } from "./context.js";
import type { Emitter, KernelModule } from "./emitter.js";
import { defineOperationTables, defineOperationTablesBackward, eachOperation } from "./operation-tables.js";

/** What the kernels for distributions find in place of what a value of bits has. */
const converted = {
  ...{ n: "values", u: "uValues", v: "vValues", o: "oValues", gU: "gUValues", gV: "gVValues", gO: "gOValues" },
  ...{ scratch: "valueScratch", uSupport: "uValueSupport", vSupport: "vValueSupport" },
} as const satisfies { readonly [Field in ContextField]?: ContextField };

export function defineBinaryOperationTables(kernels: KernelModule, bits: BitKernels): Alu {
  const supports = defineSupports(kernels);
  const tables = defineOperationTables(kernels, supports);
  const tablesBackward = defineOperationTablesBackward(kernels);

  /** (context): the operands as distributions. */
  const convert = kernels.define("operandsToUnits", ["i32"], (k, context) => {
    const { values, u, v, uLevels, vLevels } = k.fields(context, "values", "u", "v", "uLevels", "vLevels");
    k.call(bits.remainders, uLevels, values, u);
    k.call(bits.remainders, vLevels, values, v);
  });

  const forward = kernels.define("ownOperations", ["i32"], (k, context) => {
    const used = k.int(0);
    eachOperation(k, context, "op", (place) => k.set(used, k.either(used, k.any(k.load(place)))));
    k.when(used, () => {
      k.call(convert, context);
      const { o, values, oValues } = k.fields(context, "o", "values", "oValues");
      k.clear(oValues, values);
      onValues(k, context, () => k.call(tables, context));
      eachBit(k, context, oValues, (value, bit) => k.accumulate(bit, k.load(value)), o);
    });
  });

  const backward = kernels.define("ownOperationsBackward", ["i32", "i32"], (k, context, all) => {
    const wanted = k.int(k.either(all, k.field(context, "ownPresent")));
    eachOperation(k, context, "op", (place) => k.set(wanted, k.either(wanted, k.any(k.load(place)))));
    k.when(k.both(wanted, k.less(0, k.field(context, "values"))), () => {
      k.call(convert, context);
      const { u, v, gU, gV, gO, values } = k.fields(context, "u", "v", "gU", "gV", "gO", "values");
      const { uLevels, vLevels, gUValues, gVValues, gOValues, gNamedBack } = k.fields(
        context,
        ...(["uLevels", "vLevels", "gUValues", "gVValues", "gOValues", "gNamedBack"] as const),
      );
      for (const array of [gUValues, gVValues, gOValues]) k.clear(array, values);
      eachBit(k, context, gOValues, (value, bit) => k.accumulate(value, k.load(bit)), gO);
      onValues(k, context, () => k.call(supports, context).call(tablesBackward, context, all));
      k.call(bits.remaindersBackward, uLevels, values, gUValues, gNamedBack, u, gU);
      k.call(bits.remaindersBackward, vLevels, values, gVValues, gNamedBack, v, gV);
    });
  });
  return { forward, backward };
}

/** Has kernels for distributions work on what values of bits were converted to. */
function onValues(k: Emitter, context: Local, body: () => void): void {
  const fields = Object.keys(converted) as (keyof typeof converted)[];
  const own = fields.map((field) => k.int(k.field(context, field)));
  for (const field of fields) k.setField(context, field, k.field(context, converted[field]));
  body();
  fields.forEach((field, i) => {
    k.setField(context, field, own[i]);
  });
}

/** Goes through all values, and those of their bits that are 1: pointers into an array of values, and into one of bits. */
function eachBit(
  k: Emitter,
  context: Local,
  values: Local,
  body: (value: Local, bit: Local) => void,
  bits: Local,
): void {
  const [value, at, left, bit] = [k.int(0), k.int(values), k.int(), k.int()];
  k.each(
    k.field(context, "values"),
    [[value, 1], at],
    () => {
      k.set(left, value).set(bit, bits);
      k.when(left, () => {
        k.loop((again) => {
          k.when(k.both(left, 1), () => body(at, bit));
          k.set(left, k.shiftRight(left, 1)).advance(bit);
          k.againIf(again, left);
        });
      });
    },
    1,
  );
}
