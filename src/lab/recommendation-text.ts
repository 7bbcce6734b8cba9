/** What a recommendation says, in two languages. */
import { changeText, listed } from './advice-text.ts'
import { numberText } from './document.ts'
import type { Recommendation, Wanted, Weighed } from './recommendation.ts'
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
  if (expected === 'trains') return { en: 'should train', zh: '应可训练' }
  const { en, zh } = listed(
    objections.map(({ short }) => short),
    [', ', '、'],
  )
  if (expected === 'open') return { en: `only training can tell: ${en}`, zh: `只有训练才能判断：${zh}` }
  return { en, zh }
}

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
    const studies = [...new Set(stored.map(({ study }) => study))].join(', ')
    return { en: `its runs in ${studies} failed`, zh: `${studies} 中的运行失败了` }
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
    const studies = [...new Set(stored.map(({ study }) => study))].join(', ')
    return { en: `all its runs nearby in ${studies} trained`, zh: `${studies} 中邻近设置的运行都训练成功` }
  }
  const [ratio, gain] = [numberText(scan.profile.gradient[0]!, 2), numberText(skipGain, 2)]
  const stream = numberText(scan.profile.stream.at(-1)!, 2)
  return {
    en: `at initialisation the stream ends at ${stream}, the gradient at the input is x${ratio} of that at the end, and x${gain} through the skips alone`,
    zh: `初始化时残差流末端为 ${stream}，输入处的梯度是末端的 x${ratio}，仅经残差连接为 x${gain}`,
  }
}

const json = ({ wiring }: Weighed): string => JSON.stringify(wiring)

/** The advice in a few sentences: whether to keep the wiring, why, and what to take instead. */
export function recommendationText({ asked, choice, shallow }: Recommendation, { blocks }: Wanted): Bilingual {
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
      en: `Keep it as it is; it should train: ${grounds(asked).en}.`,
      zh: `保留原设置，应可训练：${grounds(asked).zh}。`,
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
