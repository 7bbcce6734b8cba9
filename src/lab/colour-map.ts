import { scaleLinear } from 'd3-scale'

/**
 * Viridis at nine even places: its lightness rises evenly, so that equal steps look equal and keep their order for
 * colour-blind eyes and in grey print. Source: van der Walt & Smith 2015, matplotlib, CC0.
 */
const stops: readonly string[] = [
  '#440154',
  '#472d7b',
  '#3b528b',
  '#2c728e',
  '#21918c',
  '#28ae80',
  '#5ec962',
  '#addc30',
  '#fde725',
]

/** Colours that are told apart. */
const levels = 64

const between = scaleLinear<string>()
  .domain(stops.map((_, i) => i / (stops.length - 1)))
  .range(stops)

/** The sequential colours, from the least to the most. */
export const sequential: readonly string[] = Array.from({ length: levels }, (_, i) => between(i / (levels - 1)))
