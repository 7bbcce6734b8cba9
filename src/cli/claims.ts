import { Command, Option } from 'commander'
import { writeAtomic } from '../files/atomic.ts'
import { book } from '../lab/claims/book.ts'
import { type Claim, type Language } from '../lab/claims/claim.ts'
import { claims } from '../lab/claims/claims.ts'
import { claimOf } from '../lab/claims/look-up.ts'
import { words } from '../lab/claims/words.ts'
import { count, jsonFlag } from './options.ts'
import { pairs, print, printJson, table } from './output.ts'

interface Flags {
  readonly lang: Language
  readonly out?: string
  readonly json?: true
}

const examples = `
Examples:
  residua claims
  residua claims 9
  residua claims --lang zh
  residua claims --out claims.md`

/** `residua claims`: what the article says, and what is right. */
export function claimsCommand(): Command {
  return new Command('claims')
    .description("the article's 74 statements: what each says, what is right, which experiments test it")
    .argument('[claim]', 'the number of one of them', count(1, claims.length))
    .addOption(new Option('--lang <language>', 'of the text').choices(['en', 'zh']).default('en'))
    .option('--out <file>', 'write the whole book there, as Markdown')
    .addOption(jsonFlag('the claims'))
    .addHelpText('after', examples)
    .action(show)
}

function row({ id, assessment, experiments, statement }: Claim, lang: Language): string[] {
  return [String(id), words[lang].assessments[assessment], experiments.join(' ') || '-', statement[lang]]
}

function show(id: number | undefined, { lang, out, json }: Flags): void {
  const say = words[lang]
  if (out !== undefined) {
    writeAtomic(out, book(lang))
    print(out)
    return
  }
  if (json) {
    printJson(id === undefined ? claims : claimOf(id))
    return
  }
  if (id === undefined) {
    print(table(claims.map((claim) => row(claim, lang))))
    return
  }
  const { statement, where, assessment, correct, experiments } = claimOf(id)
  print(`${id}. ${statement[lang]}\n`)
  print(
    pairs({
      [say.where]: where.map((place) => say.place(place)).join(say.semicolon),
      [say.assessment]: say.assessments[assessment],
      [say.correct]: correct[lang],
      [say.experiments]: experiments.join(say.comma) || say.none,
    }),
  )
}
