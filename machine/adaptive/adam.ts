const [firstDecay, secondDecay, epsilon] = [0.9, 0.999, 1e-8];

/** Adam (Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015) on gradients that are estimates. */
export class Adam {
  private readonly mean: Float64Array;
  private readonly square: Float64Array;
  private steps = 0;

  constructor(
    parameters: number,
    private readonly learningRate: number,
  ) {
    this.mean = new Float64Array(parameters);
    this.square = new Float64Array(parameters);
  }

  /** Moves the parameters against the gradient, in place; one whose gradient has always been 0 stays as it is. */
  step(parameters: Float64Array, gradient: Float64Array): void {
    const { mean, square, learningRate } = this;
    const t = ++this.steps;
    const [unbias, unbiasSquare] = [1 - firstDecay ** t, 1 - secondDecay ** t];
    for (let i = 0; i < parameters.length; i++) {
      const g = gradient[i];
      mean[i] += (1 - firstDecay) * (g - mean[i]);
      square[i] += (1 - secondDecay) * (g * g - square[i]);
      parameters[i] -= (learningRate * (mean[i] / unbias)) / (Math.sqrt(square[i] / unbiasSquare) + epsilon);
    }
  }
}
