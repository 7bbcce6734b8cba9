/** `events.jsonl`: what happened in a run, one JSON object a line: alerts, checkpoints, resumes, learning-rate changes. */
import { int, looseObject, string } from 'zod'
import { OptionError } from '../../errors.ts'
import { cutFile, openAppender, readLines, type Line } from './append.ts'
import { checkJson, displayJson, parseJson, type Json } from '../../files/json.ts'
import { runPaths } from './paths.ts'

export interface RunEvent {
  readonly step: number
  readonly type: string
  /** Numbers that are not finite are stored as "NaN", "Infinity", "-Infinity". */
  readonly [detail: string]: Json
}

export interface EventWriter {
  /** Appends one event. Throws OptionError for a step that is no integer >= 0, DataError when the disk is full. */
  write(event: RunEvent): void
  sync(): void
  close(): void
}

const eventSchema = looseObject({ step: int().nonnegative(), type: string() })

function parseEvent(line: Line, path: string): RunEvent {
  const where = `${path}: line ${line.number}`
  return checkJson(parseJson(line.text, where), eventSchema, where) as RunEvent
}

/** The events of a run so far; a line that is being written or was torn by a crash is left out. Throws DataError. */
export function readEvents(folder: string): RunEvent[] {
  const path = runPaths(folder).events
  return Array.from(readLines(path), (line) => parseEvent(line, path))
}

/** Removes the events after `step`, and a torn last line. Throws DataError for a damaged file. */
export function cutEvents(folder: string, step: number): void {
  const path = runPaths(folder).events
  let end = 0
  for (const line of readLines(path)) {
    if (parseEvent(line, path).step > step) break
    end = line.end
  }
  cutFile(path, end)
}

/** Opens the events of a run for appending; a torn last line is removed. Throws DataError for a damaged file. */
export function openEvents(folder: string): EventWriter {
  cutEvents(folder, Infinity)
  const file = openAppender(runPaths(folder).events)
  return {
    write(event) {
      if (!Number.isSafeInteger(event.step) || event.step < 0) {
        throw new OptionError(`events: step: expected an integer >= 0, got ${event.step}`)
      }
      file.append(`${displayJson(event)}\n`)
    },
    sync: () => file.sync(),
    close: () => file.close(),
  }
}
