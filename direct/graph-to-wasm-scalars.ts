/** Operations that no vector instruction computes exactly: f64 functions, called for each lane. */
import type { FunctionBuilder, FunctionReference, Local, ModuleBuilder } from "../kernel/index.js";

/** Functions of two f64, by the operation that they compute. */
export type ScalarName = "remainder" | "gcd" | "lcm" | "quotient";

type Write = (code: FunctionBuilder, scalars: Scalars) => void;

const exponentBits = 52n;
const leastNormal = 2 ** -1022;
const scaling = 2 ** 60;

/** The scalar functions of one module, each defined when first asked for. */
export class Scalars {
  private readonly module: ModuleBuilder;
  private readonly defined = new Map<string, FunctionReference>();

  constructor(module: ModuleBuilder) {
    this.module = module;
  }

  /** A function f64, f64 -> f64. */
  function(name: ScalarName | "fmod" | "fmodNormal"): FunctionReference {
    const found = this.defined.get(name);
    if (found) return found;
    const reference = this.module.declare(name, ["f64", "f64"], ["f64"]);
    this.defined.set(name, reference);
    this.module.define(reference, (code) => definitions[name](code, this));
    return reference;
  }

  /** The same on each lane: v128, v128 -> v128. Lanes of f32 are widened, and the results rounded. */
  lanes(name: ScalarName, type: "f64x2" | "f32x4"): FunctionReference {
    const key = `${name} ${type}`;
    const found = this.defined.get(key);
    if (found) return found;
    const scalar = this.function(name);
    const reference = this.module.declare(key, ["v128", "v128"], ["v128"]);
    this.defined.set(key, reference);
    this.module.define(reference, (code) => {
      const [a, b] = code.parameters;
      const result = code.local("v128");
      for (let lane = 0; lane < (type === "f64x2" ? 2 : 4); lane++) {
        code.get(result);
        for (const operand of [a, b]) {
          code.get(operand);
          if (type === "f64x2") code.emit("f64x2.extract_lane", lane);
          else code.emit("f32x4.extract_lane", lane).emit("f64.promote_f32");
        }
        code.call(scalar);
        if (type === "f64x2") code.emit("f64x2.replace_lane", lane);
        else code.emit("f32.demote_f64").emit("f32x4.replace_lane", lane);
        code.set(result);
      }
      code.get(result);
    });
    return reference;
  }
}

const definitions: Readonly<Record<ScalarName | "fmod" | "fmodNormal", Write>> = {
  /**
   * |a| mod |b| for finite a and normal b: the largest b·2^k that fits is taken away, exactly, until none does.
   */
  fmodNormal(code) {
    const [a, b] = code.parameters;
    const part = code.local("f64");
    const exponent = (x: Local) =>
      code.get(x).emit("i64.reinterpret_f64").emit("i64.const", exponentBits).emit("i64.shr_u");
    const times = (steps: () => void) => {
      code.emit("i64.reinterpret_f64");
      steps();
      code.emit("i64.const", exponentBits).emit("i64.shl").emit("i64.add").emit("f64.reinterpret_i64");
    };
    code.get(a).emit("f64.abs").set(a);
    code.get(b).emit("f64.abs").set(b);
    code.block((done) => {
      code.loop((again) => {
        code.get(a).get(b).emit("f64.lt").branchIf(done);
        code.get(b);
        times(() => {
          exponent(a);
          exponent(b);
          code.emit("i64.sub");
        });
        code.set(part);
        code.get(part).get(a).emit("f64.gt");
        code.if(() => {
          code.get(part).emit("f64.const", 0.5).emit("f64.mul").set(part);
        });
        code.get(a).get(part).emit("f64.sub").set(a);
        code.branch(again);
      });
    });
    code.get(a);
  },

  /** The remainder of truncated division, exact, with the sign of a; NaN for infinite a and for b = 0. */
  fmod(code, scalars) {
    const [a, b] = code.parameters;
    const normal = scalars.function("fmodNormal");
    code.get(a).get(a).emit("f64.sub").emit("f64.const", 0).emit("f64.ne");
    code.get(b).get(b).emit("f64.ne").emit("i32.or");
    code.get(b).emit("f64.const", 0).emit("f64.eq").emit("i32.or");
    code.if(() => {
      code.emit("f64.const", Number.NaN).return();
    });
    code.get(a).emit("f64.abs").get(b).emit("f64.abs").emit("f64.lt");
    code.if(() => {
      code.get(a).return();
    });
    code.get(b).emit("f64.abs").emit("f64.const", leastNormal).emit("f64.lt");
    code.if(
      () => {
        // The remainder by b·2^60, which is normal, is small enough to be scaled itself.
        code.get(a).get(b).emit("f64.const", scaling).emit("f64.mul").call(normal);
        code.emit("f64.const", scaling).emit("f64.mul");
        code.get(b).emit("f64.const", scaling).emit("f64.mul").call(normal);
        code.emit("f64.const", 1 / scaling).emit("f64.mul");
      },
      () => {
        code.get(a).get(b).call(normal);
      },
      "f64",
    );
    code.get(a).emit("f64.copysign");
  },

  remainder(code, scalars) {
    const [a, b] = code.parameters;
    // Adding 0 makes -0 to 0.
    code.get(a).get(b).call(scalars.function("fmod")).emit("f64.const", 0).emit("f64.add");
  },

  quotient(code) {
    const [a, b] = code.parameters;
    code.get(a).get(b).emit("f64.div").emit("f64.trunc");
  },

  gcd(code, scalars) {
    const [a, b] = code.parameters;
    const rest = code.local("f64");
    for (const x of [a, b]) {
      // Infinity less infinity is NaN, so this holds for whole numbers only.
      code.get(x).get(x).emit("f64.trunc").emit("f64.sub").emit("f64.const", 0).emit("f64.ne");
      code.if(() => {
        code.emit("f64.const", Number.NaN).return();
      });
      code.get(x).emit("f64.abs").set(x);
    }
    code.block((done) => {
      code.loop((again) => {
        code.get(b).emit("f64.const", 0).emit("f64.eq").branchIf(done);
        code.get(a).get(b).call(scalars.function("fmod")).set(rest);
        code.get(b).set(a).get(rest).set(b);
        code.branch(again);
      });
    });
    code.get(a);
  },

  lcm(code, scalars) {
    const [a, b] = code.parameters;
    code.get(a).emit("f64.const", 0).emit("f64.eq").get(b).emit("f64.const", 0).emit("f64.eq").emit("i32.and");
    code.if(() => {
      code.emit("f64.const", 0).return();
    });
    code.get(a).get(a).get(b).call(scalars.function("gcd")).emit("f64.div").emit("f64.abs");
    code.get(b).emit("f64.abs").emit("f64.mul");
  },
};
