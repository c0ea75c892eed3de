import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
  type ServerStreamResponseOptions,
} from 'node:http2';
import { PassThrough, Readable, type Writable } from 'node:stream';
import type { Failure } from '../http/exchange.ts';
import type { Obstacles } from './watch.ts';

const { NGHTTP2_CANCEL, NGHTTP2_FLAG_END_STREAM, NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } =
  constants;

/** Answers in the server's place. Without a body the head ends the stream, as gRPC wants it of an answer that fails. */
export function answerStream(
  stream: ServerHttp2Stream,
  { answer, settled }: Extract<Failure, { kind: 'answer' }>,
  { holds, behindHead }: Obstacles,
): void {
  const { status, fields, body } = answer;
  const headers: OutgoingHttpHeaders = { ':status': status };
  for (const [name, value] of fields) headers[name.toLowerCase()] = value;
  const hasBody = body.length > 0;
  if (hasBody) headers['content-length'] = body.length;
  stream.resume(); // what the client still sends is for nobody
  onceHeld(holds, stream, () => {
    stream.respond(headers, { endStream: !hasBody });
    if (hasBody) through(behindHead, Readable.from([body]), stream).pipe(stream);
    settled();
  });
}

/** `close`: nothing was done, and may be tried again. `reset`: it broke. */
export function failStream(stream: ServerHttp2Stream, { kind, settled }: Failure): void {
  stream.close(kind === 'close' ? NGHTTP2_REFUSED_STREAM : NGHTTP2_INTERNAL_ERROR);
  settled();
}

type Cut = Extract<Failure, { kind: 'cut' }>;

/** A stream as a client has opened it. */
export interface Opened {
  stream: ServerHttp2Stream;
  headers: IncomingHttpHeaders;
  /** Names and values by turns, as they came. */
  raw: readonly string[];
  /** The head is all there is of the request. */
  isWhole: boolean;
}

/**
 * Carries a stream to the server and its answer back, trailers and resets as well.
 * @param about.cut the answer breaks off in its middle, or behind its body
 */
export function carryStream(
  { stream: down, headers, raw, isWhole }: Opened,
  session: ClientHttp2Session,
  { obstacles, cut }: { obstacles: Obstacles; cut: Cut | undefined },
): void {
  if (session.closed || session.destroyed) {
    down.close(NGHTTP2_REFUSED_STREAM);
    return;
  }
  const up = session.request(asSent(headers, raw), { endStream: isWhole, waitForTrailers: !isWhole });
  up.on('error', () => {}); // its close says what has to be known
  /** What comes goes on through it, behind all that waits, when something is in the way. */
  let entrance: PassThrough | undefined;
  carryEnds(down, up, { isWhole, entrance: () => entrance });
  if (!isWhole) {
    carryTrailers(down, up);
    down.pipe(up);
  }
  carryTrailers(up, down);
  up.on('headers', (interim) => {
    if (isOpen(down)) orReset(down, () => down.additionalHeaders(interim));
  });
  up.once('response', (joined: IncomingHttpHeaders, flags: number, rawAnswer: string[]) => {
    const answer = asSent(joined, rawAnswer);
    const isOver = (flags & NGHTTP2_FLAG_END_STREAM) !== 0;
    // What follows a request to connect is no body.
    const { holds, atOnce, behindHead } =
      headers[':method'] === 'CONNECT' ? { ...none, holds: obstacles.holds } : obstacles;
    if (!isOver && isOpen(down) && holds.length + atOnce.length + behindHead.length > 0)
      entrance = new PassThrough({ highWaterMark: mostWaitingBytes });
    const came = entrance ? through([() => entrance!, ...atOnce], up, down) : up;
    onceHeld(holds, down, () => {
      const body = entrance ? through(behindHead, came, down) : up;
      if (cut) cutAnswer({ down, up, body }, answer, cut);
      else down.respond(answer, asItIs({ endStream: isOver, waitForTrailers: !isOver }));
      if (!cut && !isOver) body.pipe(down);
    });
  });
}

const none: Obstacles = { holds: [], atOnce: [], behindHead: [] };
/** So much of a body may wait for its head. */
const mostWaitingBytes = 64 * 1024;

/** What cannot be sent ends one stream, and not the proxy: Node refuses some fields that it takes. */
export function orReset(stream: ServerHttp2Stream | ClientHttp2Stream, work: () => void): void {
  try {
    work();
  } catch (defect) {
    resetAfter(defect, stream);
  }
}

function resetAfter(defect: unknown, stream: ServerHttp2Stream | ClientHttp2Stream): void {
  console.error('a defect of the fault proxy broke one stream, which was reset; the others go on:', defect);
  stream.close(NGHTTP2_INTERNAL_ERROR);
}

