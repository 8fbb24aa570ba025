// The text of a TXT template, before it is compiled: literals, {fields}, and [groups] that go where a field is unknown.
//
//     "{country}[, {region}][, {city}]"   →   field country · group (", " · field region) · group (", " · field city)
//
// A backslash before `[`, `]` or another backslash makes a literal of it; elsewhere it is itself.

/** A literal or a field. */
export type TemplatePart =
  | { readonly literal: string; readonly field?: never; readonly group?: never }
  | { readonly literal?: never; readonly field: string; readonly group?: never }

/** Literals and fields that are left out together where one of the fields is unknown. */
export interface TemplateGroup {
  readonly literal?: never
  readonly field?: never
  readonly group: readonly TemplatePart[]
}

/** Brackets, escaped or not, fields, and what is between them. A bracket within braces is the field's. */
const TOKENS = /\\[[\]\\]|\{[^}]*\}?|[[\]]|[^[\]{\\]+|\\/g

/**
 * Cuts a template at its {fields} and [groups].
 *
 * @throws {Error} with a short reason and the mend when a field or a group has no end, or a group no field.
 */
export function splitTemplate(template: string): (TemplatePart | TemplateGroup)[] {
  const parts: (TemplatePart | TemplateGroup)[] = []
  let group: TemplatePart[] | null = null
  for (const [token] of template.matchAll(TOKENS)) {
    if (token === '[') {
      if (group !== null)
        throw wrong(template, "has a '[' within a group", "end that group before it with ']'")
      group = []
    } else if (token === ']') {
      if (group === null) throw wrong(template, "has a ']' without a '['", 'leave it out')
      if (!group.some(({ field }) => field !== undefined)) {
        throw wrong(template, 'has a group without a field', 'leave its brackets out')
      }
      parts.push({ group })
      group = null
    } else if (token.startsWith('{')) {
      if (!token.endsWith('}')) throw new Error(`'${template}' has a '{' without a '}'`)
      const part = { field: token.slice(1, -1) }
      ;(group ?? parts).push(part)
    } else addLiteral(group ?? parts, /^\\./.test(token) ? token.slice(1) : token)
  }
  if (group !== null) throw wrong(template, "has a '[' without a ']'", "end the group with ']'")
  return parts
}

/** Adds a literal; one after another becomes a part of that. */
function addLiteral(parts: (TemplatePart | TemplateGroup)[], literal: string): void {
  const before = parts.at(-1)?.literal
  if (before === undefined) parts.push({ literal })
  else parts[parts.length - 1] = { literal: `${before}${literal}` }
}

const wrong = (template: string, what: string, mend: string): Error =>
  new Error(`'${template}' ${what}; ${mend}, or write \\[ and \\] for brackets that are text`)
