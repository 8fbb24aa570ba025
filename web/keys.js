// Keys that lead to the pages and to their fields, on every page: `/`, `g s` and others. A dialog tells them, and lets who
// speaks to the browser, or touches keys by mistake, switch them off.

import { element } from './dom.js'

/** Milliseconds within which the second key has to follow the first. */
const PATIENCE = 1500

/** What follows `g`. */
const PAGES = [
  { key: 's', name: 'Status', path: '/' },
  { key: 'l', name: 'Lookup', path: '/lookup' },
  { key: 't', name: 'Statistics', path: '/statistics' },
  { key: 'p', name: 'Policy', path: '/policy' },
]

/** Where the browser keeps that they are off. */
const OFF = 'asnzone-keys-off'

const isOff = () => localStorage.getItem(OFF) !== null

/** @param {readonly string[]} keys @param {string} what */
const row = (keys, what) => [
  element('dt', {}, ...keys.flatMap((key) => [element('kbd', {}, key), ' '])),
  element('dd', {}, what),
]

/** The dialog that tells the keys. */
function makeDialog() {
  const box = /** @type {HTMLInputElement} */ (element('input', { type: 'checkbox' }))
  box.checked = !isOff()
  box.addEventListener('change', () => {
    if (box.checked) localStorage.removeItem(OFF)
    else localStorage.setItem(OFF, '1')
  })
  const dialog = /** @type {HTMLDialogElement} */ (
    element(
      'dialog',
      { 'aria-labelledby': 'keys-heading' },
      element('h2', { id: 'keys-heading' }, 'Keys'),
      element(
        'dl',
        { class: 'facts' },
        ...row(['/'], 'the field of this page, or Lookup where there is none'),
        ...PAGES.flatMap(({ key, name }) => row(['g', key], name)),
        ...row(['?'], 'this list'),
        ...row(['Tab'], 'the next link, button, field or list; lists scroll with the arrows'),
      ),
      element('p', {}, element('label', { class: 'choice' }, box, 'Use these keys in this browser')),
      element('form', { method: 'dialog', class: 'buttons' }, element('button', { type: 'submit' }, 'Close')),
    )
  )
  document.body.append(dialog)
  return dialog
}

/** The field of the page, if it is shown. */
function fieldOf() {
  const field = /** @type {HTMLInputElement | null} */ (document.querySelector('main form input[type=text]'))
  return field?.checkVisibility() === true ? field : null
}

/** Whether somebody types, so that keys are letters. @param {EventTarget | null} target */
const isTyped = (target) =>
  target instanceof HTMLElement && (target.matches('input, select, textarea') || target.isContentEditable)

function offerKeys() {
  const dialog = makeDialog()
  const open = () => dialog.showModal()
  const button = element('button', { type: 'button', class: 'quiet' }, 'Keys')
  button.addEventListener('click', open)
  document.querySelector('.foot > div')?.append(element('p', {}, button))
  let wentAt = Number.NEGATIVE_INFINITY
  addEventListener('keydown', (event) => {
    const { key, target, timeStamp } = event
    if (event.ctrlKey || event.altKey || event.metaKey || dialog.open || isTyped(target) || isOff()) return
    const page = PAGES.find((it) => it.key === key && timeStamp - wentAt < PATIENCE)
    wentAt = key === 'g' ? timeStamp : Number.NEGATIVE_INFINITY
    if (page !== undefined) location.href = page.path
    else if (key === '?') open()
    else if (key === '/') {
      const field = fieldOf()
      if (field === null) location.href = '/lookup'
      else {
        field.focus()
        field.select()
      }
    } else return
    event.preventDefault()
  })
}

offerKeys()
