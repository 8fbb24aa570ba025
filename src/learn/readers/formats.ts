// What the formats are called that verdicts are read from, for those who read none.

/** Their names. */
export const FORMATS = ['plain', 'rspamd', 'amavis', 'message'] as const

export type Format = (typeof FORMATS)[number]
