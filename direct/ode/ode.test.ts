import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SoftmachineError } from "../../scheme/index.js";
import { type AdaptiveProblem, compile, dormandPrince, euler, type FixedStepProblem, rungeKutta4 } from "../index.js";

const decay = { y: compile("(* (- 0 k) y)") };
const oscillator = { x: compile("v"), v: compile("(* (- 0 (* w w)) x)") };
const pendulum = { theta: compile("omega"), omega: compile("(- (* (- 0 (/ g L)) (sin theta)) (* c omega))") };

/** How the error falls when steps are halved: 2 to the order. */
function orderOf(method: typeof euler, steps: number): number {
  const errorOf = (count: number) => {
    const { final } = method({
      rightHandSides: oscillator,
      initial: { x: 1, v: 0 },
      params: { w: 2 },
      to: 1,
      steps: count,
    });
    return Math.hypot(final.x - Math.cos(2), final.v + 2 * Math.sin(2));
  };
  return Math.log2(errorOf(steps) / errorOf(2 * steps));
}

test("Euler's method is of first order, Runge and Kutta's of fourth", () => {
  expect(orderOf(euler, 2000)).toBeCloseTo(1, 2);
  expect(orderOf(rungeKutta4, 64)).toBeCloseTo(4, 1);
});

test("Dormand and Prince's method keeps its tolerance and is of fifth order", () => {
  const errorAt = (relativeTolerance: number) => {
    const { final, evaluations } = dormandPrince({
      rightHandSides: oscillator,
      initial: { x: 1, v: 0 },
      params: { w: 2 },
      to: 10,
      relativeTolerance,
      absoluteTolerance: relativeTolerance,
    });
    return { error: Math.hypot(final.x - Math.cos(20), final.v + 2 * Math.sin(20)), evaluations };
  };
  const [loose, tight] = [errorAt(1e-6), errorAt(1e-11)];
  expect(loose.error).toBeLessThan(1e-4);
  expect(tight.error).toBeLessThan(1e-9);
  const order = Math.log(loose.error / tight.error) / Math.log(tight.evaluations / loose.evaluations);
  expect(order).toBeGreaterThan(4.5);
  expect(order).toBeLessThan(6);
});

describe.each([
  ["Euler", (p: AdaptiveProblem) => euler({ ...p, steps: 200_000 }), 4],
  ["Runge-Kutta", (p: AdaptiveProblem) => rungeKutta4({ ...p, steps: 400 }), 8],
  ["Dormand-Prince", dormandPrince, 7],
] as const)("%s", (_name, solve, digits) => {
  test("solves exponential decay, forwards and backwards, with the gradients of the closed form", () => {
    for (const to of [2, -1]) {
      const { final, finalGradient } = solve({
        rightHandSides: decay,
        initial: { y: 3 },
        params: { k: 0.7 },
        to,
        gradients: ["k", "y"],
      });
      expect(final.y).toBeCloseTo(3 * Math.exp(-0.7 * to), digits);
      expect(finalGradient.y.y).toBeCloseTo(Math.exp(-0.7 * to), digits);
      expect(finalGradient.y.k).toBeCloseTo(-3 * to * Math.exp(-0.7 * to), digits);
    }
  });
});

test("time is an input where the equations name it", () => {
  const solution = rungeKutta4({ rightHandSides: [compile("(* 2 t)")], initial: { y: 0 }, from: 1, to: 3, steps: 4 });
  expect(solution.final.y).toBeCloseTo(8, 12);
  const renamed = dormandPrince({ rightHandSides: [compile("(cos s)")], initial: { y: 0 }, to: 1, time: "s" });
  expect(renamed.final.y).toBeCloseTo(Math.sin(1), 9);
});

