import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
  type ServerStreamResponseOptions,
} from 'node:http2';
import type { Failure } from '../http/exchange.ts';

const { NGHTTP2_CANCEL, NGHTTP2_FLAG_END_STREAM, NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } =
  constants;

/** Answers in the server's place. Without a body the head ends the stream, as gRPC wants it of an answer that fails. */
export function answerStream(
  stream: ServerHttp2Stream,
  { answer, settled }: Extract<Failure, { kind: 'answer' }>,
): void {
  const { status, fields, body } = answer;
  const headers: OutgoingHttpHeaders = { ':status': status };
  for (const [name, value] of fields) headers[name.toLowerCase()] = value;
  const hasBody = body.length > 0;
  if (hasBody) headers['content-length'] = body.length;
  stream.respond(headers, { endStream: !hasBody });
  stream.resume(); // what the client still sends is for nobody
  if (hasBody) stream.end(body);
  settled();
}

/** `close`: nothing was done, and may be tried again. `reset`: it broke. */
export function failStream(stream: ServerHttp2Stream, { kind, settled }: Failure): void {
  stream.close(kind === 'close' ? NGHTTP2_REFUSED_STREAM : NGHTTP2_INTERNAL_ERROR);
  settled();
}

/** Carries a stream to the server and its answer back, trailers and resets as well. */
export function carryStream(
  down: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  about: {
    up: ClientHttp2Session;
    /** The head is all there is of the request. */
    isWhole: boolean;
    holds: readonly (() => Promise<void>)[];
    /** The answer breaks off in its middle. */
    cut: Failure | undefined;
  },
): void {
  const { isWhole, holds, cut } = about;
  if (about.up.closed || about.up.destroyed) {
    down.close(NGHTTP2_REFUSED_STREAM);
    return;
  }
  const authority = headers[':authority'] ?? headers.host;
  const up = about.up.request(
    { ...headers, ...(authority === undefined ? {} : { ':authority': authority }) },
    { endStream: isWhole, waitForTrailers: !isWhole },
  );
  up.on('error', () => {}); // its close says what has to be known
  carryEnds(down, up, isWhole);
  if (!isWhole) {
    carryTrailers(down, up);
    down.pipe(up);
  }
  carryTrailers(up, down);
  up.on('headers', (interim) => {
    if (isOpen(down)) down.additionalHeaders(interim);
  });
  up.once('response', (answer, flags) => {
    const isOver = (flags & NGHTTP2_FLAG_END_STREAM) !== 0;
    held(holds)
      .then(() => {
        if (!isOpen(down)) return;
        if (cut) cutAnswer(down, up, answer, cut);
        else down.respond(answer, asItIs({ endStream: isOver, waitForTrailers: !isOver }));
        if (!cut && !isOver) up.pipe(down);
      })
      .catch((defect: unknown) => {
        console.error('a defect of the fault proxy broke one stream, which was reset; the others go on:', defect);
        down.close(NGHTTP2_INTERNAL_ERROR);
      });
  });
}

async function held(holds: readonly (() => Promise<void>)[]): Promise<void> {
  for (const hold of holds) await hold();
}

const isOpen = (stream: ServerHttp2Stream | ClientHttp2Stream): boolean => !stream.destroyed && !stream.closed;

/** Node would add a date; its types do not know how to say no. */
const asItIs = (options: ServerStreamResponseOptions) => ({ ...options, sendDate: false });

function carryTrailers(from: ServerHttp2Stream | ClientHttp2Stream, to: ServerHttp2Stream | ClientHttp2Stream): void {
  let trailers: IncomingHttpHeaders = {};
  from.on('trailers', (came: IncomingHttpHeaders) => {
    trailers = came;
  });
  to.on('wantTrailers', () => {
    if (from.rstCode)
      to.close(from.rstCode); // it broke off: that must not look like an end
    else to.sendTrailers(trailers);
  });
}

/**
 * A stream that was reset, or lost with its connection, ends the other one in the same way. One that ended as it should
 * leaves the other to end by itself, with what is still on its way there.
 */
function carryEnds(down: ServerHttp2Stream, up: ClientHttp2Stream, isWhole: boolean): void {
  const isRequestRead = () => isWhole || down.readableEnded;
  up.once('close', () => {
    if (!isOpen(down)) return;
    const code = up.rstCode ?? NGHTTP2_INTERNAL_ERROR;
    if (code !== NGHTTP2_NO_ERROR || !down.headersSent) down.close(code || NGHTTP2_INTERNAL_ERROR);
    else if (!isRequestRead()) down.close(NGHTTP2_NO_ERROR); // the server has answered, and wants to hear no more
  });
  down.once('close', () => {
    const isOver = down.rstCode === NGHTTP2_NO_ERROR && down.writableFinished && isRequestRead();
    if (!isOver) cancel(up, down.rstCode || NGHTTP2_CANCEL);
  });
}

/** Later: while Node works at the session, a stream that is closed and has bytes to send makes it send nothing for ever. */
function cancel(stream: ClientHttp2Stream, code: number): void {
  setImmediate(() => {
    if (isOpen(stream)) stream.close(code);
  });
}

/** Half of the first bytes go on, and then it breaks. */
function cutAnswer(down: ServerHttp2Stream, up: ClientHttp2Stream, answer: IncomingHttpHeaders, cut: Failure): void {
  const breakOff = () => {
    cut.settled();
    down.close(NGHTTP2_INTERNAL_ERROR);
    cancel(up, NGHTTP2_CANCEL);
  };
  down.respond(answer, asItIs({ waitForTrailers: true })); // else Node would end it properly before it is reset
  up.once('data', (bytes: Buffer) => {
    up.pause();
    down.write(bytes.subarray(0, Math.floor(bytes.length / 2)), breakOff);
  });
  up.once('end', () => {
    if (isOpen(down) && !up.isPaused()) breakOff();
  });
}
