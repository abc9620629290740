import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SoftmachineError } from "../scheme/index.js";
import {
  compileModule,
  exportedFunction,
  type FunctionBuilder,
  instantiate,
  isMemory,
  ModuleBuilder,
  newMemory,
  type ValueType,
} from "./index.js";

function run(module: ModuleBuilder, name: string, ...operands: number[]): number | bigint | undefined {
  return exportedFunction(instantiate(compileModule(module.build())), name)(...operands);
}

function single(parameters: ValueType[], results: ValueType[], write: (code: FunctionBuilder) => void): ModuleBuilder {
  const module = new ModuleBuilder();
  module.function("run", parameters, results, write);
  return module;
}

describe("modules that run", () => {
  test("recursion: factorial, in f64", () => {
    const module = new ModuleBuilder();
    const factorial = module.declare("factorial", ["f64"], ["f64"]);
    module.define(factorial, (code) => {
      const [n] = code.parameters;
      code.get(n).emit("f64.const", 2).emit("f64.lt");
      code.if(
        () => code.emit("f64.const", 1),
        () => code.get(n).get(n).emit("f64.const", 1).emit("f64.sub").call(factorial).emit("f64.mul"),
        "f64",
      );
    });
    module.exportFunction("factorial", factorial);
    expect(run(module, "factorial", 10)).toBe(3628800);
  });

  test("functions that call each other before both have bodies", () => {
    const module = new ModuleBuilder();
    const even = module.declare("even", ["i32"], ["i32"]);
    const odd = module.declare("odd", ["i32"], ["i32"]);
    const parity = (other: typeof even, atZero: number) => (code: FunctionBuilder) => {
      const [n] = code.parameters;
      code.get(n).emit("i32.eqz");
      code.if(() => code.emit("i32.const", atZero).return());
      code.get(n).emit("i32.const", 1).emit("i32.sub").call(other);
    };
    module.define(even, parity(odd, 1)).define(odd, parity(even, 0)).exportFunction("even", even);
    expect([0, 1, 2, 7, 10].map((n) => run(module, "even", n))).toEqual([1, 0, 1, 0, 1]);
  });

  test("a loop with branches to its start and to the block around it: Euclid's algorithm", () => {
    const module = single(["i32", "i32"], ["i32"], (code) => {
      const [a, b] = code.parameters;
      const rest = code.local("i32");
      code.block((done) => {
        code.loop((again) => {
          code.get(b).emit("i32.eqz").branchIf(done);
          code.get(a).get(b).emit("i32.rem_u").set(rest).get(b).set(a).get(rest).set(b).branch(again);
        });
      });
      code.get(a);
    });
    const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
    const kernel = exportedFunction(instantiate(compileModule(module.build())), "run");
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(5000), (a, b) => {
        expect(kernel(a, b)).toBe(gcd(a, b));
      }),
    );
  });

  test("a block's result carried by branches; locals of mixed types; select and tee", () => {
    const module = single(["i32"], ["f64"], (code) => {
      const [n] = code.parameters;
      const large = code.local("f64");
      code.local("i32");
      code.local("f64");
      const copy = code.local("i32");
      code.block((out) => {
        code.emit("f64.const", -1).get(n).tee(copy).emit("i32.const", 0).emit("i32.lt_s").branchIf(out).drop();
        code.emit("f64.const", 100).set(large);
        code.get(large).get(copy).emit("f64.convert_i32_s").get(n).emit("i32.const", 9).emit("i32.gt_s").select();
      }, "f64");
    });
    expect([-3, 4, 10].map((n) => run(module, "run", n))).toEqual([-1, 4, 100]);
  });

  test("imported functions and several results of an internal function", () => {
    const module = new ModuleBuilder();
    const twice = module.importFunction("env", "twice", ["f64"], ["f64"]);
    const both = module.declare("both", ["f64"], ["f64", "f64"]);
    module.define(both, (code) => code.get(code.parameters[0]).call(twice).get(code.parameters[0]));
    module.function("run", ["f64"], ["f64"], (code) => code.get(code.parameters[0]).call(both).emit("f64.sub"));
    const exports = instantiate(compileModule(module.build()), { env: { twice: (x) => 2 * Number(x) } });
    expect(exportedFunction(exports, "run")(21)).toBe(21);
  });

  test("a memory of its own, exported, filled and copied; growth", () => {
    const module = new ModuleBuilder().defineMemory({ minimum: 1, maximum: 3 }).exportMemory("memory");
    module.function("run", [], ["i32"], (code) => {
      code.emit("i32.const", 8).emit("i32.const", 7).emit("i32.const", 4).emit("memory.fill");
      code.emit("i32.const", 100).emit("i32.const", 8).emit("i32.const", 4).emit("memory.copy");
      code.emit("i32.const", 1).emit("memory.grow").drop();
      code.emit("i32.const", 96).emit("i32.load", { offset: 4, align: 1 }).emit("memory.size").emit("i32.add");
    });
    const exports = instantiate(compileModule(module.build()));
    expect(exportedFunction(exports, "run")()).toBe(0x07070707 + 2);
    expect(isMemory(exports.memory)).toBe(true);
  });

  test("code after a branch is checked as unreachable code is", () => {
    const module = single(["i32"], ["i32"], (code) => {
      code.get(code.parameters[0]);
      code.if(
        () => code.emit("i32.const", 5).return().emit("i32.add"),
        () => code.unreachable(),
        "i32",
      );
    });
    expect(run(module, "run", 1)).toBe(5);
    expect(() => run(module, "run", 0)).toThrow(/unreachable/);
  });

  test("deep nesting and long bodies, whose lengths take several bytes", () => {
    const module = single([], ["i32"], (code) => {
      const nest = (depth: number): void => {
        if (depth > 0) code.block(() => nest(depth - 1));
      };
      nest(300);
      code.emit("i32.const", 0);
      for (let i = 0; i < 20000; i++) code.emit("i32.const", i).emit("i32.add");
    });
    expect(run(module, "run")).toBe((20000 * 19999) / 2);
  });

  test("a module without anything, and names beyond ASCII", () => {
    expect(Object.keys(instantiate(compileModule(new ModuleBuilder().build())))).toEqual([]);
    const module = new ModuleBuilder();
    module.function("größe→∂", [], ["i32"], (code) => code.emit("i32.const", 3));
    expect(run(module, "größe→∂")).toBe(3);
  });
});

