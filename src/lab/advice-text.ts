/** What advice on a wiring says, in two languages. */
import type { Judged } from './advice.ts'
import { type Bilingual, joined } from './verdict/bilingual.ts'

const changes: Readonly<Record<string, string>> = {
  'as asked': '原设置',
  'a final norm': '加最终归一化',
  'branches times 1/sqrt(n)': '分支乘以 1/sqrt(n)',
  'a final norm and branches times 1/sqrt(n)': '加最终归一化且分支乘以 1/sqrt(n)',
  'pre-norm': '前置归一化',
  'norms on queries and keys': '对查询和键归一化',
  'a warm-up': '学习率预热',
  DeepNorm: 'DeepNorm',
}

/** The name of a change. */
export const changeText = (change: string): Bilingual => ({ en: change, zh: changes[change] ?? change })

/** Texts in a row, with something between. */
export const listed = (
  texts: readonly Bilingual[],
  [en, zh]: readonly [en: string, zh: string] = ['; ', '；'],
): Bilingual => ({
  en: texts.map((text) => text.en).join(en),
  zh: texts.map((text) => text.zh).join(zh),
})

/** Whether a wiring will train, why not, and the cheapest fix. */
export function adviceSentence(
  { wiring, objections, judgement }: Judged,
  fix: Judged | null,
  blocks: number,
): Bilingual {
  const json = JSON.stringify(wiring)
  const [subject, subjectZh] = json === '{}' ? ['The default wiring', '默认接线'] : [json, `${json} `]
  if (objections.length === 0)
    return {
      en: `${subject} at ${blocks} blocks should train: nothing at initialisation speaks against it.`,
      zh: `${subjectZh}在 ${blocks} 个块时应可训练：初始化时没有不利迹象。`,
    }
  const [verdict, verdictZh] =
    judgement === 'undecided'
      ? ['may not train in spite of its warm-up', '即使有预热也可能无法训练']
      : ['will not train', '无法训练']
  const reasons = listed(objections.map(({ text }) => text))
  const failure: Bilingual = {
    en: `${subject} at ${blocks} blocks ${verdict}: ${reasons.en}.`,
    zh: `${subjectZh}在 ${blocks} 个块时${verdictZh}：${reasons.zh}。`,
  }
  const cure: Bilingual = fix
    ? {
        en: `The cheapest fix is ${fix.change}: ${JSON.stringify(fix.wiring)}.`,
        zh: `最便宜的改法是${changeText(fix.change).zh}：${JSON.stringify(fix.wiring)}。`,
      }
    : {
        en: 'None of the known fixes cures it at this depth and width; use fewer blocks.',
        zh: '已知的改法在此深度和宽度下都无效；请减少块数。',
      }
  return joined([failure, cure])
}