test("an undamped pendulum keeps its energy, a damped one loses what friction takes", () => {
  const params = { g: 9.81, L: 1.3 };
  const energy = (theta: number, omega: number) => (1.3 ** 2 * omega ** 2) / 2 - 9.81 * 1.3 * Math.cos(theta);
  const initial = { theta: 2, omega: 0 };
  const free = dormandPrince({ rightHandSides: pendulum, initial, params: { ...params, c: 0 }, to: 20 });
  for (const [i, theta] of free.states.theta.entries())
    expect(energy(theta, free.states.omega[i])).toBeCloseTo(energy(2, 0), 5);
  // The work of friction, c·L²·ω², as a third equation.
  const work = compile("(* c (* L L) (* omega omega))");
  const damped = rungeKutta4({
    rightHandSides: { ...pendulum, work },
    initial: { ...initial, work: 0 },
    params: { ...params, c: 0.4 },
    to: 5,
    steps: 4000,
  });
  expect(damped.final.work).toBeGreaterThan(1);
  expect(energy(damped.final.theta, damped.final.omega) + damped.final.work).toBeCloseTo(energy(2, 0), 8);
});

describe("gradients", () => {
  const methods = {
    euler: (p: AdaptiveProblem) => euler({ ...p, steps: 50 }),
    rungeKutta4: (p: AdaptiveProblem) => rungeKutta4({ ...p, steps: 50 }),
    dormandPrince,
  };
  test.each(Object.entries(methods))("of %s are those of central differences, at each time", (name, solve) => {
    const place = fc.double({ min: 0.3, max: 2, noNaN: true });
    const time = fc.double({ min: 0, max: 3, noNaN: true });
    fc.assert(
      fc.property(place, place, place, time, (theta, g, c, t) => {
        const at = { theta, g, c };
        const problem = (values: typeof at, gradients: readonly string[]): AdaptiveProblem => ({
          rightHandSides: pendulum,
          initial: { theta: values.theta, omega: 0.2 },
          params: { g: values.g, c: values.c, L: 1 },
          to: 3,
          gradients,
        });
        const exact = solve(problem(at, ["theta", "g", "c"])).gradientAt(t);
        for (const variable of ["theta", "g", "c"] as const) {
          const h = 1e-4;
          const [above, below] = [h, -h].map((d) => solve(problem({ ...at, [variable]: at[variable] + d }, [])).at(t));
          // Steps that adapt differ between the two sides: by their tolerance, over 2h.
          for (const state of ["theta", "omega"])
            expect(exact[state][variable]).toBeCloseTo(
              (above[state] - below[state]) / (2 * h),
              name === "dormandPrince" ? 3 : 6,
            );
        }
      }),
      { numRuns: 20 },
    );
  });

  test("leave the solution as it is", () => {
    const problem = {
      rightHandSides: pendulum,
      initial: { theta: 1, omega: 0 },
      params: { g: 9.81, L: 1, c: 0.1 },
      to: 4,
    };
    const [plain, with2] = [dormandPrince(problem), dormandPrince({ ...problem, gradients: ["g", "c"] })];
    expect(with2.times).toEqual(plain.times);
    expect(with2.final).toEqual(plain.final);
    expect(plain.finalGradient).toEqual({ theta: {}, omega: {} });
  });

  test("are 0 for what a solution does not depend on, infinite slopes of others aside", () => {
    const root = { a: compile("1"), b: compile("(sqrt b)") };
    const { finalGradient } = rungeKutta4({
      rightHandSides: root,
      initial: { a: 0, b: 0 },
      to: 1,
      steps: 2,
      gradients: ["a"],
    });
    expect(finalGradient).toEqual({ a: { a: 1 }, b: { a: 0 } });
  });
});

test("between steps, each method is as accurate as its interpolation", () => {
  const problem = { rightHandSides: oscillator, initial: { x: 1, v: 0 }, params: { w: 2 }, to: 3 };
  const worst = (solution: ReturnType<typeof euler>) => {
    const times = Array.from({ length: 301 }, (_, i) => i / 100);
    return Math.max(...times.map((t) => Math.abs(solution.at(t).x - Math.cos(2 * t))));
  };
  expect(worst(rungeKutta4({ ...problem, steps: 300 }))).toBeLessThan(2e-8);
  expect(worst(euler({ ...problem, steps: 100_000 }))).toBeLessThan(3e-4);
  const adaptive = dormandPrince(problem);
  expect(adaptive.times.length).toBeLessThan(120);
  expect(worst(adaptive)).toBeLessThan(1e-7);
  for (const solution of [adaptive, rungeKutta4({ ...problem, steps: 7 })])
    for (const [i, t] of solution.times.entries()) expect(solution.at(t).x).toBe(solution.states.x[i]);
});

