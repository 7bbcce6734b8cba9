import { DataError } from '../errors.ts'
import { numberText } from './document.ts'
import type { DepthProfile } from './profile.ts'
import type { StackProfile } from './stack-profile.ts'
import type { Bilingual } from './verdict/bilingual.ts'

/** What is forecast and measured alike: by seat, index 0 being what enters. */
export type Carried = Pick<StackProfile, 'stream' | 'gradient'>

/** How one quantity compares with its forecast. */
export interface QuantityScore {
  /** `ln(measured / forecast)` by seat: 0 exact, infinite where one of the two is infinite or zero alone. */
  readonly logErrors: readonly number[]
  /** `exp` of the root of their mean square, without the seat that is the same by definition: 1 exact. */
  readonly factor: number
  /** The seat with the largest error. */
  readonly worst: { readonly seat: number; readonly forecast: number; readonly measured: number }
}

/** How good a forecast was. */
export type Grade = 'right' | 'close' | 'order' | 'wrong'

export interface ForecastScore {
  readonly stream: QuantityScore
  readonly gradient: QuantityScore
  /** By the worse of the two factors: right up to 1.1, close up to 1.5, right in order up to 3, else wrong. */
  readonly grade: Grade
  readonly sentence: Bilingual
}

/** The largest factor of each grade. */
const grades: readonly (readonly [Grade, number])[] = [
  ['right', 1.1],
  ['close', 1.5],
  ['order', 3],
  ['wrong', Infinity],
]

/** A recorded profile in the terms of a forecast: second moments, and gradients relative to the last. */
export function carriedOf({ rms, gradientNorm }: DepthProfile): Carried {
  const last = gradientNorm.at(-1)!
  return { stream: rms.map((value) => value ** 2), gradient: gradientNorm.map((norm) => norm / last) }
}

/** Both zero, or both infinite, agree. */
const logError = (forecast: number, measured: number): number =>
  forecast === measured ? 0 : Math.log(measured / forecast)

/** `given` is the seat whose value is not forecast: the input's moment, or the gradient at the end, which is 1. */
function scoreOf(name: string, forecast: readonly number[], measured: readonly number[], given: number): QuantityScore {
  if (forecast.length !== measured.length || forecast.length < 2)
    throw new DataError(
      `scoreForecast: expected as many seats in both, at least one, got ${forecast.length - 1} forecast and ${measured.length - 1} measured of the ${name}. A recorded profile has one per block: forecast blocks of one branch`,
    )
  const wrong = [...forecast, ...measured].find((value) => !(value >= 0))
  if (wrong !== undefined) throw new DataError(`scoreForecast: expected a ${name} of at least 0, got ${wrong}`)
  const logErrors = forecast.map((value, i) => logError(value, measured[i]!))
  const at = given < 0 ? logErrors.length + given : given
  const counted = logErrors.filter((_, i) => i !== at)
  const squares = counted.reduce((total, error) => total + error ** 2, 0)
  const seat = logErrors.reduce((most, error, i) => (Math.abs(error) > Math.abs(logErrors[most]!) ? i : most), 0)
  return {
    logErrors,
    factor: Math.exp(Math.sqrt(squares / counted.length)),
    worst: { seat, forecast: forecast[seat]!, measured: measured[seat]! },
  }
}

const verdicts: Readonly<Record<Grade, Bilingual>> = {
  right: { en: 'The forecast was right', zh: '预测准确' },
  close: { en: 'The forecast was close', zh: '预测接近' },
  order: { en: 'The forecast was right in order of magnitude only', zh: '预测仅数量级正确' },
  wrong: { en: 'The forecast was wrong', zh: '预测错误' },
}

function sentenceOf(grade: Grade, stream: QuantityScore, gradient: QuantityScore): Bilingual {
  const factor = (score: QuantityScore): string => `x${numberText(score.factor, 3)}`
  const worse = stream.factor >= gradient.factor ? stream : gradient
  const [of, ofZh] = worse === stream ? ['stream', '残差流'] : ['gradient', '梯度']
  const { seat, ...values } = worse.worst
  const [expected, got] = [numberText(values.forecast, 3), numberText(values.measured, 3)]
  return {
    en: `${verdicts[grade].en}: it misses the stream by ${factor(stream)} and the gradient by ${factor(gradient)} (root mean square over depth); furthest off is the ${of} at seat ${seat}, forecast ${expected}, measured ${got}.`,
    zh: `${verdicts[grade].zh}：残差流偏差 ${factor(stream)}，梯度偏差 ${factor(gradient)}（沿深度的均方根）；偏差最大处是第 ${seat} 个位置的${ofZh}：预测 ${expected}，实测 ${got}。`,
  }
}

/**
 * Holds a forecast against what happened, a scan's profile or a recorded one, by `ln(measured / forecast)` at every seat:
 * a factor too high counts as much as the same factor too low. Forecast recorded runs with `moment` their first `rms ** 2`.
 *
 * Throws DataError for profiles of different length, and values below 0 or not a number.
 */
export function scoreForecast(forecast: Carried, measured: Carried): ForecastScore {
  const stream = scoreOf('stream', forecast.stream, measured.stream, 0)
  const gradient = scoreOf('gradient', forecast.gradient, measured.gradient, -1)
  const most = Math.max(stream.factor, gradient.factor)
  const [grade] = grades.find(([, limit]) => most <= limit)!
  return { stream, gradient, grade, sentence: sentenceOf(grade, stream, gradient) }
}
