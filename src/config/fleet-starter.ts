// The configs that asnzone init writes for a fleet: for the host that builds the data, and for those that take them.

/** What a host of a fleet does. */
interface FleetRole {
  readonly label: string
  readonly text: string
}

/** Where the builder writes, and where nodes look for it unless they are told. */
const DIRECTORY = '/srv/www/asnzone'

const LISTEN = `# Where asnzone answers, over UDP and TCP. Other hosts can ask only where it listens on an address of theirs, too, such
# as "192.0.2.53:53", and only when allow names their networks.
listen: ["127.0.0.1:5300", "[::1]:5300"]
allow: ["127.0.0.0/8", "::1"]
`

const BUILDER = `# asnzone for the host that builds what a fleet answers from: see docs/fleet.md, and asnzone.yaml(5) for every setting.
#
# 1. Once: asnzone build --new-key /etc/asnzone/snapshot.key
#    It prints the public key, which every node needs. Keep the secret one.
# 2. Daily, by cron or a timer of systemd:
#    asnzone update && asnzone build --sign /etc/asnzone/snapshot.key --output ${DIRECTORY}
# 3. On each node: asnzone init fleet-node
#
# What is decided here holds on every node: data, overrides, distances and scores. A node has its own zones, addresses,
# access lists and limits.

${LISTEN}
# The data under your own sources.
feed: ip-location-db

# Data of your own, which takes precedence; docs/data.md has the formats.
# sources: [{ what: override, format: overrides, from: /etc/asnzone/overrides.csv }]

# Where distances are counted from, on every node.
# here: "52.52,13.41"

# Until when nodes may take a snapshot: so long after the time of its data.
max-age: 45d

# Hands the snapshots out over HTTP, where no other web server does. Their signature counts, not the way.
# publish-csv: 192.0.2.10:8054
# publish-allow: [192.0.2.0/24]
# publish-snapshots: ${DIRECTORY}
`

const NODE = `# asnzone for a node of a fleet, which answers from what another host builds: see docs/fleet.md, and asnzone.yaml(5) for
# every setting. It needs no sources and no licence keys.

${LISTEN}
# Where snapshots come from: a directory that rsync, NFS or a configuration management fills, or a web server. Over the
# network, each has to be signed with one of the keys: what asnzone build --new-key prints on the builder, RW… . Two may
# stand there while you change from one to the other.
snapshot:
  from: ${DIRECTORY}
  # from: https://mirror.example.net/asnzone/
  # keys: [RWTNcBI2kdhGpjAIDMjGx7MopEumaRNxNqCZyv3PSjUg2mBi4i9b0mFz]
  refresh: 1h

# How old data may be before there is a warning.
max-age: 45d

# Figures and health, for Prometheus and load balancers; asnzone_snapshot_serial tells which node lags.
# http: 127.0.0.1:8053

# The same on every node, so that a client's DNS cookie holds whichever answers; openssl rand -hex 16 prints one.
# cookie-secret: "…"
`

/** The roles, by the name that init is given. */
export const FLEET_ROLES = {
  'fleet-builder': { label: 'the builder of a fleet', text: BUILDER },
  'fleet-node': { label: 'a node of a fleet', text: NODE },
} as const satisfies Readonly<Record<string, FleetRole>>

/** The name of a role. */
export type FleetRoleName = keyof typeof FLEET_ROLES

/** The names of the roles. */
export const fleetRoleNames = Object.keys(FLEET_ROLES) as FleetRoleName[]
