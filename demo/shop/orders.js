/*
 * An orders service on PostgreSQL.
 *
 *   PORT=7080 DATABASE_URL=postgres://shop@127.0.0.1:7432/shop [ORDERS_MODE=safe|early-ack] node demo/shop/orders.js
 *
 *   GET  /health          200 when the database answers, else 503
 *   GET  /orders/ID       the order, or 404
 *   PUT  /orders/ID       201 when it is kept
 *   GET  /orders?since=P  all orders whose id begins with P
 *
 * With ORDERS_MODE=safe a write is acknowledged after its commit. With ORDERS_MODE=early-ack it is acknowledged at once and written in
 * batches soon after: faster, and the classic bug, because what was promised is lost when a batch fails.
 */
import { createServer } from 'node:http';
import pg from 'pg';

const port = Number(process.env.PORT);
const mode = process.env.ORDERS_MODE ?? 'safe';
const validId = /^[A-Za-z0-9._-]{1,100}$/;
/** How long a request is tried again before its client is told that it failed. */
const retryForMs = 800;
const longestPauseMs = 100;
const batchEveryMs = 250;

if (!Number.isInteger(port) || !process.env.DATABASE_URL || !['safe', 'early-ack'].includes(mode)) {
  console.error('usage: PORT=… DATABASE_URL=… [ORDERS_MODE=safe|early-ack] node demo/shop/orders.js');
  process.exit(2);
}

const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: 10,
  connectionTimeoutMillis: 500,
  idleTimeoutMillis: 10_000,
  query_timeout: 800,
});
// A connection that breaks while it is idle is replaced with the next query; without a listener it would end the process.
pool.on('error', ({ message }) => console.error(`idle connection lost: ${message}`));

/** Orders that were acknowledged and are not written yet (early-ack only). */
let accepted = [];
let schema;

const server = createServer((request, response) => {
  handle(request)
    .catch((error) => ({ status: error.status ?? 503, body: { error: error.message } }))
    .then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    });
});
server.requestTimeout = 5000;
server.listen(port, '127.0.0.1', () => console.error(`orders (${mode}) on http://127.0.0.1:${port}`));

const batches = mode === 'early-ack' ? setInterval(writeBatch, batchEveryMs) : undefined;
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, stop);

async function handle(request) {
  const url = new URL(request.url, 'http://localhost');
  const id = /^\/orders\/([^/]+)$/.exec(url.pathname)?.[1];
  if (request.method === 'GET' && url.pathname === '/health') return await health();
  if (request.method === 'GET' && url.pathname === '/orders') return await list(url.searchParams.get('since') ?? '');
  if (id === undefined) return { status: 404, body: { error: 'no such path' } };
  if (!validId.test(id)) return { status: 400, body: { error: 'an id has 1 to 100 letters, digits, ".", "_" or "-"' } };
  if (request.method === 'GET') return await read(id);
  if (request.method === 'PUT') return mode === 'safe' ? await write(id) : accept(id);
  return { status: 405, body: { error: 'GET or PUT' } };
}

async function health() {
  await query('select 1');
  return { status: 200, body: { status: 'ok', mode } };
}

async function read(id) {
  const { rows } = await query('select id, created_at from orders where id = $1', [id]);
  return rows.length === 0 ? { status: 404, body: { error: 'no such order' } } : { status: 200, body: rows[0] };
}

async function list(since) {
  if (since !== '' && !validId.test(since)) return { status: 400, body: { error: 'no such prefix' } };
  const { rows } = await query('select id, created_at from orders where starts_with(id, $1) order by id limit 100000', [
    since,
  ]);
  return { status: 200, body: rows };
}

/** Acknowledged only after the commit. A retry after a lost answer writes nothing twice. */
async function write(id) {
  await query('insert into orders (id) values ($1) on conflict (id) do nothing', [id]);
  return { status: 201, body: { id } };
}

function accept(id) {
  if (accepted.length >= 10_000) return { status: 503, body: { error: 'too many orders wait to be written' } };
  accepted.push(id);
  return { status: 201, body: { id } };
}

async function writeBatch() {
  const batch = accepted;
  accepted = [];
  if (batch.length === 0) return;
  try {
    await ready();
    await pool.query('insert into orders (id) select unnest($1::text[]) on conflict (id) do nothing', [batch]);
  } catch (error) {
    // The bug: these orders were acknowledged, and nobody will ever write them.
    console.error(`dropped a batch of ${batch.length} orders: ${error.message}`);
  }
}

/** Tries again for a while with growing pauses: a database that restarts is back within moments. */
async function query(text, parameters) {
  const deadline = performance.now() + retryForMs;
  for (let attempt = 0; ; attempt += 1) {
    try {
      await ready();
      return await pool.query(text, parameters);
    } catch (error) {
      if (performance.now() > deadline || isOurMistake(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.min(25 * 2 ** attempt, longestPauseMs)));
    }
  }
}

/** SQLSTATE classes of data and syntax errors: another try would fail as well. */
const isOurMistake = ({ code }) => typeof code === 'string' && /^(?:22|23|42)/.test(code);

/** The table and its first order, made once. */
async function ready() {
  schema ??= pool
    .query(
      "create table if not exists orders (id text primary key, created_at timestamptz not null default now()); insert into orders (id) values ('1') on conflict do nothing",
    )
    .catch((error) => {
      schema = undefined;
      throw error;
    });
  await schema;
}

async function stop() {
  clearInterval(batches);
  server.close();
  server.closeAllConnections();
  await writeBatch();
  await pool.end().catch(() => undefined);
  process.exit(0);
}
