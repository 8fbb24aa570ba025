// Why a file could not be read, written or unpacked, as an administrator says it: what is wrong, and what to do.

/** The code of an error about what is neither a file nor a directory: a FIFO, a device or a socket. */
export const NO_FILE = 'ASNZONE_NO_FILE'

/** By the code of the system, of zlib or of SQLite. Codes that aren't here are told in the system's words. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not open it; change its owner or mode, or those of a directory above it',
  EISDIR: 'it is a directory, where a file is expected',
  ELOOP: 'it is a link, or leads through too many',
  EMFILE: 'too many files are open; raise LimitNOFILE= or ulimit -n',
  ENAMETOOLONG: 'its name is too long',
  ENOENT: 'there is no such file or directory',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of its path is a file, not a directory',
  EROFS: 'the file system is read-only',
  SQLITE_FULL: 'the disk is full',
  [NO_FILE]: 'it is not a file; name one',
  Z_BUF_ERROR: 'its gzip data ends too early: it was cut off; fetch it again',
  Z_DATA_ERROR: 'its gzip data is damaged; fetch it again',
  Z_MEM_ERROR: 'there is not enough memory to unpack it',
}

/** One line without the name of the file. */
export function fileReason(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException
  return REASONS[code] ?? message
}

/** The file that a call of the system was about, as the error tells: of a renaming, what was to be replaced. */
export function fileOf(error: unknown, otherwise: string): string {
  const { dest, path } = error as NodeJS.ErrnoException & { readonly dest?: string }
  return dest ?? path ?? otherwise
}

/** What is wrong with a file, after its name, which some reasons begin with. */
export const ofFile = (file: string, reason: string): string =>
  reason.startsWith(file) ? reason : `${file}: ${reason}`