test("dense output is of fourth order between steps, and so are its gradients", () => {
  const worst = (relativeTolerance: number) => {
    const solution = dormandPrince({
      rightHandSides: oscillator,
      initial: { x: 1, v: 0 },
      params: { w: 2 },
      to: 6,
      relativeTolerance,
      absoluteTolerance: relativeTolerance,
      gradients: ["w"],
    });
    const times = Array.from({ length: 601 }, (_, i) => i / 100);
    const error = (found: number, wanted: number) => Math.abs(found - wanted);
    return {
      steps: solution.times.length - 1,
      value: Math.max(...times.map((t) => error(solution.at(t).x, Math.cos(2 * t)))),
      slope: Math.max(...times.map((t) => error(solution.gradientAt(t).x.w, -t * Math.sin(2 * t)))),
    };
  };
  const [loose, tight] = [worst(1e-5), worst(1e-9)];
  for (const what of ["value", "slope"] as const) {
    const order = Math.log(loose[what] / tight[what]) / Math.log(tight.steps / loose.steps);
    expect(order).toBeGreaterThan(3.8);
    expect(tight[what]).toBeLessThan(1e-6);
  }
});

test("equations run as one function or one by one: the same solution, to the last bit", () => {
  const sources = {
    x: "(if (> x 8) (* s (- y x)) (- (* s y) (* s x)))",
    y: "(- (* x (- r z)) (+ y (* 0 t)))",
    z: "(- (* x y) (* b z))",
  };
  const problem = (domain: "ieee" | "strict", b: number) => ({
    // What strict mode may refuse is not joined: it says by itself where.
    rightHandSides: Object.fromEntries(
      Object.entries(sources).map(([name, source]) => [
        name,
        compile(domain === "strict" ? `(+ ${source} (* 0 (sqrt 4 )) (/ 0 (+ 1 (* t t))))` : source, {
          domain,
          params: name === "z" ? { b } : {},
        }),
      ]),
    ),
    initial: { x: 1, y: 2, z: 20 },
    params: { s: 10, r: 28 },
    to: 0.5,
    steps: 200,
    gradients: ["r", "b", "y"],
  });
  const [joined, separate] = [rungeKutta4(problem("ieee", 2.5)), rungeKutta4(problem("strict", 2.5))];
  expect(joined.final).toEqual(separate.final);
  expect(joined.evaluations).toBe(separate.evaluations);
  for (const [state, slopes] of Object.entries(separate.finalGradient))
    for (const [name, slope] of Object.entries(slopes))
      expect(joined.finalGradient[state][name] / slope).toBeCloseTo(1, 9);
});

test("modules keep their own values of a parameter, and loops their own budgets", () => {
  const own = (k: number) => compile("(* k u)", { params: { k } });
  const apart = rungeKutta4({ rightHandSides: [own(1), own(2)], initial: { u: 1, w: 0 }, to: 1, steps: 100 });
  expect(apart.final.u).toBeCloseTo(Math.E, 8);
  expect(apart.final.w).toBeCloseTo(2 * (Math.E - 1), 8);
  const given = rungeKutta4({
    rightHandSides: [own(1), own(2)],
    initial: { u: 1, w: 0 },
    params: { k: 3 },
    to: 1,
    steps: 1000,
    gradients: ["k"],
  });
  expect(given.final.w).toBeCloseTo(Math.exp(3) - 1, 6);
  expect(given.finalGradient.w.k).toBeCloseTo(Math.exp(3), 5);
  const looping = compile("(loop ((i 0) (s 0)) (if (< i 40) (recur (+ i 1) (+ s u)) (/ s 40)))", { iterations: 50 });
  const both = rungeKutta4({
    rightHandSides: [looping, looping],
    initial: { u: 1, w: 0 },
    to: 1,
    steps: 50,
    gradients: ["u"],
  });
  expect(both.finalGradient.w.u).toBeCloseTo(Math.E - 1, 6);
});

