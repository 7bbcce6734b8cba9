/** What a recommendation says, in two languages. */
import { changeText, listed } from './advice-text.ts'
import { numberText } from './document.ts'
import { rateDoubted, rates, type Recommendation, type Wanted, type Weighed } from './recommendation.ts'
import type { StoredRuns } from './stored-runs.ts'
import { type Bilingual, joined } from './verdict/bilingual.ts'

/** Runs that trained among the stored ones nearby; `-` for none. */
export const storedText = ({ stored }: Weighed): string => {
  const runs = stored.reduce((sum, run) => sum + run.runs, 0)
  return runs === 0 ? '-' : `${stored.reduce((sum, run) => sum + run.trained, 0)}/${runs}`
}

/** What is expected of a setting, and why. */
export function expectationText({ expected, by, objections, checked }: Weighed): Bilingual {
  if (checked) {
    const { outcome, loss, chance } = checked
    const [reached, level] = [loss === null ? '-' : numberText(loss, 3), numberText(chance, 3)]
    const outcomes = { trained: '训练成功', plateaued: '停在平台', diverged: '发散' }
    return {
      en: `${outcome}: loss ${reached}, chance ${level}`,
      zh: `${outcomes[outcome]}：损失 ${reached}，随机水平 ${level}`,
    }
  }
  if (by === 'studies')
    return expected === 'trains'
      ? { en: 'trained in stored studies', zh: '已有研究中训练成功' }
      : { en: 'failed in stored studies', zh: '已有研究中失败' }
  if (expected === 'trains') return { en: 'sound at initialisation', zh: '初始化时无不利迹象' }
  const { en, zh } = listed(
    objections.map(({ short }) => short),
    [', ', '、'],
  )
  if (expected === 'open') return { en: `only training can tell: ${en}`, zh: `只有训练才能判断：${zh}` }
  return { en, zh }
}

/** Tasks and folders of stored runs. */
const sources = (stored: readonly StoredRuns[]): Bilingual => ({
  en: [...new Set(stored.map(({ task, study }) => `${study} (task ${task})`))].join(', '),
  zh: [...new Set(stored.map(({ task, study }) => `${study}（任务 ${task}）`))].join('、'),
})

/** Why a setting is not expected to train. */
function reasons({ by, stored, objections, checked }: Weighed): Bilingual {
  if (checked) {
    const loss = checked.loss === null ? null : numberText(checked.loss, 3)
    const chance = numberText(checked.chance, 3)
    return loss === null
      ? { en: 'the short training diverged', zh: '短训练发散' }
      : {
          en: `after the short training its loss is ${loss}, chance is ${chance}`,
          zh: `短训练后损失为 ${loss}，随机水平为 ${chance}`,
        }
  }
  if (by === 'studies') {
    const { en, zh } = sources(stored)
    return { en: `its runs in ${en} failed`, zh: `${zh} 中的运行失败了` }
  }
  return listed(objections.map(({ text }) => text))
}

/** Why the choice is expected to train. */
function grounds({ by, stored, checked, scan, skipGain }: Weighed): Bilingual {
  if (checked) {
    const [loss, chance] = [numberText(checked.loss!, 3), numberText(checked.chance, 3)]
    return {
      en: `its short training reached a loss of ${loss}, chance is ${chance}`,
      zh: `短训练的损失降到 ${loss}，随机水平为 ${chance}`,
    }
  }
  if (by === 'studies') {
    const { en, zh } = sources(stored)
    return { en: `all its runs nearby in ${en} trained`, zh: `${zh} 中邻近设置的运行都训练成功` }
  }
  const [ratio, gain] = [numberText(scan.profile.gradient[0]!, 2), numberText(skipGain, 2)]
  const stream = numberText(scan.profile.stream.at(-1)!, 2)
  return {
    en: `at initialisation the stream ends at ${stream}, the gradient at the input is x${ratio} of that at the end, and x${gain} through the skips alone`,
    zh: `初始化时残差流末端为 ${stream}，输入处的梯度是末端的 x${ratio}，仅经残差连接为 x${gain}`,
  }
}

