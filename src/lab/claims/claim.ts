/** The same thing said in English and in Chinese; symbols, names of methods and figures are alike in both. */
export interface Text {
  readonly en: string
  readonly zh: string
}

/** A language the lab speaks. */
export type Language = keyof Text

/**
 * How a figure is known: `v` looked up in a stored copy of the paper or page, `2h` from a second-hand page, `mem` from
 * memory (check before quoting), `pilot` measured in a small run of one seed unless it says otherwise.
 */
export type Evidence = 'v' | '2h' | 'mem' | 'pilot'

/** A text with the mark of how its figures are known; without a mark it is arithmetic, or expected and not measured. */
export interface Marked extends Text {
  readonly evidence?: Evidence
}

/** The assessments of a claim before anything is run, in the order of the book. */
export const assessments = ['right', 'reserved', 'imprecise', 'wrong', 'open', 'untestable'] as const

/**
 * What is to be thought of a claim before anything is run: `reserved` is right with a reservation or only at depth,
 * `open` is for an experiment alone to say, `untestable` can't be tested here.
 */
export type Assessment = (typeof assessments)[number]

/**
 * A place in the article, which holds two drafts, A (short) and B (longer, with references).
 *
 * `section` is its number there; `0` is the abstract, `refs` the list of references, `3.2.1-4` step 4 and `2.1(3)`
 * point 3 of a list in the section.
 */
export interface Place {
  readonly draft: 'A' | 'B' | 'AB'
  readonly section: string
}

/** A statement of the article: in our words, with what is right about it and the experiments that test it. */
export interface Claim {
  /** From 1, in the order of the article. */
  readonly id: number
  readonly where: readonly Place[]
  readonly statement: Text
  readonly assessment: Assessment
  /** What is correct, and what an implementation must do. */
  readonly correct: Text
  /** How figures in `correct` are known. */
  readonly evidence?: Evidence
  /** Ids, of a part (`E7f`) where only that part tests it; empty where nothing can be run. */
  readonly experiments: readonly string[]
  /** A fact that reading settles: what experiments found informs, and decides nothing. */
  readonly byReading?: true
}

/** An experiment of the catalogue; where and how it runs is said by its file in `experiments/`. */
export interface Experiment {
  readonly id: string
  readonly question: Text
  /** Arms, data and metric. */
  readonly measures: Text
  /** How it is run here: net, data, budget, and what the short form leaves out; absent where it is not run. */
  readonly setting?: Text
  /** When the statement behind the question counts as confirmed or refuted; absent where the result is a figure. */
  readonly rule?: Text
  /** What the pilots measured, or what is expected. */
  readonly expectation?: Marked
  /** What the pilots needed, or what was estimated; absent where that is not known before it is run. */
  readonly cost?: Text
  /** Its parts, by letter. */
  readonly parts?: Readonly<Record<string, Text>>
  /** Why it can't be run yet. */
  readonly pending?: Text
}

/** A paper as it is cited; `year` of its first version, or first and last where they differ. */
export interface Paper {
  readonly authors: string
  readonly year: string
  readonly arXiv?: string
}

/** A published result with its version at small scale. */
export interface PaperResult {
  readonly id: string
  readonly name: string
  readonly paper: Paper
  readonly published: readonly Required<Marked>[]
  /** What is run at small scale. */
  readonly setting: Text
  /** What that is expected to show, or showed in the pilots; absent where nothing was said beforehand. */
  readonly expectation?: Marked
  /** Ids; empty where the catalogue has no experiment for it. */
  readonly experiments: readonly string[]
}
