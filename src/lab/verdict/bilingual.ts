/** The same statement in two languages; every figure stands in both. */
import { numberText } from '../document.ts'
import type { Band, BandKind } from '../statistics/band.ts'

export interface Bilingual {
  readonly en: string
  readonly zh: string
}

/** Sentences in a row. */
export const joined = (parts: readonly Bilingual[]): Bilingual => ({
  en: parts.map(({ en }) => en).join(' '),
  zh: parts.map(({ zh }) => zh).join(''),
})

const kinds: Readonly<Record<BandKind, Bilingual>> = {
  t: { en: 't-interval', zh: 't 区间' },
  'paired t': { en: 'paired t-interval', zh: '配对 t 区间' },
  'Clopper-Pearson': { en: 'Clopper-Pearson interval', zh: 'Clopper-Pearson 区间' },
  'exact difference of rates': { en: 'exact interval', zh: '精确区间' },
  'percentile bootstrap': { en: 'percentile bootstrap', zh: '百分位自助法' },
  range: { en: 'smallest to largest', zh: '最小到最大' },
}

/** A number with the decimals that a width of `width` makes meaningful: two digits of the width. */
function atWidth(value: number, width: number): string {
  if (!(width > 0)) return numberText(value, 4)
  const decimals = 1 - Math.floor(Math.log10(width))
  return decimals > 8 || decimals < 0 ? numberText(value, 4) : value.toFixed(decimals)
}

/** A share of 1 as a percentage, without needless digits. */
const share = (value: number): string => `${Number((100 * value).toPrecision(4))}%`

/** `0.12 [0.10, 0.14] (95% paired t-interval, n=5)`; with as many digits as tell its ends from `bound`. */
export function bandText({ estimate, low, high, n, confidence, kind }: Band, bound?: number): Bilingual {
  let width = (high - low) / 2
  while (width > 1e-8 && [low, high].some((end) => end !== bound && Number(atWidth(end, width)) === bound)) width /= 10
  const [middle, from, to] = [estimate, low, high].map((value) => atWidth(value, width))
  const figures = `${middle} [${from}, ${to}]`
  const how =
    kind === 'range'
      ? kinds[kind]
      : { en: `${share(confidence)} ${kinds[kind].en}`, zh: `${share(confidence)} ${kinds[kind].zh}` }
  return { en: `${figures} (${how.en}, n=${n})`, zh: `${figures}（${how.zh}，n=${n}）` }
}

/** A number in running text, to three digits. */
export const figure = (value: number): string => String(Number(value.toPrecision(3)))

/** Names in quotes. */
export const names = (arms: readonly string[]): Bilingual => {
  const quoted = arms.map((arm) => `'${arm}'`)
  const [last] = quoted.slice(-1)
  return {
    en: quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} and ${last}`,
    zh: quoted.join('、'),
  }
}
