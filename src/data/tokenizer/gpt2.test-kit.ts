import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonObject } from '../../files/json.ts'
import { brown } from '../brown.ts'
import { packageFolder } from '../package.ts'
import { byteLetters } from './byte-level.ts'

const ranked = (): string[] =>
  readFileSync(join(packageFolder('gpt-tokenizer'), 'data/r50k_base.tiktoken'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => [...Buffer.from(line.split(' ')[0]!, 'base64')].map((byte) => byteLetters[byte]!).join(''))

/** The two tokens that a token is merged from: what the merges before it leave of its bytes. */
function halves(token: string, id: number, ids: ReadonlyMap<string, number>): string {
  const parts = Array.from(token)
  while (parts.length > 2) {
    const ranks = parts.slice(1).map((part, i) => ids.get(parts[i]! + part) ?? Infinity)
    const best = ranks.reduce((least, rank, i) => (rank < ranks[least]! ? i : least), 0)
    if (ranks[best]! >= id) throw new Error(`no merges give ${token}`)
    parts.splice(best, 2, parts[best]! + parts[best + 1]!)
  }
  return parts.join(' ')
}

/** GPT-2's tokenizer.json as it is published, built from the ranks of tiktoken's r50k_base. */
export function gpt2Json(): JsonObject {
  const tokens = ranked()
  const ids = new Map(tokens.map((token, id) => [token, id]))
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: true, special: true }
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [{ id: 50256, ...flags, content: '<|endoftext|>' }],
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true },
    post_processor: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: false },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true },
    model: {
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      vocab: Object.fromEntries([...ids, ['<|endoftext|>', 50256]]),
      merges: tokens.slice(256).map((token, i) => halves(token, 256 + i, ids)),
    },
  }
}

/** The 500 documents of the Brown corpus. */
export function brownTexts(): string[] {
  return [...brown().documents()]
}
