/** What `residua advise` asks on a terminal. */
import { createInterface } from 'node:readline/promises'
import { messageOf, OptionError } from '../errors.ts'

/** A question with the value that an empty answer means. */
export interface Question {
  /** The name of the value among the flags. */
  readonly name: string
  readonly text: string
  readonly preset: string
  /** Reads an answer. Throws an Error that says what was expected. */
  readonly read: (answer: string) => unknown
}

/** Asks until an answer can be read. */
async function askOne(
  question: Question,
  ask: (prompt: string) => Promise<string>,
  say: (text: string) => void,
): Promise<unknown> {
  for (;;) {
    const answer = (await ask(`${question.text} [${question.preset}]: `)).trim()
    try {
      return question.read(answer === '' ? question.preset : answer)
    } catch (error) {
      say(`${messageOf(error)}\n`)
    }
  }
}

/**
 * Asks one question after the other, each of which may depend on what was answered before; null for one that is not
 * needed. Throws OptionError where the input ends.
 */
export async function askAll(
  questions: readonly ((answers: Readonly<Record<string, unknown>>) => Question | null)[],
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Promise<Record<string, unknown>> {
  const lines = createInterface({ input, output })
  const ended = new AbortController()
  lines.once('close', () => ended.abort())
  const answers: Record<string, unknown> = {}
  try {
    for (const next of questions) {
      const question = next(answers)
      if (question === null) continue
      const ask = (prompt: string): Promise<string> => lines.question(prompt, { signal: ended.signal })
      answers[question.name] = await askOne(question, ask, (text) => void output.write(text))
    }
    return answers
  } catch (error) {
    if (ended.signal.aborted)
      throw new OptionError('advise: the answers ended too soon; give flags instead, such as --kind mlp --depth 48')
    throw error
  } finally {
    lines.close()
  }
}
