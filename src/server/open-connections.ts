// Open connections in the order in which they were idle the longest: who gives up its place to a new one.
//
// When all places are taken it is the idlest of all, so that clients that only hold connections open shut nobody out; when a
// client has all that it may have it is that client's idlest, so that no client shuts the others out.

/** Connections of any number of listeners. */
export class OpenConnections<Connection> implements Iterable<Connection> {
  readonly #most: number
  readonly #perClient: number
  /** The one that was idle the longest first. */
  readonly #all = new Set<Connection>()
  /** Those of each client, in the same order. */
  readonly #byClient = new Map<string, Set<Connection>>()
  readonly #clients = new Map<Connection, string>()

  /**
   * @param most how many there may be in all
   * @param perClient how many one client may have
   */
  constructor(most: number, perClient: number) {
    this.#most = most
    this.#perClient = perClient
  }

  /** How many are open. */
  get size(): number {
    return this.#all.size
  }

  [Symbol.iterator](): IterableIterator<Connection> {
    return this.#all.values()
  }

  /**
   * The one whose place a new connection takes; undefined where there is room.
   *
   * @param client whose the new one is; null when that isn't known yet
   */
  toDisplace(client: string | null): Connection | undefined {
    const own = client === null ? undefined : this.ownToDisplace(client)
    return own ?? (this.#all.size >= this.#most ? first(this.#all) : undefined)
  }

  /** The idlest connection of a client that has all that it may have; undefined when it may have one more. */
  ownToDisplace(client: string): Connection | undefined {
    const own = this.#byClient.get(client)
    return own === undefined || own.size < this.#perClient ? undefined : first(own)
  }

  /** Adds one, of a client or of nobody yet. */
  add(connection: Connection, client: string | null): void {
    this.#all.add(connection)
    if (client !== null) this.assign(connection, client)
  }

  /** Says whose a connection is that was nobody's; one that is closed already stays nobody's. */
  assign(connection: Connection, client: string): void {
    if (!this.#all.has(connection)) return
    this.#clients.set(connection, client)
    const siblings = this.#byClient.get(client)
    if (siblings === undefined) this.#byClient.set(client, new Set([connection]))
    else siblings.add(connection)
  }

  /** One that is used goes to the end of the lines. */
  touch(connection: Connection): void {
    if (!this.#all.delete(connection)) return
    this.#all.add(connection)
    const siblings = this.#siblings(connection)
    if (siblings?.delete(connection)) siblings.add(connection)
  }

  /** Takes one out; false when it is out already. */
  delete(connection: Connection): boolean {
    if (!this.#all.delete(connection)) return false
    const siblings = this.#siblings(connection)
    siblings?.delete(connection)
    if (siblings?.size === 0) this.#byClient.delete(this.#clients.get(connection) ?? '')
    this.#clients.delete(connection)
    return true
  }

  #siblings(connection: Connection): Set<Connection> | undefined {
    const client = this.#clients.get(connection)
    return client === undefined ? undefined : this.#byClient.get(client)
  }
}

function first<Item>(items: ReadonlySet<Item>): Item | undefined {
  for (const item of items) return item
  return undefined
}
