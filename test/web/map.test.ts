// The world map: the file is what the script makes, and pages put places where its shapes are.

import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { haversine } from '../../src/score/haversine.ts'
import { projectPath, readDocument } from '../docs/markdown.ts'

interface Place {
  readonly latitude: number
  readonly longitude: number
}

/** What web/map.js offers besides drawing. */
interface MapModule {
  readonly project: (place: Place) => [number, number]
  readonly greatCircle: (from: Place, to: Place) => Place[][]
}

const { project, greatCircle } = (await import(projectPath('web/map.js'))) as MapModule
const world = readDocument('web/world.svg')

const BERLIN = { latitude: 52.52, longitude: 13.4 }
const TOKYO = { latitude: 35.68, longitude: 139.69 }
const LOS_ANGELES = { latitude: 34.05, longitude: -118.24 }

test('web/world.svg is what scripts/make-world.js prints', () => {
  expect(execFileSync(process.execPath, [projectPath('scripts/make-world.js')], { encoding: 'utf8' })).toBe(
    world,
  )
})

test.each([
  ['SG', { latitude: 1.36, longitude: 103.82 }],
  ['MT', { latitude: 35.92, longitude: 14.41 }],
  ['BB', { latitude: 13.18, longitude: -59.56 }],
  ['TO', { latitude: -20.43, longitude: -174.81 }],
])('a place in %s lies at the dot of the country', (code, place) => {
  const [, x, y] = new RegExp(`data-country="${code}" cx="([\\d.-]+)" cy="([\\d.-]+)"`).exec(world) ?? []
  const [left, down] = project(place)
  expect(Math.hypot(left - Number(x), down - Number(y))).toBeLessThan(1)
})

test('every country of a preset list is on the map or has no code of a country', () => {
  const codes = [...world.matchAll(/data-country="([A-Z]{2})"/g)].map(([, code]) => code)
  expect(new Set(codes).size).toBe(codes.length)
  expect(codes).toEqual(expect.arrayContaining(['US', 'DE', 'CN', 'BR', 'XK', 'HK', 'SG', 'TW']))
  expect(codes.length).toBeGreaterThan(220)
})

test('the way between two places is the shortest, step by step', () => {
  const [way] = greatCircle(BERLIN, TOKYO)
  expect(way[0].latitude).toBeCloseTo(BERLIN.latitude)
  expect(way.at(-1)?.longitude).toBeCloseTo(TOKYO.longitude)
  const length = way.slice(1).reduce((sum, place, i) => {
    return sum + haversine(way[i].latitude, way[i].longitude, place.latitude, place.longitude)
  }, 0)
  const whole = haversine(BERLIN.latitude, BERLIN.longitude, TOKYO.latitude, TOKYO.longitude)
  expect(Math.abs(length - whole)).toBeLessThan(64)
  // It leads over the north of Siberia.
  expect(Math.max(...way.map(({ latitude }) => latitude))).toBeGreaterThan(60)
})

test('a way over the edge of the map is in two pieces', () => {
  const pieces = greatCircle(TOKYO, LOS_ANGELES)
  expect(pieces).toHaveLength(2)
  expect(pieces[0].every(({ longitude }) => longitude > 0)).toBe(true)
  expect(pieces[1].every(({ longitude }) => longitude < 0)).toBe(true)
  // They reach the edge, at one latitude.
  const [leaves, enters] = [pieces[0].at(-1), pieces[1][0]]
  expect(leaves?.longitude).toBeGreaterThan(179)
  expect(enters.longitude).toBeLessThan(-179)
  expect(leaves?.latitude).toBe(enters.latitude)
})

const [, width, height] = (/viewBox="0 0 (\d+) (\d+)"/.exec(world) ?? []).map(Number)

test.each([
  ['over the north pole', BERLIN, { latitude: 60, longitude: -170 }],
  ['over the south pole', { latitude: -50, longitude: 20 }, { latitude: -45, longitude: -160 }],
  ['between both edges', TOKYO, LOS_ANGELES],
  ['to its opposite', BERLIN, { latitude: -52.52, longitude: -166.6 }],
])('a way %s stays within the picture', (_name, from, to) => {
  for (const place of greatCircle(from, to).flat()) {
    const [left, down] = project(place)
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThan(width)
    expect(down).toBeGreaterThan(1)
    expect(down).toBeLessThan(height - 1)
  }
})

test.each([
  ['itself', BERLIN],
  ['its opposite', { latitude: -52.52, longitude: -166.6 }],
])('the way to %s is drawn, too', (_name, to) => {
  const points = greatCircle(BERLIN, to).flat()
  expect(points.length).toBeGreaterThan(1)
  expect(points.every(({ latitude, longitude }) => Number.isFinite(latitude + longitude))).toBe(true)
})
