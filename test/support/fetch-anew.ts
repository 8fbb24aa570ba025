// Each fetch of a test makes a connection of its own: a server closes one that was idle for five seconds, and a busy
// machine lets a test use it again at that very moment.

const MARK = Symbol.for('asnzone.fetch-anew')

const marked = globalThis.fetch as typeof fetch & { [MARK]?: true }
if (marked[MARK] === undefined) {
  const anew: typeof marked = (input, init = {}) => {
    const headers = new Headers(init.headers ?? (input instanceof Request ? input.headers : undefined))
    if (!headers.has('connection')) headers.set('connection', 'close')
    return marked(input, { ...init, headers })
  }
  anew[MARK] = true
  globalThis.fetch = anew
}
