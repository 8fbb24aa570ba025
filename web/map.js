// The world map: countries shaded, places, and the way between two of them.

const SVG = 'http://www.w3.org/2000/svg'

/** The picture, as scripts/make-world.js makes it. */
const WIDTH = 960
const SCALE = WIDTH / (2 * 2.7066299836960748)
const NORTH = 84
const SOUTH = -57

/** The Equal Earth projection (Šavrič, Patterson and Jenny, 2018). */
const A1 = 1.340264
const A2 = -0.081106
const A3 = 0.000893
const A4 = 0.003796
const M = Math.sqrt(3) / 2

const radians = (/** @type {number} */ degrees) => (degrees * Math.PI) / 180

/** @typedef {{ latitude: number, longitude: number }} Place */

/**
 * Where a place lies on the map with the equator at 0.
 *
 * @param {Place} place
 * @returns {[number, number]}
 */
function projectRaw({ latitude, longitude }) {
  const t = Math.asin(M * Math.sin(radians(latitude)))
  const t2 = t * t
  const t6 = t2 * t2 * t2
  const x = (radians(longitude) * Math.cos(t)) / (M * (A1 + 3 * A2 * t2 + t6 * (7 * A3 + 9 * A4 * t2)))
  return [SCALE * x, -SCALE * t * (A1 + A2 * t2 + t6 * (A3 + A4 * t2))]
}

const TOP = projectRaw({ latitude: NORTH, longitude: 0 })[1]

/**
 * Where a place lies in the picture.
 *
 * @param {Place} place
 * @returns {[number, number]}
 */
export function project(place) {
  const [x, y] = projectRaw(place)
  return [WIDTH / 2 + x, y - TOP]
}

/** Points that a way is drawn through. */
const STEPS = 128

/** Degrees that a way keeps from the edges of the picture, so that all of the line is seen. */
const MARGIN = 2

/** The same at both sides, where nothing is compressed. */
const EDGE = 0.3

/**
 * The shortest way between two places, in pieces that don't cross the edge of the map: one that leaves it in the west goes
 * on in the east, and one over a pole follows the edge of the picture.
 *
 * @param {Place} from
 * @param {Place} to
 * @returns {Place[][]}
 */
export function greatCircle(from, to) {
  const [a, b] = [unitVector(from), unitVector(to)]
  const angle = Math.acos(Math.min(1, Math.max(-1, a[0] * b[0] + a[1] * b[1] + a[2] * b[2])))
  /** @type {Place[][]} */
  const pieces = [[]]
  for (let step = 0; step <= STEPS; step++) {
    const part = step / STEPS
    // Where the two are one, or opposite, any way will do.
    const [u, v] =
      Math.sin(angle) < 1e-9
        ? [1 - part, part]
        : [Math.sin((1 - part) * angle) / Math.sin(angle), Math.sin(part * angle) / Math.sin(angle)]
    const place = inPicture(placeOf([u * a[0] + v * b[0], u * a[1] + v * b[1], u * a[2] + v * b[2]]))
    const last = pieces[pieces.length - 1]
    const before = last[last.length - 1]
    if (before !== undefined && Math.abs(before.longitude - place.longitude) > 180) {
      const [leaves, enters] = acrossEdge(before, place)
      last.push(leaves)
      pieces.push([enters, place])
    } else last.push(place)
  }
  return pieces
}

/** The nearest place that the picture shows. @param {Place} place @returns {Place} */
function inPicture({ latitude, longitude }) {
  return { latitude: Math.min(NORTH - MARGIN, Math.max(SOUTH + MARGIN, latitude)), longitude }
}

/**
 * Where a way leaves the map and comes in again.
 *
 * @param {Place} before
 * @param {Place} after on the other side of the 180th meridian
 * @returns {[Place, Place]}
 */
function acrossEdge(before, after) {
  const side = Math.sign(before.longitude)
  const [toEdge, fromEdge] = [180 - Math.abs(before.longitude), 180 - Math.abs(after.longitude)]
  const part = toEdge + fromEdge === 0 ? 0 : toEdge / (toEdge + fromEdge)
  const latitude = before.latitude + part * (after.latitude - before.latitude)
  const edge = 180 - EDGE
  return [
    { latitude, longitude: side * edge },
    { latitude, longitude: -side * edge },
  ]
}

/** @param {Place} place @returns {[number, number, number]} */
function unitVector({ latitude, longitude }) {
  const [phi, lambda] = [radians(latitude), radians(longitude)]
  return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)]
}

/** @param {[number, number, number]} vector @returns {Place} */
function placeOf([x, y, z]) {
  const degrees = 180 / Math.PI
  return { latitude: Math.atan2(z, Math.hypot(x, y)) * degrees, longitude: Math.atan2(y, x) * degrees }
}

/** @type {Promise<Document> | undefined} */
let drawing

/** A map in a page. */
export class WorldMap {
  /** @type {SVGElement} */
  #svg
  /** @type {SVGElement[]} */
  #marks = []

  /** @param {SVGElement} svg */
  constructor(svg) {
    this.#svg = svg
  }

  /**
   * Puts a map into an element.
   *
   * @param {HTMLElement} target
   */
  static async show(target) {
    drawing ??= fetch('/world.svg').then(async (response) =>
      new DOMParser().parseFromString(await response.text(), 'image/svg+xml'),
    )
    const svg = (await drawing).querySelector('svg')?.cloneNode(true)
    if (!(svg instanceof SVGElement)) throw new Error('/world.svg is no map')
    svg.setAttribute('role', 'img')
    target.replaceChildren(svg)
    return new WorldMap(svg)
  }

  /** What the map shows, for those who don't see it. @param {string} text */
  describe(text) {
    this.#svg.setAttribute('aria-label', text)
  }

  /**
   * Shades countries.
   *
   * @param {ReadonlyMap<string, string>} classes the class of each country, by its code
   */
  shade(classes) {
    for (const shape of this.#svg.querySelectorAll('[data-country]')) {
      const name = classes.get(/** @type {SVGElement} */ (shape).dataset.country ?? '')
      if (name === undefined) shape.removeAttribute('class')
      else shape.setAttribute('class', name)
    }
  }

  /** Takes away all places and ways. */
  clear() {
    for (const mark of this.#marks) mark.remove()
    this.#marks = []
  }

  /**
   * Marks a place.
   *
   * @param {Place} place
   * @param {'place' | 'here'} kind
   * @param {string} [text] shown to who points at it
   */
  mark(place, kind, text = '') {
    const [x, y] = project(place)
    const circle = this.#add('circle', { class: kind, cx: x.toFixed(1), cy: y.toFixed(1), r: '6' })
    if (text === '') return
    const title = document.createElementNS(SVG, 'title')
    title.textContent = text
    circle.append(title)
  }

  /**
   * Draws the way between two places.
   *
   * @param {Place} from
   * @param {Place} to
   */
  way(from, to) {
    for (const piece of greatCircle(from, to)) {
      const points = piece.map((place) =>
        project(place)
          .map((number) => number.toFixed(1))
          .join(','),
      )
      if (points.length > 1) this.#add('path', { class: 'way', d: `M${points.join('L')}` })
    }
  }

  /**
   * @param {string} name
   * @param {Readonly<Record<string, string>>} attributes
   * @returns {SVGElement}
   */
  #add(name, attributes) {
    const mark = /** @type {SVGElement} */ (document.createElementNS(SVG, name))
    for (const [key, value] of Object.entries(attributes)) mark.setAttribute(key, value)
    this.#svg.append(mark)
    this.#marks.push(mark)
    return mark
  }
}
