/** How `residua advise` shows a recommendation. */
import { changeText } from '../lab/advice-text.ts'
import type { Language } from '../lab/claims/claim.ts'
import { numberText } from '../lab/document.ts'
import type { Recommendation, Weighed } from '../lab/recommendation.ts'
import { expectationText, recommendationText, storedText } from '../lab/recommendation-text.ts'
import type { StoredStudies } from '../lab/stored-runs.ts'
import type { Bilingual } from '../lab/verdict/bilingual.ts'
import { kinds, measuredNet, type NetWanted } from './advise-kinds.ts'
import { growthNames } from './forecast-words.ts'
import { table } from './output.ts'

const words = {
  en: {
    head: ['setting', 'v_L', 'v_l grows', 'gradient ratio', 'token cosine', 'through skips', 'stored runs', 'expected'],
    wiring: 'Wirings',
    note: 'Note',
    unchecked: 'Not checked',
    check: 'Check it with',
    milder: 'At a usual learning rate',
    colon: ': ',
    and: '; ',
    stop: '.',
  },
  zh: {
    head: ['设置', 'v_L', 'v_l 增长', '梯度比', '词元余弦', '仅经残差', '已存运行', '预计'],
    wiring: '接线',
    note: '注意',
    unchecked: '未检查',
    check: '用此命令检查',
    milder: '用通常的学习率',
    colon: '：',
    and: '；',
    stop: '。',
  },
} as const

/** What was taken as given. */
function subject(net: NetWanted, lang: Language): string {
  const { kind, blocks, width, heads, length, batchSize, learningRate, warmupSteps } = net
  const inside = heads === null ? [] : [lang === 'en' ? `${heads} heads` : `${heads} 个头`]
  const tokens = length === null ? [] : [lang === 'en' ? `${length} tokens` : `${length} 个词元`]
  return lang === 'en'
    ? [
        `${kind}: ${blocks} blocks of width ${width}`,
        ...[...inside, ...tokens, `batch ${batchSize}`, `learning rate ${learningRate}`, `warm-up ${warmupSteps}`],
      ].join(', ')
    : [
        `${kind}：${blocks} 个块，宽度 ${width}`,
        ...[...inside, ...tokens, `批量 ${batchSize}`, `学习率 ${learningRate}`, `预热 ${warmupSteps} 步`],
      ].join('，')
}

/** What the stored studies say, or that there are none. */
function studiesText({ studies, runs, leftOut }: StoredStudies, folder: string, { kind }: NetWanted): Bilingual {
  const same = runs.filter((run) => run.kind === kind).reduce((sum, run) => sum + run.runs, 0)
  const bad = leftOut.length === 0 ? '' : ` ${leftOut.map((reason) => `Left out: ${reason}.`).join(' ')}`
  if (studies === 0) return { en: `No stored studies in ${folder}.${bad}`, zh: `${folder} 中没有已存的研究。${bad}` }
  return {
    en: `${studies} stored ${studies === 1 ? 'study' : 'studies'} in ${folder}, with ${same} runs of this kind.${bad}`,
    zh: `${folder} 中有 ${studies} 项已存的研究，其中此类网络的运行 ${same} 次。${bad}`,
  }
}

/** What nothing of this has looked at. */
function unchecked(net: NetWanted, { asked, candidates, choice }: Recommendation): Bilingual[] {
  const measured = measuredNet(net)
  const { stack, differs } = kinds[net.kind]
  const tokens = stack(measured).input[1]!
  const smaller = measured.width < net.width || (net.length !== null && tokens < net.length)
  const ran = choice === null ? [asked, ...candidates].some(({ checked }) => checked) : choice.checked
  const [it, itZh] = choice === null || choice === asked ? ['it', '是否'] : ['the advised setting', '所建议的设置是否']
  return [
    ...(ran
      ? [{ en: 'more than one seed and a short training', zh: '多于一个种子、长于短训练的情形' }]
      : [
          {
            en: `that ${it} trains: the figures are of initialisation, on Gaussian input of second moment 1`,
            zh: `${itZh}真能训练：数字只是初始化时、二阶矩为 1 的高斯输入下的`,
          },
        ]),
    {
      en: `whether ${net.learningRate} is a good learning rate, and your data`,
      zh: `学习率 ${net.learningRate} 是否合适，以及你的数据`,
    },
    ...(smaller
      ? [
          {
            en: `your full size: measured at width ${measured.width}${net.length === null ? '' : ` and ${tokens} tokens`}`,
            zh: `完整尺寸：测量时宽度为 ${measured.width}${net.length === null ? '' : `、词元 ${tokens} 个`}`,
          },
        ]
      : []),
    ...(differs === null ? [] : [differs]),
  ]
}

/** A recommendation with everything that is printed beside it. */
export interface AdviceGiven {
  readonly net: NetWanted
  readonly recommendation: Recommendation
  readonly studies: StoredStudies
  readonly studiesFolder: string
  /** The command that checks the choice; null where there is no choice. */
  readonly command: string | null
  /** The command that trains at a usual learning rate; null where that asked for is not doubted. */
  readonly milder: string | null
}

/** The whole text. */
export function adviceText(
  { net, recommendation, studies, studiesFolder, command, milder }: AdviceGiven,
  lang: Language,
): string {
  const text = words[lang]
  const { asked, candidates, warnings } = recommendation
  const rows = [asked, ...candidates]
  const cell = (value: number): string => numberText(value, 3)
  const row = (setting: Weighed): string[] => [
    changeText(setting.change)[lang],
    cell(setting.scan.profile.stream.at(-1)!),
    setting.growth === null ? '-' : growthNames[lang][setting.growth.name],
    cell(setting.scan.profile.gradient[0]!),
    cell(setting.scan.profile.correlation.at(-1)!),
    cell(setting.skipGain),
    storedText(setting),
    expectationText(setting)[lang],
  ]
  const wirings = rows
    .filter(({ warmup }) => !warmup)
    .map(({ change, wiring }) => [`  ${changeText(change)[lang]}`, JSON.stringify(wiring)])
  const { colon, and, stop } = text
  const missing = unchecked(net, recommendation).map((item) => item[lang])
  return [
    subject(net, lang),
    studiesText(studies, studiesFolder, net)[lang],
    '',
    table([text.head, ...rows.map(row)]),
    '',
    `${text.wiring}${colon.trim()}\n${table(wirings)}`,
    '',
    recommendationText(recommendation, net)[lang],
    ...warnings.map((warning) => `${text.note}${colon}${warning[lang]}${stop}`),
    `${text.unchecked}${colon}${missing.join(and)}${stop}`,
    ...(command === null ? [] : [`${text.check}${colon.trim()}\n  ${command}`]),
    ...(milder === null ? [] : [`${text.milder}${colon.trim()}\n  ${milder}`]),
  ].join('\n')
}
