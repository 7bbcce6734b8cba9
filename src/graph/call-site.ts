const packageRoot = new URL('..', import.meta.url).href

/** ` at file:line` of the first stack frame outside this package (tests count as outside), or nothing. */
export function callSite(error: Error): string {
  for (const line of (error.stack ?? '').split('\n').slice(1)) {
    const place = /(?:\(|at )((?:file:\/\/|https?:\/\/|\/)[^()]*:\d+):\d+\)?$/.exec(line)?.[1]
    if (place === undefined || place.includes('node_modules') || place.includes('node:')) continue
    const inside = place.startsWith(packageRoot) || place.startsWith(new URL(packageRoot).pathname)
    if (!inside || place.includes('.test.ts:')) return ` at ${place.replace('file://', '')}`
  }
  return ''
}
