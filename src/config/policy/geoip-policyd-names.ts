// The environment variables of geoip-policyd, and what is called how here. The program, its README and the file that it
// comes with don't agree on all names: what any of them says is known.

/** When a variable counts: the switches that have to be on. */
export type Switches = readonly string[]

const LDAP: Switches = ['USE_LDAP']
const MAIL: Switches = ['RUN_ACTIONS', 'RUN_ACTION_OPERATOR']

/** A variable whose value is that of a leaf of `policy`. */
export interface Row {
  readonly name: string
  readonly leaf: string
  /** How the value is read, where it isn't as it stands. */
  readonly as?: 'limit' | 'seconds' | 'permanent' | 'switch' | 'not' | 'on-connect' | 'known'
  readonly switches?: Switches
}

/** Variables that are told by a leaf. */
export const ROWS: readonly Row[] = [
  { name: 'REDIS_USERNAME', leaf: 'redis.username' },
  { name: 'REDIS_PASSWORD', leaf: 'redis.password' },
  { name: 'REDIS_DATABASE_NUMBER', leaf: 'redis.database' },
  { name: 'REDIS_SENTINELS', leaf: 'redis.sentinels' },
  { name: 'REDIS_SENTINEL_MASTER_NAME', leaf: 'redis.master' },
  { name: 'REDIS_SENTINEL_USERNAME', leaf: 'redis.sentinel-username' },
  { name: 'REDIS_SENTINEL_PASSWORD', leaf: 'redis.sentinel-password' },
  { name: 'REDIS_TTL', leaf: 'window', as: 'seconds' },
  { name: 'MAX_COUNTRIES', leaf: 'limits.countries', as: 'limit' },
  { name: 'MAX_IPS', leaf: 'limits.ips', as: 'limit' },
  { name: 'HOME_COUNTRIES', leaf: 'home.codes' },
  { name: 'MAX_HOME_COUNTRIES', leaf: 'home.countries', as: 'limit' },
  { name: 'MAX_HOME_IPS', leaf: 'home.ips', as: 'limit' },
  { name: 'IGNORE_NETWORKS', leaf: 'exempt.networks' },
  { name: 'BLOCK_PERMANENT', leaf: 'block.for', as: 'permanent' },
  { name: 'CUSTOM_SETTINGS_PATH', leaf: 'users' },
  { name: 'FORCE_USER_KNOWN', leaf: 'known', as: 'known' },
  { name: 'LDAP_SERVER_URIS', leaf: 'ldap.urls', switches: LDAP },
  { name: 'LDAP_BASEDN', leaf: 'ldap.base', switches: LDAP },
  { name: 'LDAP_BINDDN', leaf: 'ldap.bind-dn', switches: LDAP },
  { name: 'LDAP_BINDPW', leaf: 'ldap.password', switches: LDAP },
  { name: 'LDAP_FILTER', leaf: 'ldap.filter', switches: LDAP },
  { name: 'LDAP_RESULT_ATTRIBUTE', leaf: 'ldap.attribute', switches: LDAP },
  { name: 'LDAP_SCOPE', leaf: 'ldap.scope', switches: LDAP },
  { name: 'LDAP_STARTTLS', leaf: 'ldap.starttls', as: 'switch', switches: LDAP },
  { name: 'LDAP_TLS_SKIP_VERIFY', leaf: 'ldap.verify', as: 'not', switches: LDAP },
  { name: 'LDAP_TLS_CAFILE', leaf: 'ldap.ca', switches: LDAP },
  { name: 'LDAP_TLS_CLIENT_CERT', leaf: 'ldap.cert', switches: LDAP },
  { name: 'LDAP_TLS_CLIENT_KEY', leaf: 'ldap.key', switches: LDAP },
  { name: 'LDAP_SASL_EXTERNAL', leaf: 'ldap.external', as: 'switch', switches: LDAP },
  { name: 'LDAP_POOL_SIZE', leaf: 'ldap.pool', switches: LDAP },
  { name: 'LDAP_IDLE_POOL_SIZE', leaf: 'ldap.idle', switches: LDAP },
  { name: 'OPERATOR_TO', leaf: 'notify.to', switches: MAIL },
  { name: 'OPERATOR_FROM', leaf: 'notify.from', switches: MAIL },
  { name: 'OPERATOR_SUBJECT', leaf: 'notify.subject', switches: MAIL },
  { name: 'OPERATOR_MESSAGE_PATH', leaf: 'notify.body', switches: MAIL },
  { name: 'MAIL_SERVER_ADDRESS', leaf: 'notify.smtp.host', switches: MAIL },
  { name: 'MAIL_SERVER_PORT', leaf: 'notify.smtp.port', switches: MAIL },
  { name: 'MAIL_HELO', leaf: 'notify.smtp.helo', switches: MAIL },
  { name: 'MAIL_USERNAME', leaf: 'notify.smtp.username', switches: MAIL },
  { name: 'MAIL_PASSWORD', leaf: 'notify.smtp.password', switches: MAIL },
  { name: 'MAIL_SSL_ON_CONNECT', leaf: 'notify.smtp.tls', as: 'on-connect', switches: MAIL },
]

