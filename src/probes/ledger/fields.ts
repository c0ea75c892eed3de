import { choice, record, text } from '../../model/field.ts';
import { body, headers, insecure } from '../http/fields.ts';
import { jsonPathPattern } from '../json/json-path-pattern.ts';

export const ledgerSettings = {
  write: record({
    http: record({
      url: text({
        description: 'Where to write. `${entry}` stands for the id of the entry, `${run}` for the id of the run.',
        pattern: '^https?://\\S+$',
        examples: ['http://127.0.0.1:7080/orders/${entry}'],
      }),
      method: choice(['PUT', 'POST', 'PATCH'])({ description: 'The method of the request.', default: 'PUT' }),
      headers,
      body,
      insecure,
    })({ description: 'A request that writes one entry. Acknowledged by any status 2xx, or as `expect` says.' }),
  })({ description: 'How one entry is written. `${entry}` must stand in its URL, its headers or its body.' }),
  read: record({
    http: record({
      url: text({
        description: 'Where to read. `${run}` stands for the id of the run: every entry begins with it.',
        pattern: '^https?://\\S+$',
        examples: ['http://127.0.0.1:7080/orders?since=${run}'],
      }),
      method: choice(['GET', 'POST'])({ description: 'The method of the request.', default: 'GET' }),
      headers,
      body,
      insecure,
    })({
      description: 'A request that is answered with all entries of this run as JSON, in one piece (at most 128 MiB).',
    }),
    ids: text({
      description: 'Where the ids stand in what is read: a JSONPath (RFC 9535). Ids of others are left out of account.',
      pattern: jsonPathPattern,
      examples: ['$[*].id', '$.orders[*].reference'],
    }),
  })({ description: 'How everything is read back at the end of the run.' }),
};
