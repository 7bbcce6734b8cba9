import type { Assessment, Evidence, Language, Place } from './claim.ts'

/** What the claim book says around its claims. */
interface Words {
  readonly title: string
  lead(total: number, counts: string): string
  readonly assessments: Readonly<Record<Assessment, string>>
  readonly evidence: Readonly<Record<Evidence, string>>
  readonly contents: { readonly caption: string; readonly head: readonly [string, string, string] }
  readonly drafts: string
  readonly catalogue: {
    readonly title: string
    readonly caption: string
    readonly head: readonly [string, string, string]
  }
  readonly pilots: string
  readonly where: string
  readonly assessment: string
  readonly correct: string
  readonly experiments: string
  readonly verdict: string
  readonly none: string
  readonly pending: string
  place(place: Place): string
  /** A label and what belongs to it. */
  labelled(label: string, text: string): string
  /** A remark behind a text. */
  aside(text: string): string
  readonly comma: string
  readonly semicolon: string
}

const sectionName = (section: string, abstract: string, references: string, before = ''): string =>
  section === '0' ? abstract : section === 'refs' ? references : before + section

export const words: Readonly<Record<Language, Words>> = {
  en: {
    title: 'The article as a book of claims',
    lead: (total, counts) =>
      `The article makes ${total} statements; by what is known before anything is run, they are: ${counts}.`,
    assessments: {
      right: 'right',
      reserved: 'right with a reservation, or only at depth',
      imprecise: 'imprecise',
      wrong: 'wrong',
      open: 'open until tested',
      untestable: 'not testable here',
    },
    evidence: {
      v: 'looked up in the paper',
      '2h': 'second-hand',
      mem: 'from memory, unchecked',
      pilot: 'measured in a pilot',
    },
    contents: { caption: 'Claims by assessment', head: ['assessment', 'number', 'claims'] },
    drafts:
      'The article holds two drafts, A (short) and B (longer, with references). Places are given as draft and section; 3.2.1-4 is step 4 and 2.1(3) is point 3 of a list there.',
    catalogue: { title: 'Experiments', caption: 'The experiments behind the claims', head: ['id', 'question', 'cost'] },
    pilots:
      'Figures of pilots come from small runs on other text than the experiments use: signs and order compare, levels do not.',
    where: 'Where',
    assessment: 'Assessment',
    correct: 'What is correct',
    experiments: 'Experiments',
    verdict: 'Verdict',
    none: 'none',
    pending: 'pending',
    place: ({ draft, section }) =>
      `${draft === 'AB' ? 'A and B' : draft}, ${sectionName(section, 'abstract', 'references')}`,
    labelled: (label, text) => `${label}: ${text}`,
    aside: (text) => ` (${text})`,
    comma: ', ',
    semicolon: '; ',
  },
  zh: {
    title: '文章论断一览',
    lead: (total, counts) => `文章共有 ${total} 条论断；就运行之前所知，其中${counts}。`,
    assessments: {
      right: '正确',
      reserved: '有保留地正确，或仅在网络较深时正确',
      imprecise: '不精确',
      wrong: '错误',
      open: '有待实验',
      untestable: '此处无法检验',
    },
    evidence: { v: '查自论文', '2h': '二手来源', mem: '凭记忆，未核对', pilot: '预实验测得' },
    contents: { caption: '按评定分类', head: ['评定', '条数', '论断'] },
    drafts:
      '文章含两份稿子：A（短稿）和 B（长稿，附参考文献）。出处写作稿子加小节号；3.2.1-4 指该节列表的第 4 步，2.1(3) 指第 3 点。',
    catalogue: { title: '实验', caption: '论断背后的实验', head: ['编号', '问题', '开销'] },
    pilots: '预实验是小规模运行，所用文本与正式实验不同：正负和次序可以比较，数值大小不可比。',
    where: '出处',
    assessment: '评定',
    correct: '正确的说法',
    experiments: '实验',
    verdict: '结论',
    none: '无',
    pending: '待定',
    place: ({ draft, section }) =>
      `${draft === 'AB' ? 'A、B' : draft} 稿${sectionName(section, '摘要', '参考文献', ' ')}`,
    labelled: (label, text) => `${label}：${text}`,
    aside: (text) => `（${text}）`,
    comma: '、',
    semicolon: '；',
  },
}
