/** The value below which a share `p` (0 to 1) of the sorted `values` lies; NaN when there are none. */
export const percentile = (values: readonly number[], p: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? Number.NaN;
};

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
};

/** Median with the least and the greatest. */
export type Spread = { median: number; min: number; max: number };

export const spreadOf = (values: readonly number[]): Spread => ({
  median: median(values),
  min: Math.min(...values),
  max: Math.max(...values),
});

/** A straight line through points: what y grows by for one x, and how sure that is. */
export type Slope = { perX: number; standardError: number };

/** Least squares; NaN where there are fewer than three points. */
export const slopeOf = (points: readonly { x: number; y: number }[]): Slope => {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanX = mean(points.map(({ x }) => x));
  const meanY = mean(points.map(({ y }) => y));
  const sum = (of: (point: { x: number; y: number }) => number): number =>
    points.reduce((total, point) => total + of(point), 0);
  const spreadX = sum(({ x }) => (x - meanX) ** 2);
  const perX = sum(({ x, y }) => (x - meanX) * (y - meanY)) / spreadX;
  const residuals = sum(({ x, y }) => (y - meanY - perX * (x - meanX)) ** 2);
  const standardError = points.length < 3 ? Number.NaN : Math.sqrt(residuals / (points.length - 2) / spreadX);
  return { perX, standardError };
};
