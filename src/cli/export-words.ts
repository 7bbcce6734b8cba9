import type { Language } from '../lab/claims/claim.ts'
import type { Checked } from './check-onnx.ts'
import { figure } from './output.ts'

/** What `residua export` says. */
interface Words {
  model(bytes: number, parameters: number, step: number): string
  checked(result: Checked): string
  table(rows: number, columns: number): string
  missing(cells: number): string
}

export const exportWords: Readonly<Record<Language, Words>> = {
  en: {
    model: (bytes, parameters, step) => `${bytes} bytes, ${parameters} parameters, step ${step}`,
    checked: ({ batchSizes, promptTokens, largestDifference }) => {
      const tried =
        promptTokens === undefined ? `batches of ${batchSizes.join(' and ')}` : `a prompt of ${promptTokens} tokens`
      return `checked in a session of its own with ${tried}: at most ${figure(largestDifference)} away from predict`
    },
    table: (rows, columns) => `${rows} rows, ${columns} columns`,
    missing: (cells) => `not there yet: ${cells} cells of the study`,
  },
  zh: {
    model: (bytes, parameters, step) => `${bytes} 字节，${parameters} 个参数，第 ${step} 步`,
    checked: ({ batchSizes, promptTokens, largestDifference }) => {
      const tried =
        promptTokens === undefined ? `大小为 ${batchSizes.join(' 和 ')} 的批` : ` ${promptTokens} 个词元的提示`
      return `已在单独的会话中用${tried}核对：与 predict 至多相差 ${figure(largestDifference)}`
    },
    table: (rows, columns) => `${rows} 行，${columns} 列`,
    missing: (cells) => `尚缺：研究的 ${cells} 个单元`,
  },
}
