import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DataError } from '../errors.ts'
import { brown, untagged } from './brown.ts'

test('500 documents of readable text', () => {
  const documents = [...brown().documents()]
  expect(documents).toHaveLength(500)
  expect(documents[0]!.slice(0, 600)).toMatchInlineSnapshot(`
    "The Fulton County Grand Jury said Friday an investigation of Atlanta's recent primary election produced "no evidence" that any irregularities took place.

    The jury further said in term-end presentments that the City Executive Committee, which had over-all charge of the election, "deserves the praise and thanks of the City of Atlanta" for the manner in which the election was conducted.

    The September-October term jury had been charged by Fulton Superior Court Judge Durwood Pye to investigate reports of possible "irregularities" in the hard-fought primary which was won by Mayor-nominate Ivan All"
  `)
  const all = documents.join('\n\n')
  expect(all.split(/\s+/).length).toBeGreaterThan(980_000)
  expect(/``|''|\/(nn|vb|jj)\b| [,;.?!)]|\( |  /.exec(all)).toBeNull()
})

test.each([
  ["The/at jury/nn said/vbd ,/, ``/`` No/rb ''/'' ./.", 'The jury said, "No".'],
  ['Why/wrb ?/. ?/.\nAh/uh !/. !/. he/pps ;/. ;/. so/rb', 'Why? Ah! he; so'],
  ['Allen/np Jr./np ./.', 'Allen Jr.'],
  ["long/jj 1/8''/nn ''/'' ./.", 'long 1/8".'],
  ['had/hvd had/hvn', 'had had'],
  ['a/at (/( b/nn )/) --/-- c/nn', 'a (b) -- c'],
  ["say/vb ,/, '/' Do/do '/' ./.", "say, 'Do'."],
  ['1-1/2/cd //in and/or/cc', '1-1/2 / and/or'],
  ['\n\n\tA/at b/nn ./.\nC/np ./.\n\n\n\tD/np\n', 'A b. C.\n\nD'],
  ['', ''],
])('%j', (tagged, text) => expect(untagged(tagged, 'ca01')).toBe(text))

test('files that are no tagged text, and folders without any', () => {
  expect(() => untagged('The/at jury', 'ca01')).toThrow(
    new DataError('ca01: expected words with their tags such as jury/nn, got "jury"'),
  )
  const folder = mkdtempSync(join(tmpdir(), 'residua-brown-'))
  expect(() => brown({ folder })).toThrow('expected the files of the Brown corpus')
  writeFileSync(join(folder, 'cb07'), 'Yes/rb ./.')
  expect([...brown({ folder }).documents()]).toEqual(['Yes.'])
  rmSync(folder, { recursive: true })
  expect(() => brown({ folder })).toThrow('cannot read (ENOENT)')
})
