import type { JsonObject, JsonValue } from '../../model/json.ts';
import { isProtocolName, type ProtocolName, protocolNames } from '../../model/protocol.ts';
import type { Request } from './message.ts';

/** Not a request; the message says what is wrong with it. */
export class BadRequest extends Error {
  readonly id: number | null;
  constructor(message: string, id: number | null = null) {
    super(message);
    this.id = id;
  }
}

/** @throws BadRequest */
export function parseRequest(line: string): Request {
  const raw = parseObject(line);
  const { id } = raw;
  if (typeof id !== 'number') throw new BadRequest('a request needs a numeric id');
  const text = (name: string): string => {
    const value = raw[name];
    if (typeof value === 'string') return value;
    throw new BadRequest(`${JSON.stringify(raw.do)} needs the text "${name}"`, id);
  };
  switch (raw.do) {
    case 'listen':
      return {
        id,
        do: 'listen',
        proxy: text('proxy'),
        listen: text('listen'),
        upstream: text('upstream'),
        protocol: protocolOf(text('protocol'), id),
      };
    case 'add':
      return { id, do: 'add', proxy: text('proxy'), fault: faultOf(raw.fault, id) };
    case 'remove':
    case 'counters':
      return { id, do: raw.do, proxy: text('proxy'), faultId: text('faultId') };
    default:
      throw new BadRequest(`cannot do ${JSON.stringify(raw.do)}: expected listen, add, remove or counters`, id);
  }
}

function parseObject(line: string): JsonObject {
  try {
    const value = JSON.parse(line) as JsonValue;
    if (isObject(value)) return value;
  } catch {
    // Said below: both are no request.
  }
  throw new BadRequest('a request is one JSON object a line');
}

function protocolOf(text: string, id: number): ProtocolName | 'dns' {
  if (isProtocolName(text) || text === 'dns') return text;
  throw new BadRequest(
    `unknown protocol ${JSON.stringify(text)}: expected one of ${protocolNames.join(', ')}, dns`,
    id,
  );
}

function faultOf(value: JsonValue | undefined, requestId: number) {
  if (isObject(value)) {
    const { id, kind, settings } = value;
    if (typeof id === 'string' && typeof kind === 'string' && isObject(settings)) return { id, kind, settings };
  }
  throw new BadRequest('"add" needs a fault with id, kind and settings', requestId);
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
