/** Columns that a text takes where letters take one: Chinese characters and full-width signs take two. */
export const columnsOf = (text: string): number =>
  text.length + (text.match(/[\p{Script=Han}\u3000-\u303f\uff00-\uff60]/gu)?.length ?? 0)

/** A text of at most so many columns: what is too long ends in an ellipsis. */
export function shortened(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text
  const letters = Array.from(text)
  while (letters.length > 0 && columnsOf(letters.join('')) > columns - 1) letters.pop()
  return `${letters.join('').trimEnd()}…`
}
