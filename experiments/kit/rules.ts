import type * as lab from 'residua/lab'

const threshold =
  (is: 'above' | 'below') =>
  (arm: string, metric: string, bound: number, large?: number): lab.Rule => ({
    ...{ kind: 'threshold', arm, metric, is, bound },
    ...(large === undefined ? {} : { large }),
  })

/** The metric of an arm lies above a bound. */
export const above: ReturnType<typeof threshold> = threshold('above')

/** The metric of an arm lies below a bound. */
export const below: ReturnType<typeof threshold> = threshold('below')

const difference =
  (better: 'lower' | 'higher') =>
  (first: string, second: string, metric: string, smallest: number, large?: number): lab.Rule => ({
    ...{ kind: 'difference', arms: [first, second], metric, better, smallest },
    ...(large === undefined ? {} : { large }),
  })

/** The metric is lower in the first arm, by what matters. */
export const lower: ReturnType<typeof difference> = difference('lower')

/** The metric is higher in the first arm, by what matters. */
export const higher: ReturnType<typeof difference> = difference('higher')
