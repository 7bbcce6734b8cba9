/**
 * Colours of figures: six hues after Okabe and Ito, adjusted per theme so that each keeps a contrast of 3:1. A second cue
 * always stands beside them: colour says how the branch rejoins, dash says which norm.
 */

export interface Theme {
  readonly background: string
  readonly ink: string
  readonly quiet: string
  readonly grid: string
  readonly colours: Readonly<Record<Colour, string>>
}

export type Colour = 'blue' | 'vermilion' | 'green' | 'pink' | 'amber' | 'grey'

export const light: Theme = {
  background: '#ffffff',
  ink: '#1b1b1b',
  quiet: '#555555',
  grid: '#e3e3e3',
  colours: {
    blue: '#0072B2',
    vermilion: '#D55E00',
    green: '#009E73',
    pink: '#CC79A7',
    amber: '#B87F00',
    grey: '#4B4B4B',
  },
}

export const dark: Theme = {
  background: '#16181b',
  ink: '#ececec',
  quiet: '#b4b4b4',
  grid: '#33373c',
  colours: {
    blue: '#56B4E9',
    vermilion: '#D55E00',
    green: '#009E73',
    pink: '#CC79A7',
    amber: '#E69F00',
    grey: '#BBBBBB',
  },
}

export type Dash = 'solid' | 'dashed' | 'dotted'

/** Stroke patterns, px. */
export const dashes: Readonly<Record<Dash, string | undefined>> = { solid: undefined, dashed: '7 5', dotted: '1 5' }

/** The style rules of figures in one theme. */
export function figureStyle({ ink, quiet, grid, colours }: Theme): string {
  const hues = Object.entries(colours).map(
    ([name, value]) => `.figure .${name}{stroke:${value}}.figure .band.${name}{fill:${value}}`,
  )
  return [
    `.figure text{font:13px system-ui,sans-serif;fill:${ink}}`,
    `.figure .quiet{fill:${quiet}}`,
    '.figure .name{font-weight:600}',
    `.figure .grid{stroke:${grid};stroke-width:1}`,
    '.figure path{fill:none;stroke-linecap:round;stroke-linejoin:round}',
    '.figure .line{stroke-width:2.25}',
    '.figure .ghost{stroke-width:1.25}',
    '.figure .raw{stroke-width:1;opacity:.3}',
    '.figure .mark{stroke-width:2}',
    '.figure .band{stroke:none;opacity:.15}',
    `.figure .ink{stroke:${ink}}`,
    ...hues,
  ].join('\n')
}