/** Values that Node has joined go on one by one, as they came. */
function asSent<Headers extends IncomingHttpHeaders>(headers: Headers, raw: readonly string[]): Headers {
  const values = new Map<string, string[]>();
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const before = values.get(raw[at]!);
    if (before) before.push(raw[at + 1]!);
    else values.set(raw[at]!, [raw[at + 1]!]);
  }
  const apart = [...values].filter(([name, list]) => list.length > 1 && headers[name] === list.join(', '));
  return apart.length === 0 ? headers : { ...headers, ...Object.fromEntries(apart) };
}

/** What comes, behind what stands in its way, through which it goes from now on. */
function through(obstacles: Obstacles['atOnce'], source: Readable, down: ServerHttp2Stream): Readable {
  let body = source;
  for (const make of obstacles) {
    const next = make((work) => orReset(down, work));
    down.once('close', () => next.destroy());
    body = body.pipe(next);
  }
  return body;
}

/** The work is for nobody when the stream is closed by then. */
function onceHeld(holds: Obstacles['holds'], stream: ServerHttp2Stream, work: () => void): void {
  const all = async () => {
    for (const hold of holds) await hold();
    if (isOpen(stream)) work();
  };
  all().catch((defect: unknown) => resetAfter(defect, stream));
}

const isOpen = (stream: ServerHttp2Stream | ClientHttp2Stream): boolean => !stream.destroyed && !stream.closed;

/** Node would add a date; its types do not know how to say no. */
const asItIs = (options: ServerStreamResponseOptions) => ({ ...options, sendDate: false });

function carryTrailers(from: ServerHttp2Stream | ClientHttp2Stream, to: ServerHttp2Stream | ClientHttp2Stream): void {
  let trailers: IncomingHttpHeaders = {};
  from.on('trailers', (came: IncomingHttpHeaders, _flags: number, raw: string[]) => {
    trailers = asSent(came, raw);
  });
  to.on('wantTrailers', () => {
    if (from.rstCode)
      to.close(from.rstCode); // it broke off: that must not look like an end
    else orReset(to, () => to.sendTrailers(trailers));
  });
}

/**
 * A stream that was reset, or lost with its connection, ends the other one in the same way. One that ended as it should
 * leaves the other to end by itself, with what is still on its way there.
 */
function carryEnds(
  down: ServerHttp2Stream,
  up: ClientHttp2Stream,
  { isWhole, entrance }: { isWhole: boolean; entrance(): Writable | undefined },
): void {
  const isRequestRead = () => isWhole || down.readableEnded;
  let hasAnswered = false;
  up.once('response', () => {
    hasAnswered = true;
  });
  up.once('close', () => {
    down.unpipe(up).resume(); // what the client still sends is for nobody
    if (!isOpen(down)) return;
    if (up.rstCode && entrance())
      entrance()!.end(); // the reset goes behind what waits, where trailers would
    else if (up.rstCode || !hasAnswered) down.close(up.rstCode);
    else if (isRequestRead()) return;
    else if (down.writableFinished) closeAfterEnd(down);
    else down.once('finish', () => closeAfterEnd(down));
  });
  down.once('close', () => {
    up.unpipe().resume();
    const isOver = down.rstCode === NGHTTP2_NO_ERROR && !down.aborted && isRequestRead();
    if (!isOver) cancel(up, down.rstCode);
  });
}

/** A reset would overtake the trailers. When they have gone can only be seen by looking. */
function closeAfterEnd(stream: ServerHttp2Stream): void {
  if (!isOpen(stream)) return;
  if (stream.state.localClose) stream.close(NGHTTP2_NO_ERROR);
  else setTimeout(closeAfterEnd, 10, stream);
}

/** Later: while Node works at the session, a stream that is closed and has bytes to send makes it send nothing for ever. */
function cancel(stream: ClientHttp2Stream, code: number | undefined): void {
  setImmediate(() => {
    if (isOpen(stream)) stream.close(code);
  });
}

/** All of the body, or half of its first bytes, goes on, and then it breaks. */
function cutAnswer(
  { down, up, body }: { down: ServerHttp2Stream; up: ClientHttp2Stream; body: Readable },
  answer: IncomingHttpHeaders,
  cut: Cut,
): void {
  const breakOff = () => {
    cut.settled();
    down.close(NGHTTP2_INTERNAL_ERROR);
    cancel(up, NGHTTP2_CANCEL);
  };
  down.respond(answer, asItIs({ waitForTrailers: true })); // else Node would end it properly before it is reset
  if (cut.where === 'end') {
    body.pipe(down, { end: false });
    body.once('end', () => down.write(Buffer.alloc(0), breakOff));
    return;
  }
  body.once('data', (bytes: Buffer) => {
    body.pause();
    down.write(bytes.subarray(0, Math.floor(bytes.length / 2)), breakOff);
  });
  body.once('end', () => {
    if (isOpen(down) && !body.isPaused()) breakOff();
  });
}
