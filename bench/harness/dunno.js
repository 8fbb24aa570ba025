// node dunno.js PORT: answers every policy request with DUNNO and knows nothing, for what a service on the same core
// costs its neighbours by being there.

import { createServer } from 'node:net'

const [port] = process.argv.slice(2)
createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => {})
  socket.on('data', (octets) => {
    if (octets.toString('latin1').endsWith('\n\n')) socket.write('action=DUNNO\n\n')
  })
}).listen(Number(port), '127.0.0.1')
