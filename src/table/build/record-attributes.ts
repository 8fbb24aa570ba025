// The attributes that a record of the table is made of.

/**
 * The attributes that a record is made of, in this order; each is a number from a layer of the same name, 0 where
 * nothing is known. `label` is a name that belongs to the addresses and not to their AS; `origins` comes from
 * the details of the AS layer: the set of ASes that announce a prefix together; `weight` is that of a prefix; `rpki` is
 * what ROAs say of the prefix that the AS layer has there;
 * `learned` is a network of which something was learned.
 */
export const ATTRIBUTE = {
  asn: 0,
  country: 1,
  registry: 2,
  allocated: 3,
  label: 4,
  origins: 5,
  location: 6,
  weight: 7,
  rpki: 8,
  learned: 9,
} as const

/** The name of an attribute. */
export type AttributeName = keyof typeof ATTRIBUTE

/** How many attributes a record is made of. */
export const ATTRIBUTE_COUNT = Object.keys(ATTRIBUTE).length
