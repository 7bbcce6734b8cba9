import { Argument, Command } from 'commander'
import { strictObject, toJSONSchema } from 'zod'
import type { Language } from '../lab/claims/claim.ts'
import { inits, norms, placements, skips } from '../nn/wiring/tables.ts'
import { nameOf, type Variant } from '../nn/wiring/variant.ts'
import { resolveWiring } from '../nn/wiring/wiring.ts'
import { jsonFlag, langFlag } from './options.ts'
import { print, printJson, table } from './output.ts'
import { wiringsWords } from './wirings-words.ts'

interface Flags {
  readonly lang: Language
  readonly json?: true
}

const axes = { skip: skips, norm: norms, placement: placements, init: inits } as const satisfies Readonly<
  Record<string, Readonly<Record<string, Variant<unknown>>>>
>

type AxisName = keyof typeof axes
const axisNames = Object.keys(axes) as AxisName[]

const examples = `
A wiring is a JSON object; everything may be left out. A choice is a name, or an object with the name and its options:
  {"skip":"reZero","norm":"none"}
  {"skip":{"name":"highway","bias":-3},"norm":"rms","placement":"post"}

Examples:
  residua wirings
  residua wirings skip
  residua wirings --lang zh
  residua wirings --json`

/** `residua wirings`: the names that a wiring may hold, with their options and defaults. */
export function wiringsCommand(): Command {
  return new Command('wirings')
    .description('list what a wiring may hold: skips, norms, placements, initialisations and their options')
    .addArgument(new Argument('[axis]', 'one of them alone').choices(axisNames))
    .addOption(langFlag())
    .addOption(jsonFlag('names and options'))
    .addHelpText('after', examples)
    .action(list)
}

/** What the schema of an option says. */
interface OptionSchema {
  readonly default: unknown
  readonly type: string | readonly string[]
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
  readonly exclusiveMaximum?: number
}

/** A choice of an axis, as `--json` prints it. */
interface Row {
  readonly axis: AxisName
  readonly name: string
  readonly default: boolean
  /** The one placement that it goes with. */
  readonly placement?: string
  /** JSON schemas. */
  readonly options: Readonly<Record<string, OptionSchema>>
}

function rowsOf(axis: AxisName): Row[] {
  const preset = nameOf(resolveWiring({})[axis])
  return Object.entries<Variant<unknown>>(axes[axis]).map(([name, { options, placement }]) => ({
    axis,
    name,
    default: name === preset,
    ...(placement === undefined ? {} : { placement }),
    options: (toJSONSchema(strictObject(options)).properties ?? {}) as Record<string, OptionSchema>,
  }))
}

type Words = (typeof wiringsWords)[Language]

function rangeOf(
  { type, enum: names, minimum, exclusiveMinimum, maximum = Infinity, ...rest }: OptionSchema,
  say: Words,
): string {
  if (names) return names.join(say.or)
  const types = [type].flat().map((name) => say.types[name] ?? name)
  const least = minimum === undefined ? [] : [`>= ${minimum}`]
  const above = exclusiveMinimum === undefined ? [] : [`> ${exclusiveMinimum}`]
  const most = maximum < Number.MAX_SAFE_INTEGER ? [`<= ${maximum}`] : []
  const below = rest.exclusiveMaximum === undefined ? [] : [`< ${rest.exclusiveMaximum}`]
  return [types.join(say.or), [...least, ...above, ...most, ...below].join(say.comma)].join(' ').trimEnd()
}

function cells({ name, placement, options, ...row }: Row, say: Words): string[] {
  const texts = Object.entries(options).map(
    ([option, schema]) => `${option} = ${String(schema.default)}${say.aside(rangeOf(schema, say))}`,
  )
  const notes = [...(row.default ? [say.preset] : []), ...(placement === undefined ? [] : [say.placement(placement)])]
  return [`  ${name}`, [...notes, ...texts].join(say.semicolon)]
}

function list(asked: AxisName | undefined, { lang, json }: Flags): void {
  const shown = asked === undefined ? axisNames : [asked]
  if (json) {
    shown.flatMap(rowsOf).forEach(printJson)
    return
  }
  const say = wiringsWords[lang]
  for (const axis of shown)
    print(`${axis}${say.colon}${say.axes[axis]}\n${table(rowsOf(axis).map((row) => cells(row, say)))}\n`)
  if (asked === undefined) print(table(Object.entries(say.fields)))
}
