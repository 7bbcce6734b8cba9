import { test } from 'vitest'
import { rateDifference, rateDifferenceP } from '../statistics/rate-difference.ts'
import { seedsForRates } from '../statistics/sample-size.ts'
import { itemBootstrap } from '../statistics/bootstrap.ts'
import { random } from '../../random.ts'
test('t', () => {
  const time = (name: string, f: () => unknown) => { f(); const t = process.hrtime.bigint(); const v = f(); console.log(name, Number(process.hrtime.bigint() - t) / 1e6, JSON.stringify(v)) }
  time('rd5', () => rateDifference(3, 5, 1, 5))
  time('rd20', () => rateDifference(13, 20, 1, 20))
  time('rdp5', () => rateDifferenceP(3, 5, 1, 5))
  time('seeds', () => seedsForRates(0.5, 0.45))
  time('seeds', () => seedsForRates(0.8, 0.4,{confidence:1-.035/15}))
  let c=0; for (let i=0;i<2000;i++){const s=random(77,'q',i); const items = Array.from({ length: 200 }, () => Number(s.uniform() < 0.7)); const { low, high } = itemBootstrap(items, { resamples: 1000, seed: s.bits() }); if (low<=.7&&.7<=high) c++}
  console.log('bootstrap coverage', c/2000)
})
