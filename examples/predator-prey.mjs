// An ODE from compiled right-hand sides: hares and lynxes (Lotka and Volterra), solved with steps that adapt. Its dense
// output and exact gradients find two rates from counts at a few times, by Gauss and Newton's method.
import { compile, dormandPrince } from "softmachine";

const rightHandSides = {
  hares: compile("(- (* birth hares) (* hunt hares lynxes))"),
  lynxes: compile("(- (* gain hares lynxes) (* death lynxes))"),
};
const solve = ({ hunt, death }) =>
  dormandPrince({
    rightHandSides,
    initial: { hares: 10, lynxes: 5 },
    params: { birth: 1.1, gain: 0.1, hunt, death },
    to: 15,
    gradients: ["hunt", "death"],
  });

const times = [2, 4, 6, 8, 10, 12, 14];
const truth = solve({ hunt: 0.4, death: 0.4 });
const counts = times.map((t) => truth.at(t));

let rates = { hunt: 0.42, death: 0.37 };
for (let round = 1; round <= 6; round++) {
  const solution = solve(rates);
  let [squares, a, b, c, p, q] = [0, 0, 0, 0, 0, 0];
  for (const [i, t] of times.entries()) {
    const [state, slopes] = [solution.at(t), solution.gradientAt(t)];
    for (const name of ["hares", "lynxes"]) {
      const residual = counts[i][name] - state[name];
      const { hunt, death } = slopes[name];
      squares += residual ** 2;
      [a, b, c] = [a + hunt * hunt, b + hunt * death, c + death * death];
      [p, q] = [p + hunt * residual, q + death * residual];
    }
  }
  console.log(`round ${round}: ${solution.times.length - 1} steps, sum of squares ${squares.toExponential(2)}`);
  const determinant = a * c - b * b;
  rates = { hunt: rates.hunt + (c * p - b * q) / determinant, death: rates.death + (a * q - b * p) / determinant };
}
console.log(`hunt = ${rates.hunt.toFixed(6)}, death = ${rates.death.toFixed(6)}`);
const { lynxes } = truth.gradientAt(7.5);
console.log(`at time 7.5 a hunt rate higher by 0.01 means ${(0.01 * lynxes.hunt).toFixed(4)} lynxes`);
