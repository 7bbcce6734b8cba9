import { depthFigures } from './pilot-figures-depth.ts'
import { imageFigures } from './pilot-figures-images.ts'
import { initialFigures } from './pilot-figures-initial.ts'
import { placementFigures } from './pilot-figures-placements.ts'
import type { PilotSet } from './pilot-set.ts'

/** All figures of the pilots that an experiment measures again. */
export const pilotFigures: readonly PilotSet[] = [
  ...imageFigures,
  ...initialFigures,
  ...placementFigures,
  ...depthFigures,
]
