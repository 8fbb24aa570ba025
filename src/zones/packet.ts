// The buffer that a reply is written into, as octets and as words.

/** A buffer with room for REPLY_CAPACITY octets after where the reply begins. */
export interface Packet {
  readonly packet: Uint8Array
  /** The same octets, for reading and writing several at once. */
  readonly view: DataView
}

/** The packet over a buffer. Allocates. */
export function packetOver(packet: Uint8Array): Packet {
  return { packet, view: new DataView(packet.buffer, packet.byteOffset, packet.byteLength) }
}
