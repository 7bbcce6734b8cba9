import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { DataError, OptionError, ResiduaError } from '../../errors.ts'
import { tensor } from '../../tensor.ts'
import { loadCheckpoint, saveCheckpoint } from './checkpoint.ts'
import { openEvents, readEvents } from './events.ts'
import { openLayers, readLayers } from './layers.ts'
import { pathInside, runPaths } from './paths.ts'
import { configHash, createRun, openRun, readRun, truncateAfter } from './run-folder.ts'
import { openScalars, readScalars } from './scalars.ts'

let parent: string
let folder: string

beforeEach(() => {
  parent = fs.mkdtempSync(join(tmpdir(), 'residua-run-'))
  folder = join(parent, 'runs', 'deep')
})

afterEach(() => fs.rmSync(parent, { recursive: true, force: true }))

function clock(): () => Date {
  let minute = 0
  return () => new Date(Date.UTC(2024, 0, 1, 0, minute++))
}

const config = { wiring: { skip: 'identity', norm: 'layer' }, steps: 400, learningRate: 1e-3 }
const run = { id: 'deep-7', seed: 7, versions: { residua: '0.1.0' } }
const create = (): ReturnType<typeof createRun> => createRun(folder, { config, run, now: clock() })
const edit = (path: string, change: (text: string) => string): void =>
  fs.writeFileSync(path, change(fs.readFileSync(path, 'utf8')))

describe('a run', () => {
  test('from start to end', () => {
    const created = create()
    expect(readRun(folder)).toEqual({ run: created.record, config, summary: null })
    expect(created.record).toMatchInlineSnapshot(`
      {
        "configHash": "0e730c37f4db89cf24f36a9d842e5323239741d16c895c80b14eb4973cd0d448",
        "format": 1,
        "id": "deep-7",
        "seed": 7,
        "start": "2024-01-01T00:00:00.000Z",
        "state": "running",
        "stop": null,
        "versions": {
          "residua": "0.1.0",
        },
      }
    `)
    created.writeSummary({ accuracy: 0.98, loss: NaN })
    created.setState('done')
    created.close()
    const { run: ended, summary } = readRun(folder)
    expect(ended).toMatchObject({ state: 'done', start: '2024-01-01T00:00:00.000Z', stop: '2024-01-01T00:01:00.000Z' })
    expect(summary).toEqual({ accuracy: 0.98, loss: 'NaN' })
    expect(fs.readdirSync(folder).sort()).toEqual(['config.json', 'run.json', 'summary.json'])
  })

  test('is not begun over another', () => {
    create().close()
    const before = fs.readFileSync(join(folder, 'run.json'))
    expect(create).toThrow(OptionError)
    expect(create).toThrow(`${folder}: it already holds a run. Resume that run, or choose another folder`)
    expect(fs.readFileSync(join(folder, 'run.json'))).toEqual(before)
    expect(fs.existsSync(join(folder, 'lock'))).toBe(false)
  })

  test('belongs to one process', () => {
    const created = create()
    expect(create).toThrow(`run folder ${folder} is in use by process ${process.pid}`)
    expect(() => openRun(folder, { now: clock() })).toThrow('is in use')
    created.close()
    openRun(folder, { now: clock() }).close()
  })

  test('is opened again, and what a killed writer left is removed', () => {
    create().close()
    fs.writeFileSync(join(folder, '.tmp-1-0-0'), 'torn')
    const opened = openRun(folder, { now: clock() })
    expect(opened.config).toEqual(config)
    expect(opened.record.state).toBe('running')
    expect(fs.existsSync(join(folder, '.tmp-1-0-0'))).toBe(false)
    opened.setState('failed')
    expect(readRun(folder).run.stop).not.toBeNull()
    opened.setState('running')
    expect(readRun(folder).run.stop).toBeNull()
    opened.close()
  })

  test('that died before run.json was written can be begun again', () => {
    create().close()
    fs.rmSync(join(folder, 'run.json'))
    create().close()
    expect(readRun(folder).config).toEqual(config)
  })

  test('is not opened where there is none', () => {
    expect(() => openRun(folder, { now: clock() })).toThrow(`${folder}: expected a run folder, but run.json is missing`)
    expect(fs.existsSync(folder)).toBe(false)
  })

  test.each<[string, 'run.json' | 'config.json', (text: string) => string, string]>([
    ['cut record', 'run.json', (text) => text.slice(0, 40), 'run.json: expected JSON'],
    ['unknown state', 'run.json', (text) => text.replace('running', 'asleep'), '"state"'],
    ['unknown field', 'run.json', (text) => text.replace('{', '{"x":1,'), '"x"'],
    ['newer format', 'run.json', (text) => text.replace('"format": 1', '"format": 2'), 'format 2 is newer'],
    ['no object', 'run.json', () => 'null', 'expected a JSON object'],
    [
      'changed configuration',
      'config.json',
      (text) => text.replace('400', '500'),
      'it was changed after the run began',
    ],
    ['deep configuration', 'config.json', () => `{"a":${'['.repeat(9999)}${']'.repeat(9999)}}`, '100 levels'],
  ])('with a damaged record (%s) is refused', (_, file, change, message) => {
    create().close()
    edit(join(folder, file), change)
    expect(() => readRun(folder)).toThrow(DataError)
    expect(() => readRun(folder)).toThrow(message)
    expect(() => openRun(folder, { now: clock() })).toThrow(message)
  })

  test('needs a folder that can be written and values that JSON can hold', () => {
    fs.writeFileSync(join(parent, 'runs'), '')
    expect(create).toThrow('cannot write (ENOTDIR)')
    expect(() => createRun(folder, { config: { clip: Infinity }, run, now: clock() })).toThrow('config.clip')
    expect(() => createRun(folder, { config, run: { ...run, seed: -1 }, now: clock() })).toThrow('"seed"')
  })

  test('has one configuration hash for every order of keys', () => {
    expect(configHash({ a: 1, b: 2 })).toBe(configHash({ b: 2, a: 1 }))
  })
})

