// Builds dist/ when it is missing or older than a source file; `npm start` runs it first.

import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const root = new URL('..', import.meta.url).pathname

/** The newest modification time of a folder's files, 0 when there is none. */
function newest(folder) {
  let time = 0
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) time = Math.max(time, statSync(join(entry.parentPath, entry.name)).mtimeMs)
  }
  return time
}

function isBuilt() {
  try {
    const built = statSync(join(root, 'dist/cli/main.js')).mtimeMs
    const others = ['tsconfig.json', 'package-lock.json', 'scripts/bundle.js'].map(
      (it) => statSync(join(root, it)).mtimeMs,
    )
    return built > Math.max(newest(join(root, 'src')), ...others)
  } catch {
    return false
  }
}

if (!isBuilt()) execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' })
