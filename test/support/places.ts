// What the attributes about an address say of its place when nothing is known of it.

export const NO_PLACE = {
  city: null,
  region: null,
  cityCountry: null,
  continent: null,
  latitude: null,
  longitude: null,
} as const
