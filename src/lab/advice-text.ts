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

/** What was found at initialisation, which is no forecast of training, and the cheapest fix of what speaks against a wiring. */
export function adviceSentence(
  { wiring, objections, judgement }: Judged,
  fix: Judged | null,
  blocks: number,
): Bilingual {
  const json = JSON.stringify(wiring)
  const [subject, subjectZh] = json === '{}' ? ['the default wiring', '默认接线'] : [json, ` ${json} `]
  if (objections.length === 0)
    return {
      en: `Nothing at initialisation speaks against ${subject} at ${blocks} blocks; only training shows the rest.`,
      zh: `${blocks} 个块时，初始化没有对${subjectZh}不利的迹象；其余须训练才知道。`,
    }
  const [warm, warmZh] = judgement === 'undecided' ? [', and its warm-up may overcome it', '，预热或可克服'] : ['', '']
  const reasons = listed(objections.map(({ text }) => text))
  const failure: Bilingual = {
    en: `At ${blocks} blocks this speaks against ${subject}${warm}: ${reasons.en}.`,
    zh: `${blocks} 个块时对${subjectZh}不利的迹象${warmZh}：${reasons.zh}。`,
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
