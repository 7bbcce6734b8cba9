import { OptionError } from '../../errors.ts'

/** Text to learn from, as a sequence of documents. */
export interface TextSource {
  readonly name: string
  /** The documents, one at a time; every call gives the same ones in the same order. */
  documents(): Iterable<string>
}

/** What `text` and `prepareCorpus` take: a source, one document, or several. */
export type TextLike = TextSource | string | readonly string[]

/** Documents in memory. */
export function strings(documents: readonly string[], name = 'strings'): TextSource {
  return { name, documents: () => documents }
}

/** The documents of several sources, one source after another. */
export function joined(sources: readonly TextSource[]): TextSource {
  return {
    name: sources.map(({ name }) => name).join('+'),
    *documents() {
      for (const source of sources) yield* source.documents()
    },
  }
}

/** A string is the text itself, an array of strings one document each. */
export function sourceOf(text: TextLike): TextSource {
  if (typeof text === 'string') return strings([text])
  if (typeof (text as unknown) !== 'object')
    throw new OptionError(`text: expected a source, a string or an array of strings, got ${typeof text}`)
  return 'documents' in text ? text : strings(text)
}
