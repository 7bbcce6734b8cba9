/** Prose of a report or a figure: what stands between its tags, without style rules, code, commands and quoted names. */
const proseOf = (text: string): string =>
  text
    .replace(/<style>.*?<\/style>|<code>.*?<\/code>/gs, '\n')
    .replace(/<[^>]*>/g, '\n')
    .replace(/&#?\w+;/g, "'")
    .replace(/(?<!\w)'[^'\n]+'(?!\w)/g, '\n')
    .replace(/residua [a-z]+( run)?/g, '\n')

/** English of a text: `least` words or more in a row, without names that hold signs. */
export const englishIn = (text: string, least = 2): Set<string> => {
  const words = proseOf(text).match(/(?<![\p{L}\d_./'=-])[A-Za-z][a-z]+(?: [A-Za-z][a-z]*)*(?![\w./'=-])/gu) ?? []
  return new Set(words.filter((row) => row.split(' ').length >= least))
}

/** English that a text has in common with its Chinese version, but for what is part of one of `names`. */
export function untranslated(
  english: string,
  chinese: string,
  names: readonly string[] = [],
  least?: number,
): string[] {
  const left = englishIn(chinese, least)
  const shared = [...englishIn(english, least)].filter((words) => left.has(words))
  return shared.filter((words) => !names.some((name) => name.includes(words)))
}
