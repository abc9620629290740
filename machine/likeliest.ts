/** The place of the largest of `width` numbers from `start` on, such as a distribution's likeliest value; of several, the first. */
export function likeliest(values: ArrayLike<number>, start = 0, width = values.length - start): number {
  let best = 0;
  for (let i = 1; i < width; i++) if (values[start + i] > values[start + best]) best = i;
  return best;
}

/** The same of each row of a width. */
export function likeliestOfRows(rows: ArrayLike<number>, width: number): number[] {
  return Array.from({ length: rows.length / width }, (_, row) => likeliest(rows, row * width, width));
}
