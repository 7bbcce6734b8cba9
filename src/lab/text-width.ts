/** Columns that a text takes where letters take one: Chinese characters and full-width signs take two. */
export const columnsOf = (text: string): number =>
  text.length + (text.match(/[\p{Script=Han}\u3000-\u303f\uff00-\uff60]/gu)?.length ?? 0)
