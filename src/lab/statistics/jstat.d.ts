/** The part of jstat 1.9.6 that Residua uses; the package has no types of its own. */
declare module 'jstat' {
  const jstat: {
    /** Logarithm of the gamma function, to rounding (`gammaln` is not). */
    loggam(x: number): number
    readonly normal: {
      cdf(x: number, mean: number, deviation: number): number
      inv(p: number, mean: number, deviation: number): number
    }
    readonly studentt: { pdf(x: number, df: number): number; inv(p: number, df: number): number }
    readonly beta: { pdf(x: number, a: number, b: number): number; inv(p: number, a: number, b: number): number }
  }
  export default jstat
}
