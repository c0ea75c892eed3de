import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';

/** The kernel gives less where it must not. */
const receiveBufferBytes = 4 * 1024 * 1024;

/** A socket for datagrams of that numeric address's family. Whomever it sends to is told to it by number: at once. */
export const socketFor = (address: string): Socket =>
  createSocket({
    type: isIPv6(address) ? 'udp6' : 'udp4',
    recvBufferSize: receiveBufferBytes,
    lookup: (number, _, found) => found(null, number, isIPv6(number) ? 6 : 4),
  });
