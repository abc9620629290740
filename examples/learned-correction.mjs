// A law that holds but for one term: gravity is compiled and frozen, a small network learns the drag that it leaves out.
import { compile, useBackend } from "softmachine";

const tf = await useBackend("cpu");
const gravity = compile("(* (- 0 (/ g L)) (sin theta))", { params: { g: 9.81, L: 1 } });

// What is measured: the pendulum's acceleration, with a drag that nobody wrote down.
const rows = 128;
const theta = tf.linspace(-1.5, 1.5, rows);
const omega = tf.sin(tf.range(0, rows)).mul(2);
const measured = gravity.apply({ theta }).sub(omega.mul(omega.abs()).mul(0.4));

const weights = [
  tf.variable(tf.randomNormal([1, 12], 0, 1, "float32", 1)),
  tf.variable(tf.randomNormal([12], 0, 1, "float32", 2)),
  tf.variable(tf.randomNormal([12, 1], 0, 0.3, "float32", 3)),
];
const drag = (w) => w.reshape([-1, 1]).matMul(weights[0]).add(weights[1]).tanh().matMul(weights[2]).reshape([-1]);
const loss = () => tf.losses.meanSquaredError(measured, gravity.apply({ theta }).add(drag(omega)));

const report = (when) => console.log(`${when}: mean squared error ${tf.tidy(loss).dataSync()[0].toExponential(2)}`);
report("before");
const optimizer = tf.train.adam(0.02);
for (let step = 0; step < 400; step++) optimizer.minimize(loss, false, weights);
report("after");

const speeds = [-1.5, 0.5, 1.5];
const learned = drag(tf.tensor1d(speeds)).dataSync();
for (const [i, w] of speeds.entries())
  console.log(`drag at ω = ${w}: learned ${learned[i].toFixed(3)}, true ${(-0.4 * w * Math.abs(w)).toFixed(3)}`);
