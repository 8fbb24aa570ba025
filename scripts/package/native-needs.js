// What native code needs of Debian, as dpkg-shlibdeps would find it, but for any machine.

import { readFileSync } from 'node:fs'

/** The packages of Debian that hold the libraries which prebuilt binaries are linked with. */
const PACKAGE_OF = {
  'libstdc++.so.6': 'libstdc++6',
  'libgcc_s.so.1': 'libgcc-s1',
}

/**
 * The relations for a package with these binaries in it, such as `libc6 (>= 2.25)`. Names of libraries and of versions of
 * their symbols stand in ELF's string table as they are.
 */
export function relationsOf(files) {
  const texts = files.map((file) => readFileSync(file, 'latin1'))
  const versions = texts.flatMap((text) =>
    [...text.matchAll(/\0GLIBC_2\.(\d+)(?=[.\0])/g)].map(([, minor]) => Number(minor)),
  )
  if (versions.length === 0) throw new Error(`${files.join(', ')}: no version of libc6 is in it`)
  const libraries = Object.entries(PACKAGE_OF)
    .filter(([library]) => texts.some((text) => text.includes(`\0${library}\0`)))
    .map(([, name]) => name)
  return [`libc6 (>= 2.${Math.max(...versions)})`, ...libraries.sort()]
}
