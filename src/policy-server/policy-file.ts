// Where the policy service keeps what it remembers.

/** The file's name in the data directory. */
export const POLICY_FILE = 'policy.sqlite'