test('names cannot lead out of the folder', () => {
  create().close()
  fs.writeFileSync(join(parent, 'secret'), '')
  fs.symlinkSync(join(parent, 'secret'), join(folder, 'link'))
  fs.mkdirSync(`${folder}-other`)
  expect(pathInside(folder, 'run.json')).toBe(join(folder, 'run.json'))
  expect(pathInside(folder, 'checkpoints/../config.json')).toBe(join(folder, 'config.json'))
  expect(pathInside(folder, '..file')).toBe(join(folder, '..file'))
  for (const name of ['..', '../../secret', '/etc/passwd', '', '.', 'a/../..', '../deep-other', 'link', 'a\0b']) {
    expect(() => pathInside(folder, name)).toThrow(OptionError)
  }
})

const layout = { sites: ['blocks.0', 'blocks.1'], stats: ['gradientRms', 'activationRms', 'share'], every: 2 }

/** Steps first..last of every log, as a training loop would write them. */
function record(first: number, last: number): void {
  const scalars = openScalars(folder, ['loss', 'accuracy'])
  const events = openEvents(folder)
  const layers = openLayers(folder, layout)
  for (let step = first; step <= last; step++) {
    scalars.write(step, step / 4, [step === 3 ? NaN : 1 / step, -Infinity])
    if (step % 2 === 0) layers.write(step, [step, 1, 2, 3, 4, NaN])
    events.write({ step, type: 'learningRate', value: 1 / step, note: 'zwölf\n' })
  }
  for (const writer of [scalars, events, layers]) {
    writer.sync()
    writer.close()
  }
}

const logs = (): Buffer[] => {
  const { scalars, events, layerFrames } = runPaths(folder)
  return [scalars, events, layerFrames].map((path) => fs.readFileSync(path))
}