describe("what is wrong is said where it is", () => {
  const body = (write: (code: FunctionBuilder) => void) => () => single(["f32", "i32"], ["f32"], write).build();
  const cases: [string, () => unknown, string][] = [
    ["too few operands", body((code) => code.emit("f32.add")), 'function "run": f32.add takes f32 f32 from the stack'],
    [
      "operand of another type",
      body((code) => code.get(code.parameters[0]).get(code.parameters[1]).emit("f32.add")),
      "f32.add takes f32 f32 from the stack, but operand 2 is i32",
    ],
    ["no result left", body(() => undefined), "the function's end takes f32 from the stack"],
    [
      "too much left",
      body((code) => code.get(code.parameters[0]).get(code.parameters[0])),
      "1 more on the stack than the function's end leaves (f32)",
    ],
    [
      "operands of an outer block",
      body((code) => code.get(code.parameters[0]).block(() => code.drop())),
      "drop takes a value from the stack, which holds too few",
    ],
    [
      "something left in a loop",
      body((code) => code.loop(() => code.get(code.parameters[1]))),
      "1 more on the stack than the end of a loop leaves (nothing)",
    ],
    [
      "an if with a result and one branch",
      body((code) => code.get(code.parameters[1]).if(() => undefined, undefined, "f32")),
      "needs both branches",
    ],
    [
      "a branch out of its block",
      body((code) => {
        code.block((label) => code.block(() => undefined).branch(label));
        code.block((label) => leaked.push(label));
        for (const label of leaked) code.branch(label);
      }),
      "a branch to a block that does not enclose it",
    ],
    [
      "a local of another function",
      body((code) => code.get({ index: 0, type: "f32" })),
      "get names a local of another function",
    ],
    [
      "select of two types",
      body((code) => code.get(code.parameters[0]).get(code.parameters[1]).get(code.parameters[1]).select()),
      "select chooses between two values of one type, not f32 and i32",
    ],
    [
      "an integer out of range",
      body((code) => code.emit("i32.const", 2 ** 32)),
      "i32.const takes a whole number of 32",
    ],
    ["a fraction", body((code) => code.emit("i32.const", 0.5)), "not 0.5"],
    ["a wide bigint", body((code) => code.emit("i64.const", 2n ** 64n)), "i64.const takes a bigint of 64 bits"],
    [
      "a lane too many",
      body((code) => code.get(code.parameters[0]).emit("f32x4.splat").emit("f32x4.extract_lane", 4)),
      "f32x4.extract_lane takes a lane 0 to 3, not 4",
    ],
    ["15 bytes", body((code) => code.emit("v128.const", new Uint8Array(15))), "v128.const takes 16 whole numbers"],
    [
      "an alignment beyond the width",
      body((code) => code.get(code.parameters[1]).emit("f32.load", { align: 8 })),
      "f32.load takes an alignment that is a power of two of at most 4 bytes, not 8",
    ],
    [
      "a negative offset",
      body((code) => code.get(code.parameters[1]).emit("f32.load", { offset: -4 })),
      "f32.load takes an offset of 0 to 2³²-1 bytes, not -4",
    ],
    [
      "a misspelt instruction",
      body((code) => Reflect.apply(code.emit, code, ["f32.ad"])),
      'there is no instruction "f32.ad" (did you mean "f32.add"?)',
    ],
    [
      "no memory",
      body((code) => code.get(code.parameters[1]).emit("f32.load")),
      'function "run" uses a memory, but the module has none',
    ],
    [
      "no body",
      () => {
        const module = new ModuleBuilder();
        module.declare("later", [], []);
        return module.build();
      },
      'function "later" is declared but never defined',
    ],
    [
      "two bodies",
      () => {
        const module = new ModuleBuilder();
        const twice = module.declare("twice", [], []);
        return module.define(twice, () => undefined).define(twice, () => undefined);
      },
      'function "twice" is defined twice',
    ],
    [
      "another module's function",
      () => new ModuleBuilder().define(new ModuleBuilder().declare("other", [], []), () => undefined),
      'function "other" was not declared in this module',
    ],
    [
      "an import too late",
      () => {
        const module = new ModuleBuilder();
        module.declare("own", [], []);
        return module.importFunction("env", "late", [], []);
      },
      'function "late" must be imported before functions are declared',
    ],
    [
      "two exports of one name",
      () => {
        const module = new ModuleBuilder();
        const one = module.declare("one", [], []);
        return module.exportFunction("same", one).exportFunction("same", one);
      },
      '"same" is exported twice',
    ],
    ["two memories", () => new ModuleBuilder().defineMemory({}).importMemory("env", "memory"), "has its already"],
    ["a memory past its maximum", () => new ModuleBuilder().defineMemory({ minimum: 3, maximum: 2 }), "at most 2"],
    ["a negative memory", () => new ModuleBuilder().defineMemory({ minimum: -1 }), "whole pages; got -1"],
    ["no memory to export", () => new ModuleBuilder().exportMemory("memory"), 'no memory to export as "memory"'],
    [
      "bytes that are no module",
      () => compileModule(Uint8Array.of(1, 2, 3)),
      "WebAssembly refused a module of 3 bytes",
    ],
    [
      "an import not given",
      () => instantiate(compileModule(new ModuleBuilder().importMemory("env", "memory").build())),
      "WebAssembly could not instantiate a module",
    ],
    ["an export that is none", () => exportedFunction({}, "run"), 'the instance exports no function "run"'],
    ["a memory of half a page", () => newMemory(0.5), "a whole number of them; got 0.5"],
  ];
  const leaked: Parameters<FunctionBuilder["branch"]>[0][] = [];
  test.each(cases)("%s", (_, act, message) => {
    expect(act).toThrow(SoftmachineError);
    expect(act).toThrow(message);
  });
});

describe("constant vectors", () => {
  const bytes = (first: number) => Array.from({ length: 16 }, (_, i) => (first + i) & 255);

  test("are held once each and read by any function", () => {
    const module = new ModuleBuilder();
    const constant = module.constantVector(bytes(250));
    expect(module.constantVector(bytes(250))).toBe(constant);
    const other = module.constantVector(bytes(1));
    for (const [name, global] of Object.entries({ constant, other })) {
      module.function(name, [], ["i32"], (code) => code.getGlobal(global).emit("i32x4.extract_lane", 3));
    }
    const exports = instantiate(compileModule(module.build()));
    expect(exportedFunction(exports, "constant")()).toBe(0x09080706);
    expect(exportedFunction(exports, "other")()).toBe(0x100f0e0d);
  });

  test("are 16 bytes", () => {
    expect(() => new ModuleBuilder().constantVector([1, 2, 3])).toThrow(
      new SoftmachineError("a constant vector takes 16 whole numbers of 0 to 255"),
    );
  });
});
