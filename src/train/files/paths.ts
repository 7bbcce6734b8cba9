import { existsSync, realpathSync } from 'node:fs'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { OptionError } from '../../errors.ts'
import { diskError } from '../../files/disk.ts'
import { quote } from '../../files/json.ts'

/** Where the files of a run lie. */
export interface RunPaths {
  readonly run: string
  readonly config: string
  readonly scalars: string
  readonly layerFrames: string
  readonly layerSites: string
  readonly events: string
  readonly checkpoints: string
  readonly summary: string
  readonly model: string
  /** Of runs on text. */
  readonly tokenizer: string
}

/** The files of the run in `folder`, whether they exist or not. */
export function runPaths(folder: string): RunPaths {
  return {
    run: join(folder, 'run.json'),
    config: join(folder, 'config.json'),
    scalars: join(folder, 'scalars.jsonl'),
    layerFrames: join(folder, 'layers.f32'),
    layerSites: join(folder, 'layers.json'),
    events: join(folder, 'events.jsonl'),
    checkpoints: join(folder, 'checkpoints'),
    summary: join(folder, 'summary.json'),
    model: join(folder, 'model.onnx'),
    tokenizer: join(folder, 'tokenizer.json'),
  }
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

/** The path to read `name` below `folder` from. Throws OptionError for a name, or a symbolic link, that leads out of it. */
export function pathInside(folder: string, name: string): string {
  const root = resolve(folder)
  const path = resolve(root, name)
  const refuse = (): OptionError =>
    new OptionError(`${folder}: expected the name of a file inside it, got ${quote(name)}`)
  if (name.includes('\0') || !isInside(root, path)) throw refuse()
  try {
    if (existsSync(path) && !isInside(realpathSync(root), realpathSync(path))) throw refuse()
  } catch (error) {
    throw diskError('read', path, error)
  }
  return path
}
