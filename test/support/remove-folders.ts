// Removes the temporary folders of each test file. A file of set-up runs once a test file; a module that the tests import
// would register its hook with the first of them only, as those of one worker share their modules.

import { afterAll } from 'vitest'
import { removeTemporaryFolders } from './folders.ts'

// Hooks run in the reverse order of their registration: servers that use the folders have stopped by then.
afterAll(removeTemporaryFolders)
