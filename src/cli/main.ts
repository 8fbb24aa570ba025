#!/usr/bin/env node
// The program: first what signals do, then all the rest.

import '../system/early-signals.ts'

// Not with an import statement: those are all read before the first of them runs.
void import('./run.ts')
