// A law whose form is known and whose constants are not: a damped oscillation, from measurements with noise.
import { compile } from "softmachine";

const law = compile("(* A (exp (* (- 0 c) t)) (cos (* omega t)))");
const truth = { A: 0.3, c: 0.15, omega: 2.4 };

const t = Float64Array.from({ length: 200 }, (_, i) => i / 10);
const noise = (i) => 0.003 * Math.sin(12.9898 * (i + 1) ** 2);
const x = law.batch({ ...truth, t }).map((value, i) => value + noise(i));

const fit = law.fit({ t, x }, { target: "x", params: { A: 1, c: 1, omega: 1 }, bounds: { c: [0, 5], omega: [0, 10] } });
for (const [name, value] of Object.entries(fit.params))
  console.log(`${name} = ${value.toFixed(4)} ± ${fit.errors[name].toFixed(4)} (true: ${truth[name]})`);
console.log(`R² = ${fit.rSquared.toFixed(5)} in ${fit.iterations} iterations`);
for (const warning of fit.warnings) console.log(`warning: ${warning}`);
