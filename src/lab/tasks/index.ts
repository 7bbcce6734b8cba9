export {
  fashionResnetTask as fashionMnistResnet,
  fashionTask as fashionMnist,
  mnistResnetTask as mnistResnet,
  mnistTask as mnist,
} from './images.ts'
export { copyTask as copy, majorityTask as majority, spiralTask as spiral } from './synthetic.ts'
export { charactersTask as characters } from './text.ts'
