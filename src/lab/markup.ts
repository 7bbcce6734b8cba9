/** Text that is already markup; whatever is not of this class is escaped on its way into a document. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text for XML and HTML, in content and in attributes; characters that XML forbids become U+FFFD. */
export const escape = (text: string): string =>
  text
    .replace(/[^\P{Cc}\t\n\r]|[\p{Cs}\ufffe\uffff]/gu, '\ufffd')
    .replace(/[&<>"']/g, (character) => entities[character] ?? character)

/** Pictures need no more than hundredths of a pixel. */
const attributeText = (value: string | number): string =>
  typeof value === 'string' ? escape(value) : String(Math.round(value * 100) / 100)

/** An element; attributes that are undefined are left out, and without children it closes itself. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  ...children: readonly (Markup | string)[]
): Markup {
  const given = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${attributeText(value)}"`],
  )
  const open = `<${name}${given.join('')}`
  if (children.length === 0) return new Markup(`${open}/>`)
  const content = children.map((child) => (child instanceof Markup ? child.text : escape(child)))
  return new Markup(`${open}>${content.join('')}</${name}>`)
}
