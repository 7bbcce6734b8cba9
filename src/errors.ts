/** Base of every error that Residua raises on purpose: `where: what was expected, what came. What to do.` */
export class ResiduaError extends Error {
  override name = 'ResiduaError'
}

/** Shapes or dtypes that do not fit, found while a graph is traced. */
export class ShapeError extends ResiduaError {
  override name = 'ShapeError'
}

/** A graph that cannot be built, differentiated or lowered: a path asked for twice, an input from another trace. */
export class GraphError extends ResiduaError {
  override name = 'GraphError'
}

/** A data set, file, checkpoint or message that is not what it claims to be. */
export class DataError extends ResiduaError {
  override name = 'DataError'
}

/** An option, a wiring or a command line that names something unknown or out of range. */
export class OptionError extends ResiduaError {
  override name = 'OptionError'
}

/** The engine failed, or refused a device. */
export class EngineError extends ResiduaError {
  override name = 'EngineError'
}

/** Training stopped because a value was not finite; says where it was seen first. */
export class DivergedError extends ResiduaError {
  override name = 'DivergedError'
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
