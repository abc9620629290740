// Modules composed into one program: heat lengthens a rod, the rod is a pendulum, its period is what a clock shows.
// Values and slopes of the whole are exact, so a constant of the first stage is fitted from what the last one shows.
import { compile, compose, rungeKutta4 } from "softmachine";

const length = compile("(* L0 (+ 1 (* alpha T)))", { params: { L0: 0.994, alpha: 1.2e-5 } });
const period = compile("(* 2 3.141592653589793 (sqrt (/ L g)))", { params: { g: 9.81 } });
const seconds = compile("(* 86400 (- (/ P0 P) 1))", { params: { P0: 2 } });
const clock = compose(compose(seconds, { P: period }), { L: length });

const { value, gradient } = clock.gradient({ T: 25 });
const [stage1, P0] = [length.evaluate({ T: 25 }), 2];
const byHand = 86400 * (P0 / (2 * Math.PI * Math.sqrt(stage1 / 9.81)) - 1);
console.log(`at 25 °C the clock gains ${value.toFixed(3)} s a day; by hand it is off by ${Math.abs(value - byHand)}`);
console.log(`each degree more: ${gradient.T.toFixed(4)} s a day`);

const T = Float64Array.of(-10, 0, 10, 20, 30, 40);
const gain = clock.batch({ T, alpha: 1.9e-5 });
const { params } = clock.fit({ T, gain }, { target: "gain", params: { alpha: 1e-5 } });
console.log(`from six days' gains, alpha = ${params.alpha.toExponential(3)}`);

// A composed module is a right-hand side too: the swing of that pendulum at 40 °C, and how it depends on alpha.
const swing = compose(compile("(* (- 0 (/ g L)) (sin theta))", { params: { g: 9.81 } }), { L: length });
const { final, finalGradient } = rungeKutta4({
  rightHandSides: { theta: compile("omega"), omega: swing },
  initial: { theta: 0.5, omega: 0 },
  params: { T: 40 },
  to: 60,
  steps: 6000,
  gradients: ["alpha"],
});
console.log(`after a minute θ = ${final.theta.toFixed(6)}, dθ/dα = ${finalGradient.theta.alpha.toFixed(1)}`);
