import { expect, test } from 'vitest'
import { element, escape, Markup } from './markup.ts'

test('escapes what markup would read, and replaces what XML forbids', () => {
  expect(escape(`<a href="x">&'`)).toBe('&lt;a href=&quot;x&quot;&gt;&amp;&#39;')
  expect(escape('a\u0000b\u001bc\td\ud800e')).toBe('a\ufffdb\ufffdc\td\ufffde')
  expect(escape('残差 😀')).toBe('残差 😀')
})

test('children that are text are escaped, children that are markup are not', () => {
  const inner = element('b', { title: '"<' }, '<i>')
  expect(element('p', { class: undefined, x: 1 / 3 }, 'a & ', inner, new Markup('<br>')).text).toBe(
    '<p x="0.33">a &amp; <b title="&quot;&lt;">&lt;i&gt;</b><br></p>',
  )
  expect(element('rect', { width: 2 }).text).toBe('<rect width="2"/>')
  expect(element('td', {}, '').text).toBe('<td></td>')
})
