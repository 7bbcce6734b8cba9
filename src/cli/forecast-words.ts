import type { Language } from '../lab/claims/claim.ts'
import { numberText } from '../lab/document.ts'
import type { GrowthLaw } from '../lab/growth.ts'

/** What `residua forecast` says. */
interface Words {
  readonly forecast: string
  readonly measured: string
  stack(blocks: number, sublayers: number | undefined): string
  noForecast(reason: string): string
  growth(who: string, law: GrowthLaw | null): string
  skipGain(gain: string): string
  readonly unscanned: string
  against(objections: readonly string[]): string
}

/** `1.01 + 0.5 l`. */
function formula({ name, a, b }: GrowthLaw): string {
  const [start, rate] = [numberText(a, 3), numberText(Math.abs(b), 3)]
  const sum = (basis: string): string => `${start} ${b < 0 ? '-' : '+'} ${rate} ${basis}`
  if (name === 'flat') return start
  if (name === 'exponential') return `${start} · ${numberText(b, 3)}^l`
  return sum(name === 'linear' ? 'l' : 'ln(1 + l)')
}

const lawIn =
  (names: Readonly<Record<GrowthLaw['name'], string>>, comma: string, none: string) =>
  (law: GrowthLaw | null): string =>
    law === null ? none : `${names[law.name]}${comma}${formula(law)}`

export const growthNames: Readonly<Record<Language, Readonly<Record<GrowthLaw['name'], string>>>> = {
  en: { flat: 'flat', logarithmic: 'logarithmic', linear: 'linear', exponential: 'exponential' },
  zh: { flat: '平坦', logarithmic: '对数', linear: '线性', exponential: '指数' },
}

const english = lawIn(growthNames.en, ', ', 'fewer than five finite points, no law')
const chinese = lawIn(growthNames.zh, '，', '有限的点不足五个，无法拟合')

export const forecastWords: Readonly<Record<Language, Words>> = {
  en: {
    forecast: 'forecast',
    measured: 'measured',
    stack: (blocks, sublayers) =>
      `${blocks} ${blocks === 1 ? 'block' : 'blocks'}${sublayers === undefined ? '' : `, ${sublayers} ${sublayers === 1 ? 'sublayer' : 'sublayers'}`}`,
    noForecast: (reason) => `No forecast: ${reason}.`,
    growth: (who, law) => `v_l grows, ${who}: ${english(law)}.`,
    skipGain: (gain) => `Through the skips alone the gradient at the input is x${gain} of that at the end.`,
    unscanned: 'What speaks against it is read off a scan: leave out --no-scan.',
    against: (objections) =>
      objections.length === 0
        ? 'Nothing at initialisation speaks against it.'
        : `Against it at initialisation: ${objections.join('; ')}.`,
  },
  zh: {
    forecast: '预测',
    measured: '实测',
    stack: (blocks, sublayers) => `${blocks} 个块${sublayers === undefined ? '' : `，${sublayers} 个子层`}`,
    noForecast: (reason) => `没有预测：${reason}。`,
    growth: (who, law) => `v_l 的增长（${who}）：${chinese(law)}。`,
    skipGain: (gain) => `仅经残差连接，输入处的梯度是末端的 ${gain} 倍。`,
    unscanned: '是否有不利因素须看实测：去掉 --no-scan。',
    against: (objections) =>
      objections.length === 0 ? '初始化时没有不利于训练的迹象。' : `初始化时的不利因素：${objections.join('；')}。`,
  },
}
