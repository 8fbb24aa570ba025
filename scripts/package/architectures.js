// The machines that there are packages for, by the names that Debian and Node.js give them.

/** By Debian's name: what Node.js and npm call it, and the folder of koffi's package that has the binary for glibc. */
export const ARCHITECTURES = {
  amd64: { node: 'x64', koffi: 'linux_x64' },
  arm64: { node: 'arm64', koffi: 'linux_arm64' },
}

/** Debian's name for the machine that runs this; undefined where there is no package for it. */
export const ownArchitecture = () =>
  Object.keys(ARCHITECTURES).find((name) => ARCHITECTURES[name].node === process.arch)