const growth = compile("(* y y)");
const base = { rightHandSides: [growth], initial: { y: 1 }, to: 2 };
const faults: readonly (readonly [what: string, run: () => unknown, message: RegExp])[] = [
  ["a singularity", () => dormandPrince(base), /no step at time (1|0\.9999)\S* is short enough/],
  [
    "a stiff equation",
    () => dormandPrince({ ...base, rightHandSides: [compile("(* -1e7 (- y (cos t)))")], maximumSteps: 1000 }),
    /1000 steps reach time .* may be stiff/,
  ],
  [
    "an overflow in fixed steps",
    () => euler({ ...base, to: 40, steps: 40 }),
    /no longer finite at time \d+: "y" is Infinity/,
  ],
  [
    "NaN",
    () => rungeKutta4({ ...base, rightHandSides: [compile("(sqrt (- 1 y))")], initial: { y: 2 }, steps: 3 }),
    /no longer finite at time .*: "y" is NaN/,
  ],
  [
    "NaN at the start",
    () => dormandPrince({ ...base, rightHandSides: [compile("(log y)")], initial: { y: -1 } }),
    /slope of "y" at time 0 is NaN/,
  ],
  ["no steps", () => euler({ ...base, steps: 0 }), /steps must be a whole number from 1, not 0/],
  [
    "a tolerance of 0",
    () => dormandPrince({ ...base, relativeTolerance: 0 }),
    /relativeTolerance must be a number above 0/,
  ],
  [
    "a negative tolerance",
    () => dormandPrince({ ...base, absoluteTolerance: -1e-6 }),
    /absoluteTolerance must be a number above 0, not -0.000001/,
  ],
  [
    "a right-hand side that is an array",
    () => euler({ ...base, rightHandSides: [compile("[y]")], steps: 2 }),
    /right-hand side of "y" must be a number/,
  ],
  ["no time", () => dormandPrince({ ...base, to: 0 }), /no time from 0 to 0/],
  ["no state", () => dormandPrince({ ...base, initial: {} }), /initial must give the state/],
  [
    "a state that is no number",
    () => dormandPrince({ ...base, initial: { y: Number.NaN } }),
    /"y" must be a finite number/,
  ],
  [
    "too few equations",
    () => dormandPrince({ ...base, initial: { y: 1, z: 1 } }),
    /1 right-hand sides for 2 state variables/,
  ],
  [
    "an equation of another name",
    () => dormandPrince({ ...base, rightHandSides: { yy: growth } }),
    /unknown state variable "yy"/,
  ],
  ["a missing parameter", () => dormandPrince({ ...base, rightHandSides: decay }), /missing parameter "k"/],
  ["a parameter that nothing uses", () => dormandPrince({ ...base, params: { k: 1 } }), /unknown parameter "k"/],
  ["a parameter that is a state", () => dormandPrince({ ...base, params: { y: 1 } }), /"y" is a state and a parameter/],
  [
    "a parameter that is the time",
    () => dormandPrince({ ...base, params: { t: 1 } }),
    /"t" is a parameter and the time/,
  ],
  [
    "a gradient of an unknown name",
    () => dormandPrince({ ...base, to: 0.5, gradients: ["q"] }),
    /unknown parameter "q"/,
  ],
  ["a time outside", () => dormandPrince({ ...base, to: 0.5 }).at(0.6), /time 0.6 is outside the solution's, 0 to 0.5/],
  [
    "a gradient that was not asked for",
    () => dormandPrince({ ...base, to: 0.5 }).gradientAt(0.2),
    /no gradients were asked for/,
  ],
];

test.each(faults)("%s is a clear error", (_what, run, message) => {
  expect(run).toThrow(SoftmachineError);
  expect(run).toThrow(message);
});

test("a module's own parameters stand where none are given", () => {
  const own = compile("(* (- 0 k) y)", { params: { k: 0.5 } });
  const problem: FixedStepProblem = { rightHandSides: [own], initial: { y: 1 }, to: 1, steps: 100, gradients: ["k"] };
  const { final, finalGradient } = rungeKutta4(problem);
  expect(final.y).toBeCloseTo(Math.exp(-0.5), 9);
  expect(finalGradient.y.k).toBeCloseTo(-Math.exp(-0.5), 9);
});
