import { expect, test } from 'vitest'
import { seat } from '../nn/wiring/wire.ts'
import { partsOf } from '../nn/wiring/wiring.ts'
import { alone, Respondent } from './branch-response.ts'
import { responsesOf } from './branch-responses.ts'
import { stackOf } from './stack.ts'

const stack = stackOf({ kind: 'transformer', depth: 1, width: 32, tokens: 8 })
const { seated, parts } = seat(stack.blocks, partsOf({ placement: 'out', qkNorm: false }))

test.each([0.03, 1.35, 4.2, 13])(
  'between the points of its grid the response of attention is within 5%: moment %d',
  async (moment) => {
    const draws = 32
    const responses = await responsesOf(seated.slice(0, 1), parts, stack, draws, 0)
    const respondent = await Respondent.open(alone(seated[0]!, parts, stack), stack, draws, 0)
    const [between, measured] = [
      await responses.of(0).to({ moment, common: moment / 3 }),
      await respondent.at(moment, 1 / 3),
    ]
    for (const which of ['output', 'independent', 'same'] as const) {
      const ratio = between[which].moment / measured[which].moment
      expect(Math.abs(Math.log(ratio))).toBeLessThan(0.05)
    }
    await responses.close()
    await respondent.close()
  },
)