const json = ({ wiring }: Weighed): string => JSON.stringify(wiring)

/** Whether to keep the wiring, why, and what to take instead. */
function wiringText(recommendation: Recommendation, wanted: Wanted): Bilingual {
  const { asked, choice, shallow } = recommendation
  const { blocks, learningRate } = wanted
  const why = reasons(asked)
  if (shallow) {
    const seats = asked.scan.profile.stream.length - 1
    return {
      en: `At ${seats} sublayers the wiring hardly matters: nothing at initialisation speaks against this one, and residual paths and norms begin to show at about 8 blocks. Keep it, and tune the learning rate.`,
      zh: `只有 ${seats} 个子层时接线方式几乎无关紧要：初始化时没有不利迹象，残差与归一化的作用约从 8 个块起才显现。保留原设置，去调学习率。`,
    }
  }
  if (choice === asked)
    return {
      en: `${asked.by === 'scan' ? 'Keep the wiring, which is sound' : 'Keep it as it is; it should train'}: ${grounds(asked).en}.`,
      zh: `${asked.by === 'scan' ? '保留原接线，它没有不利迹象' : '保留原设置，应可训练'}：${grounds(asked).zh}。`,
    }
  if (asked.checked && asked.judgement === 'sound' && rateDoubted(recommendation, wanted))
    return {
      en: `At ${blocks} blocks and a learning rate of ${learningRate} it did not train: ${why.en}. Nothing at initialisation speaks against the wiring: lower the rate before you change it.`,
      zh: `${blocks} 个块、学习率 ${learningRate} 时未能训练：${why.zh}。初始化时接线没有不利迹象：请先降低学习率，再考虑改接线。`,
    }
  const keep: Bilingual =
    asked.expected === 'open'
      ? {
          en: `At ${blocks} blocks it may not train in spite of its warm-up: ${why.en}.`,
          zh: `${blocks} 个块时，即使有预热也可能无法训练：${why.zh}。`,
        }
      : {
          en: `Leave it: at ${blocks} blocks it will not train: ${why.en}.`,
          zh: `请放弃原设置：${blocks} 个块时无法训练：${why.zh}。`,
        }
  const cure: Bilingual = choice
    ? {
        en: `The cheapest setting expected to train is ${choice.change}, ${json(choice)}: ${grounds(choice).en}.`,
        zh: `预计可训练的最便宜设置是${changeText(choice.change).zh} ${json(choice)}：${grounds(choice).zh}。`,
      }
    : {
        en: 'None of the known fixes is expected to train at this depth and width; use fewer blocks.',
        zh: '已知的改法在此深度和宽度下都不能指望训练成功；请减少块数。',
      }
  return joined([keep, cure])
}

/** What is not known of the learning rate, and a warning of one above the usual. */
function rateText(recommendation: Recommendation, wanted: Wanted): Bilingual[] {
  const { choice } = recommendation
  const { learningRate } = wanted
  const unknown: Bilingual = {
    en: `Whether it bears a learning rate of ${learningRate} is not known from initialisation: check it.`,
    zh: `能否承受学习率 ${learningRate}，从初始化无法得知：请检查。`,
  }
  const high: Bilingual = {
    en: `Warning: a learning rate of ${learningRate} is above ${rates.highest}, the highest that the experiments of residua use with AdamW; try ${rates.first} first.`,
    zh: `警告：学习率 ${learningRate} 高于 ${rates.highest}，即 residua 的实验对 AdamW 所用的最高值；请先试 ${rates.first}。`,
  }
  return [...(choice?.by === 'scan' ? [unknown] : []), ...(rateDoubted(recommendation, wanted) ? [high] : [])]
}

/** The advice in a few sentences: whether to keep the wiring, why, what to take instead, and what of the learning rate. */
export const recommendationText = (recommendation: Recommendation, wanted: Wanted): Bilingual =>
  joined([wiringText(recommendation, wanted), ...rateText(recommendation, wanted)])
