// A law that holds but for one term: gravity is a frozen layer of a model, a small network learns the drag that it leaves out.
import { compile, useBackend } from "softmachine";

const tf = await useBackend("wasm");
const gravity = compile("(* (- 0 (/ g L)) (sin theta))", { params: { g: 9.81, L: 1 } });

// What is measured: the pendulum's acceleration, with a drag that nobody wrote down.
const rows = 128;
const angles = tf.linspace(-1.5, 1.5, rows).expandDims(1);
const speeds = tf.sin(tf.range(0, rows)).mul(2).expandDims(1);
const measured = gravity.apply({ theta: angles }).sub(speeds.mul(speeds.abs()).mul(0.4));

const [theta, omega] = [tf.input({ shape: [1] }), tf.input({ shape: [1] })];
const random = (seed) => tf.initializers.randomNormal({ stddev: 0.5, seed });
const hidden = tf.layers.dense({ units: 12, activation: "tanh", kernelInitializer: random(1) }).apply(omega);
const drag = tf.layers.dense({ units: 1, kernelInitializer: random(2) }).apply(hidden);
const acceleration = tf.layers.add().apply([gravity.toLayer().apply(theta), drag]);
const model = tf.model({ inputs: [theta, omega], outputs: acceleration });

model.compile({ optimizer: tf.train.adam(0.02), loss: "meanSquaredError" });
const { history } = await model.fit([angles, speeds], measured, { epochs: 400, batchSize: rows, verbose: 0 });
for (const [when, loss] of [
  ["before", history.loss[0]],
  ["after", history.loss.at(-1)],
])
  console.log(`${when}: mean squared error ${loss.toExponential(2)}`);

const some = [-1.5, 0.5, 1.5];
const learned = tf
  .model({ inputs: omega, outputs: drag })
  .predict(tf.tensor2d(some, [3, 1]))
  .dataSync();
for (const [i, w] of some.entries())
  console.log(`drag at ω = ${w}: learned ${learned[i].toFixed(3)}, true ${(-0.4 * w * Math.abs(w)).toFixed(3)}`);