/** Variables that the importer reads on its own. */
export const READ = [
  'SERVER_ADDRESS',
  'SERVER_PORT',
  'DISABLE_POLICY_SERVICE',
  'HTTP_ADDRESS',
  'HTTP_PORT',
  'DISABLE_HTTP_SERVICE',
  'HTTP_USE_BASIC_AUTH',
  'HTTP_BASIC_AUTH_USERNAME',
  'HTTP_BASIC_AUTH_PASSWORD',
  'HTTP_USE_SSL',
  'HTTP_TLS_CERT',
  'HTTP_TLS_KEY',
  'USE_SASL_USERNAME',
  'REDIS_ADDRESS',
  'REDIS_PORT',
  'REDIS_PREFIX',
  'USE_LDAP',
  'RUN_ACTIONS',
  'RUN_ACTION_OPERATOR',
  'VERBOSE_LEVEL',
  'LOG_JSON',
] as const

const REPLICA = 'a decision has to read what the one before it wrote, so that no replica is asked'

const NO_CDB = 'asnzone reads no CDB; accounts need not be known to be counted'

/** A variable that nothing stands for here. */
export interface Dropped {
  readonly name: string
  /** Why, and what is there instead. */
  readonly reason: string
  /** Whether it is a switch, and so worth a word only when it is on. */
  readonly isSwitch?: boolean
}

/** Variables that nothing stands for here. */
export const DROPPED: readonly Dropped[] = [
  { name: 'REDIS_REPLICA_ADDRESS', reason: REPLICA },
  { name: 'REDIS_REPLICA_PORT', reason: REPLICA },
  { name: 'REDIS_REPLICA_DATABASE_NUMBER', reason: REPLICA },
  { name: 'REDIS_REPLICA_USERNAME', reason: REPLICA },
  { name: 'REDIS_REPLICA_PASSWORD', reason: REPLICA },
  {
    name: 'GEOIP_PATH',
    reason: 'asnzone has data of its own; its setting sources takes an MMDB file as well',
  },
  { name: 'CDB_PATH', reason: NO_CDB },
  { name: 'USE_CDB', reason: NO_CDB, isSwitch: true },
  { name: 'OPERATOR_MESSAGE_CT', reason: 'the type of a message is told by the name of its file' },
  { name: 'TZ', reason: 'times are in UTC' },
]

/** Other names, each with the one that the program reads. */
export const OTHER_NAMES: Readonly<Record<string, string>> = {
  BLOCKED_PERMANENT: 'BLOCK_PERMANENT',
  BLOCKED_NO_EXPIRE: 'BLOCK_PERMANENT',
  IGNORE_NETWORK: 'IGNORE_NETWORKS',
  LDAP_SKIP_TLS_VERIFY: 'LDAP_TLS_SKIP_VERIFY',
  MAIL_SERVER: 'MAIL_SERVER_ADDRESS',
  MAIL_PORT: 'MAIL_SERVER_PORT',
  MAIL_SSL: 'MAIL_SSL_ON_CONNECT',
  VERBOSE: 'VERBOSE_LEVEL',
}
