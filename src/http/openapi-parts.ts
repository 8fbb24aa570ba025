// What descriptions for programs, in OpenAPI 3.1, are made of.

/** What JSON can say. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** A reply that says what is wrong. */
export const ERROR = { $ref: '#/components/responses/Error' }

/** A reply of JSON. */
export const json = (description: string, schema: Json): Json => ({
  description,
  content: { 'application/json': { schema } },
})

/** A schema that is named. */
export const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` })

/** An object, whose members are all there unless told otherwise. */
export const object = (
  properties: Readonly<Record<string, Json>>,
  required = Object.keys(properties),
): Json => ({
  type: 'object',
  properties,
  required,
})

/** A list. */
export const list = (items: Json): Json => ({ type: 'array', items })

/** Schemas of single values. */
export const TEXT = { type: 'string' }
export const NUMBER = { type: 'integer' }
export const TRUTH = { type: 'boolean' }
/** A type, or null where it is not known. */
export const orNull = (type: string): Json => ({ type: [type, 'null'] })

/** A parameter after the question mark. */
export const query = (name: string, description: string, schema: Json, example: Json): Json => ({
  name,
  in: 'query',
  description,
  schema,
  example,
})

/** Who may ask. */
export const SECURITY = {
  security: [{ bearer: [] }, { basic: [] }, {}],
  securitySchemes: { bearer: { type: 'http', scheme: 'bearer' }, basic: { type: 'http', scheme: 'basic' } },
  responses: { Error: json('What is wrong', object({ error: TEXT })) },
  description:
    'Asked with the token of http-token as bearer token, or as the password of basic authentication; without one from the host itself.',
} as const
