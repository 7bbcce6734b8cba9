/** The one place that asks for the time: figures and run records need it, results never depend on it. */
export const clock = {
  /** Wall time since the process started, milliseconds. */
  now: (): number => performance.now(),
  date: (): Date => new Date(),
}