describe('logs', () => {
  beforeEach(() => create().close())

  test('are empty before the first record', () => {
    expect(readScalars(folder)).toEqual({ names: [], rows: [] })
    expect(readEvents(folder)).toEqual([])
    expect(readLayers(folder)).toMatchObject({ sites: [], steps: [] })
    truncateAfter(folder, 5)
    expect(fs.readdirSync(folder).sort()).toEqual(['config.json', 'run.json'])
  })

  test('read back what was written', () => {
    record(1, 4)
    const { names, rows } = readScalars(folder)
    expect(names).toEqual(['loss', 'accuracy'])
    expect(rows.map((row) => [row.step, row.time, ...row.values])).toEqual([
      [1, 0.25, 1, -Infinity],
      [2, 0.5, 0.5, -Infinity],
      [3, 0.75, NaN, -Infinity],
      [4, 1, 0.25, -Infinity],
    ])
    expect(readEvents(folder)[2]).toEqual({ step: 3, type: 'learningRate', value: 1 / 3, note: 'zwölf\n' })
    expect(readLayers(folder)).toEqual({
      ...layout,
      steps: [2, 4],
      values: Float32Array.of(2, 4, 1, 1, 2, 2, 3, 3, 4, 4, NaN, NaN),
    })
  })

  test('have the documented text', () => {
    record(3, 3)
    const [scalars, events] = logs()
    expect(`${String(scalars)}${String(events)}`).toMatchInlineSnapshot(`
      "["step","time","loss","accuracy"]
      [3,0.75,"NaN","-Infinity"]
      {"step":3,"type":"learningRate","value":0.3333333333333333,"note":"zwölf\\n"}
      "
    `)
  })

  test('cut at any byte keep the whole records, and go on to the uninterrupted files', () => {
    record(1, 6)
    const whole = logs()
    const { scalars, events, layerFrames } = runPaths(folder)
    const frameBytes = 4 * 7
    for (const [i, path] of [scalars, events, layerFrames].entries()) {
      const bytes = whole[i]!
      for (let length = 0; length < bytes.length; length += 3) {
        const torn = bytes.subarray(0, length)
        const records = path === layerFrames ? length - (length % frameBytes) : torn.lastIndexOf(10) + 1
        fs.writeFileSync(path, torn)
        truncateAfter(folder, 6)
        expect(fs.readFileSync(path)).toEqual(bytes.subarray(0, records))
        truncateAfter(folder, 0)
        record(1, 6)
        expect(logs()).toEqual(whole)
      }
    }
  })

  test('are taken back to a step, with the checkpoints', () => {
    record(1, 6)
    const whole = logs()
    for (const step of [2, 4, 6]) saveCheckpoint(folder, { step, tensors: { w: tensor([step]) }, state: {} }, 3)
    truncateAfter(folder, 4)
    expect(readScalars(folder).rows.at(-1)?.step).toBe(4)
    expect(readEvents(folder).at(-1)?.step).toBe(4)
    expect(readLayers(folder).steps).toEqual([2, 4])
    expect(loadCheckpoint(folder).step).toBe(4)
    record(5, 6)
    expect(logs()).toEqual(whole)
  })

  test('opened after a crash go on behind the last whole record', () => {
    record(1, 2)
    const { scalars, events, layerFrames } = runPaths(folder)
    for (const path of [scalars, events, layerFrames]) fs.appendFileSync(path, '[3,0.')
    record(3, 4)
    expect(readScalars(folder).rows.map(({ step }) => step)).toEqual([1, 2, 3, 4])
    expect(readEvents(folder)).toHaveLength(4)
    expect(readLayers(folder).steps).toEqual([2, 4])
  })

  test('refuse garbage in the middle, naming the line', () => {
    record(1, 4)
    const { scalars, events, layerFrames } = runPaths(folder)
    const saved = logs()
    const third = (line: string) => (text: string) => text.split('\n').with(2, line).join('\n')
    for (const line of [
      '',
      '{}',
      '[2,0.5,1]',
      '[2,0.5,1,"nan"]',
      '[-2,0.5,1,1]',
      '[2,0.5,1,null]',
      '[2,0.5,1,1',
      '\0\0',
    ]) {
      edit(scalars, third(line))
      expect(() => readScalars(folder), line).toThrow(`${scalars}: line 3: `)
      expect(() => openScalars(folder, ['loss', 'accuracy']), line).toThrow(DataError)
    }
    for (const line of ['', '[]', '{"step":1}', '{"step":"1","type":"x"}', '{"type":"x"}']) {
      edit(events, third(line))
      expect(() => readEvents(folder), line).toThrow(`${events}: line 3: `)
      expect(() => openEvents(folder), line).toThrow(DataError)
    }
    fs.writeFileSync(scalars, '["step","loss"]\n')
    expect(() => readScalars(folder)).toThrow('line 1: expected the column names')
    fs.writeFileSync(layerFrames, new Uint8Array(saved[2]!.length).fill(0x41))
    expect(() => readLayers(folder)).toThrow('frame 0: expected a step')
    fs.rmSync(runPaths(folder).layerSites)
    expect(() => truncateAfter(folder, 1)).toThrow(DataError)
    expect(() => readLayers(folder)).toThrow('expected layers.json beside it')
  })

  test('refuse records that do not fit', () => {
    const scalars = openScalars(folder, ['loss'])
    const layers = openLayers(folder, layout)
    const events = openEvents(folder)
    const before = logs()
    expect(() => scalars.write(1, 1, [1, 2])).toThrow('expected a step >= 0 and 1 values')
    expect(() => scalars.write(-1, 1, [1])).toThrow(OptionError)
    expect(() => layers.write(1, [1])).toThrow('6 values, got step 1, 1 values')
    expect(() => layers.write(2 ** 24 + 1, new Float32Array(6))).toThrow(OptionError)
    expect(() => events.write({ step: 0.5, type: 'x' })).toThrow(OptionError)
    expect(logs()).toEqual(before)
    for (const writer of [scalars, layers, events]) writer.close()
    expect(() => openScalars(folder, ['loss', 'step'])).toThrow('different names')
    expect(() => openScalars(folder, ['accuracy'])).toThrow('expected the columns loss it has, got accuracy')
    expect(() => openLayers(folder, { ...layout, every: 3 })).toThrow('expected the sites, stats and interval it has')
    expect(() => openLayers(parent, { ...layout, every: 0 })).toThrow('"every"')
  })

  test('random bytes are read or refused, never anything else', () => {
    const { run: record, config: settings, scalars, events, layerFrames, layerSites, summary } = runPaths(folder)
    const files = [record, settings, scalars, events, layerFrames, layerSites, summary, join(folder, 'lock')]
    const line = fc.oneof(
      fc.json(),
      fc.string(),
      fc.constantFrom('["step","time","a"]', '[1,2,3]', '{"step":1,"type":"x"}'),
    )
    const text = fc.array(line).map((lines) => new TextEncoder().encode(lines.join('\n')))
    const step = fc.nat(5)
    fc.assert(
      fc.property(fc.constantFrom(...files), fc.oneof(text, fc.uint8Array()), step, (path, bytes, to) => {
        fs.writeFileSync(path, bytes)
        const uses = [
          () => readRun(folder),
          () => readScalars(folder),
          () => readEvents(folder),
          () => readLayers(folder),
          () => truncateAfter(folder, to),
          () => openRun(folder, { now: clock() }).close(),
        ]
        for (const use of uses) {
          try {
            use()
          } catch (error) {
            if (!(error instanceof ResiduaError)) throw error
          }
        }
        fs.rmSync(path, { force: true })
      }),
      { numRuns: 300 },
    )
  })
})
