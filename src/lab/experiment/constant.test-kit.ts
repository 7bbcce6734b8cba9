import { type Experiment, experiment } from './experiment.ts'

/** An experiment of the number E8 in another file than the stored record is of: about one number per trial. */
export const constant: Experiment = experiment({
  id: 'E8',
  file: import.meta.url,
  minutes: { full: 1, short: 1 },
  arms: { layer: { level: 2 } },
  full: { seeds: 3 },
  short: { seeds: 3 },
  measure: ({ level }, { seed }) => ({ drop: level + 0.1 * seed }),
  statements: {
    drops: {
      says: { en: 'It drops.', zh: '它会下降。' },
      rule: { kind: 'threshold', arm: 'layer', metric: 'drop', is: 'above', bound: 1 },
      claims: { 37: 'informs' },
    },
  },
})

/** Stands for `experimentWith`: there is this experiment alone. */
export const onlyConstant = (id: string): Promise<Experiment | null> => Promise.resolve(id === 'E8' ? constant : null)
