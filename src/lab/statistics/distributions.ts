/**
 * The distributions behind the intervals. Quantiles start from jstat, which is off by up to 4e-8, and are refined by
 * Newton steps on an incomplete beta function that is right to about 1e-12.
 */
import jstat from 'jstat'
import { remembered } from './remembered.ts'

/** Lentz's continued fraction of the incomplete beta function. Source: DLMF 8.17.22; Press et al. 2007, 6.4. */
function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300
  const away = (value: number): number => (Math.abs(value) < tiny ? tiny : value)
  let c = 1
  let d = 1 / away(1 - ((a + b) * x) / (a + 1))
  let fraction = d
  let factor = 0
  for (let m = 1; Math.abs(factor - 1) > 1e-15; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    factor = 1
    for (const term of [even, odd]) {
      d = 1 / away(1 + term * d)
      c = away(1 + term / c)
      factor *= c * d
    }
    fraction *= factor
  }
  return fraction
}

/** The regularized incomplete beta function `I_x(a, b)` for x in [0, 1]: the distribution function of Beta(a, b). */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a)
  const logBeta = jstat.loggam(a) + jstat.loggam(b) - jstat.loggam(a + b)
  return (Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta) * betaFraction(x, a, b)) / a
}

const newtonSteps = 3

/** The x at which Beta(a, b) has the share p below it, p in (0, 1). */
export function betaQuantile(p: number, a: number, b: number): number {
  let x = jstat.beta.inv(p, a, b)
  for (let step = 0; step < newtonSteps; step++) x -= (incompleteBeta(x, a, b) - p) / jstat.beta.pdf(x, a, b)
  return x
}

/** `P(|T| > |x|)` for Student's T with `df` degrees of freedom. */
export const tTails = (x: number, df: number): number => incompleteBeta(df / (df + x * x), df / 2, 0.5)

/** The x > 0 with `P(|T| > x) = alpha`, alpha in (0, 1). */
export const tCritical: (alpha: number, df: number) => number = remembered((alpha: number, df: number): number => {
  let x = jstat.studentt.inv(1 - alpha / 2, df)
  for (let step = 0; step < newtonSteps; step++) x += (tTails(x, df) - alpha) / (2 * jstat.studentt.pdf(x, df))
  return x
})

/**
 * `P(|T| > critical)` for the noncentral T: `mean over s of P(|Z + shift| > critical s)`, s = chi / sqrt(df), by
 * Simpson's rule. Source: Johnson, Kotz & Balakrishnan 1995, chapter 31. (jstat's own fails for shifts above 36.)
 */
export function noncentralTails(critical: number, df: number, shift: number): number {
  const intervals = df < 9 ? 2000 : 300 // more where the density of s does not begin smoothly at 0
  const reach = 9 / Math.sqrt(2 * df)
  const from = Math.max(0, 1 - reach)
  const width = 1 + reach - from
  const logScale = Math.log(2) + (df / 2) * Math.log(df / 2) - jstat.loggam(df / 2)
  const normal = (x: number): number => jstat.normal.cdf(x, 0, 1)
  let sum = 0
  for (let i = 1; i <= intervals; i++) {
    const s = from + (width * i) / intervals
    const density = Math.exp(logScale + (df - 1) * Math.log(s) - (df * s * s) / 2)
    const weight = i === intervals ? 1 : i % 2 === 1 ? 4 : 2
    sum += weight * density * (normal(shift - critical * s) + normal(-critical * s - shift))
  }
  return (sum * width) / (3 * intervals)
}

/** What makes a standardized difference with m >= 2 degrees of freedom unbiased: `gamma(m/2) / (sqrt(m/2) gamma((m-1)/2))`. Source: Hedges 1981. */
export const hedgesFactor = (m: number): number =>
  Math.exp(jstat.loggam(m / 2) - jstat.loggam((m - 1) / 2)) / Math.sqrt(m / 2)
